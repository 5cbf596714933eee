"""The contract of a shelf, for the one in memory and the one in the database."""

import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from app.store.database import open_database
from app.store.shelf import SqlShelf
from retrieval import documents
from retrieval.documents import Document, Mark, Passage
from retrieval.shelf import MemoryShelf, Shelf, Vectors


def cut(document: Document, *spans: tuple[int, int]) -> list[Passage]:
    return [
        Passage(
            document=document.id,
            source=document.source,
            title=document.title,
            text=document.text[start:end],
            start=start,
            end=end,
            heading=f"part {start}",
            page=start or None,
        )
        for start, end in spans
    ]


def numbers(rows: int, seed: int = 0, dimension: int = 4) -> Vectors:
    drawn = np.random.default_rng(seed).standard_normal((rows, dimension))
    return drawn.astype(np.float32)


def put(shelf: Shelf, source: str, text: str, embedder: str = "e", seed: int = 0) -> Document:
    document = Document(source, f"Title of {source}", text, marks=(Mark(0, "A"), Mark(2, "B", 7)))
    passages = cut(document, (0, 2), (2, len(text)))
    vectors = numbers(2, seed)
    shelf.put(document, passages, vectors, embedder=embedder, digest="d" * 64)
    return document


class ShelfContract:
    """What every shelf does."""

    def test_a_document_comes_back_as_it_was(self, shelf: Shelf) -> None:
        kept = put(shelf, "a.txt", "Zoë wrote 漢字.\0\ud800")
        assert shelf.document(kept.id) == kept
        assert shelf.document("unknown") is None

    def test_passages_come_back_with_their_vectors_in_order(self, shelf: Shelf) -> None:
        first, second = put(shelf, "a", "first text", seed=1), put(shelf, "b", "second", seed=2)
        found = list(shelf.stock("e"))
        wanted = cut(first, (0, 2), (2, 10)) + cut(second, (0, 2), (2, 6))
        assert [passage for passage, _ in found] == wanted
        vectors = np.stack([vector for _, vector in found if vector is not None])
        assert vectors.dtype == np.float32
        assert np.array_equal(vectors, np.concatenate([numbers(2, 1), numbers(2, 2)]))

    def test_vectors_of_another_embedder_are_none(self, shelf: Shelf) -> None:
        put(shelf, "a", "text", embedder="old")
        put(shelf, "b", "text too", embedder="new")
        assert [vector is None for _, vector in shelf.stock("new")] == [True, True, False, False]

    def test_a_source_holds_one_document_and_keeps_its_place(self, shelf: Shelf) -> None:
        old = put(shelf, "a", "old text")
        put(shelf, "b", "another")
        new = put(shelf, "a", "new text")
        assert [h.document for h in shelf.holdings()] == [new.id, shelf.holdings()[1].document]
        assert [h.source for h in shelf.holdings()] == ["a", "b"]
        assert shelf.document(old.id) is None
        assert len(list(shelf.stock("e"))) == 4

    def test_the_catalogue_says_what_is_held(self, shelf: Shelf) -> None:
        kept = put(shelf, "a", "some text")
        (line,) = shelf.holdings()
        assert (line.document, line.source, line.title) == (kept.id, "a", "Title of a")
        assert (line.media, line.collection, line.digest) == ("text/plain", "default", "d" * 64)
        assert (line.characters, line.passages) == (9, 2)

    def test_dropping_removes_all_of_one_source(self, shelf: Shelf) -> None:
        kept = put(shelf, "a", "text")
        put(shelf, "b", "more text")
        assert shelf.drop("a")
        assert not shelf.drop("a")
        assert not shelf.drop("b", "another collection")
        assert shelf.document(kept.id) is None
        assert {passage.source for passage, _ in shelf.stock("e")} == {"b"}

    def test_a_dropped_source_returns_at_the_end(self, shelf: Shelf) -> None:
        put(shelf, "a", "text")
        put(shelf, "b", "more text")
        shelf.drop("a")
        put(shelf, "a", "text")
        assert [h.source for h in shelf.holdings()] == ["b", "a"]

    def test_equal_texts_of_two_sources_are_both_held(self, shelf: Shelf) -> None:
        kept = put(shelf, "a", "same")
        assert put(shelf, "b", "same").id == kept.id
        shelf.drop("a")
        found = shelf.document(kept.id)
        assert found is not None
        assert found.source == "b"

    def test_the_version_grows_with_every_change_only(self, shelf: Shelf) -> None:
        seen = [shelf.version()]
        put(shelf, "a", "text")
        seen.append(shelf.version())
        put(shelf, "a", "text")
        seen.append(shelf.version())
        shelf.drop("a")
        seen.append(shelf.version())
        assert seen == sorted(set(seen))
        shelf.drop("a")
        list(shelf.stock("e"))
        assert shelf.version() == seen[-1]

    def test_a_document_without_passages_is_held(self, shelf: Shelf) -> None:
        document = Document("a", "A", "")
        shelf.put(document, [], np.zeros((0, 4), np.float32), embedder="e", digest="")
        assert shelf.document(document.id) == document
        assert list(shelf.stock("e")) == []

    def test_the_stock_may_be_changed_while_it_is_read(self, shelf: Shelf) -> None:
        for name in "abc":
            put(shelf, name, f"text {name}")
        for passage, _ in shelf.stock("e"):
            put(shelf, passage.source, f"new {passage.source}")
        assert len(list(shelf.stock("e"))) == 6


class TestMemoryShelf(ShelfContract):
    @pytest.fixture
    def shelf(self) -> Shelf:
        return MemoryShelf()


class TestSqlShelf(ShelfContract):
    @pytest.fixture
    def shelf(self, engine: Engine) -> Shelf:
        return SqlShelf(engine)

    def test_all_is_there_when_the_database_is_opened_again(self, place: Path) -> None:
        engine = open_database(place)
        kept = put(SqlShelf(engine), "a", "some text", seed=3)
        version = SqlShelf(engine).version()
        engine.dispose()
        again = SqlShelf(open_database(place))
        assert again.document(kept.id) == kept
        assert again.version() == version
        vectors = [vector for _, vector in again.stock("e") if vector is not None]
        assert np.array_equal(np.stack(vectors), numbers(2, 3))

    def test_what_does_not_fit_is_refused_and_nothing_changes(self, engine: Engine) -> None:
        shelf = SqlShelf(engine)
        kept = put(shelf, "a", "some text")
        version = shelf.version()
        with pytest.raises(ValueError, match="vectors"):
            shelf.put(kept, cut(kept, (0, 2)), numbers(2), embedder="e", digest="")
        stranger = cut(Document("a", kept.title, "other text"), (0, 2))
        with pytest.raises(ValueError, match="passage"):
            shelf.put(kept, stranger, numbers(1), embedder="e", digest="")
        assert shelf.version() == version
        assert len(list(shelf.stock("e"))) == 2

    def test_owners_do_not_see_each_other(self, engine: Engine) -> None:
        mine, hers = SqlShelf(engine, "me"), SqlShelf(engine, "her")
        kept = put(mine, "a", "my text")
        assert hers.document(kept.id) is None
        assert not hers.drop("a")
        assert (hers.holdings(), list(hers.stock("e"))) == ([], [])

    def test_more_documents_than_one_batch(self, engine: Engine) -> None:
        shelf = SqlShelf(engine)
        for number in range(130):
            put(shelf, f"{number}", f"text {number}", seed=number)
        found = list(shelf.stock("e"))
        assert [p.source for p, _ in found[::2]] == [str(n) for n in range(130)]
        assert np.array_equal(np.stack([v for _, v in found[-2:]]), numbers(2, 129))  # type: ignore[arg-type]

    def test_threads_may_write_at_once(self, engine: Engine) -> None:
        shelf = SqlShelf(engine)

        def work(name: str) -> None:
            for number in range(10):
                put(shelf, f"{name}{number}", f"text {name} {number}")

        threads = [threading.Thread(target=work, args=(name,)) for name in "abc"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(shelf.holdings()) == 30
        assert shelf.version() == 30


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    changes=st.lists(
        st.tuples(st.sampled_from("pd"), st.sampled_from("abc"), st.text(min_size=2, max_size=6)),
        max_size=8,
    )
)
def test_any_changes_leave_both_shelves_equal(
    place: Path, changes: list[tuple[str, str, str]]
) -> None:
    engine = open_database(place)
    memory, kept = MemoryShelf(), SqlShelf(engine)
    for source in "abc":
        kept.drop(source)
    for step, (change, source, text) in enumerate(changes):
        for shelf in (memory, kept):
            if change == "p":
                put(shelf, source, text, seed=step)
            else:
                shelf.drop(source)
    engine.dispose()
    again = SqlShelf(open_database(place))
    assert again.holdings() == memory.holdings()
    found, wanted = list(again.stock("e")), list(memory.stock("e"))
    assert [p for p, _ in found] == [p for p, _ in wanted]
    assert all(np.array_equal(a, b) for (_, a), (_, b) in zip(found, wanted, strict=True))  # type: ignore[arg-type]


def test_work_of_keeping_and_reading_grows_with_the_text_and_not_its_square(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = SqlShelf(engine)
    text = "word " * 1000
    document = Document("a.txt", "A", text)
    passages = [
        Passage(document.id, "a.txt", "A", text[at : at + 4], at, at + 4)
        for at in range(0, len(text), 5)
    ]
    hashed: list[int] = []
    plain = documents.content_id

    def counting(*parts: str) -> str:
        hashed.append(sum(map(len, parts)))
        return plain(*parts)

    monkeypatch.setattr(documents, "content_id", counting)
    vectors = np.ones((len(passages), 2), np.float32)
    shelf.put(document, passages, vectors, embedder="e", digest="d")
    assert len(list(shelf.stock("e"))) == len(passages)
    assert sum(hashed) <= 3 * len(text)
