"""The contract of a shelf, for the one in memory and the one in the database."""

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from shelving import cut, edition, kept, numbers, put, sources, stocked
from sqlalchemy import Engine

from app.store.database import open_database
from app.store.shelf import SqlShelf
from retrieval import documents
from retrieval.documents import Document
from retrieval.keys import keys
from retrieval.memory_shelf import MemoryShelf
from retrieval.shelf import Kept, Place, Shelf


class ShelfContract:
    """What every shelf does."""

    def test_a_document_comes_back_as_it_was(self, shelf: Shelf) -> None:
        held = put(shelf, "a.txt", "Zoë wrote 漢字.\0\ud800")
        assert shelf.document(held.id) == held
        assert shelf.document("unknown") is None

    def test_passages_come_back_with_their_vectors_in_order(self, shelf: Shelf) -> None:
        first, second = put(shelf, "a", "first text", seed=1), put(shelf, "b", "second", seed=2)
        wanted = cut(first, (0, 2), (2, 10)) + cut(second, (0, 2), (2, 6))
        assert [passage for passage, _ in stocked(shelf)] == wanted
        vectors = np.stack([vector for _, vector in stocked(shelf) if vector is not None])
        assert vectors.dtype == np.float32
        assert np.array_equal(vectors, np.concatenate([numbers(2, 1), numbers(2, 2)]))
        assert shelf.cut(first.id) == wanted[:2] and shelf.cut("unknown") == []

    def test_passages_are_found_by_their_keys(self, shelf: Shelf) -> None:
        first, second = put(shelf, "a", "Zoë 漢字\ud800 🦉."), put(shelf, "b", "second")
        one, two = keys(edition(shelf, "a"), 2).tolist(), keys(edition(shelf, "b"), 3).tolist()
        found = shelf.passages([two[1], one[0], one[1], two[2], 77 << 30])
        wanted = cut(first, (0, 2), (2, len(first.text))) + cut(second, (2, 6))
        assert found == {one[0]: wanted[0], one[1]: wanted[1], two[1]: wanted[2]}

    def test_vectors_of_another_embedder_are_none(self, shelf: Shelf) -> None:
        put(shelf, "a", "text", embedder="old")
        put(shelf, "b", "more text", embedder="new")
        found = [vector is None for _, vector in stocked(shelf, "new")]
        assert found == [True, True, False, False]

    def test_a_source_holds_one_document(self, shelf: Shelf) -> None:
        old = put(shelf, "a", "old text")
        put(shelf, "b", "another")
        new = put(shelf, "a", "new text")
        assert sorted(sources(shelf)) == ["a", "b"]
        assert shelf.document(old.id) is None and shelf.document(new.id) == new
        assert len(stocked(shelf)) == 4

    def test_the_catalogue_says_what_is_held(self, shelf: Shelf) -> None:
        one = kept("a", "some text", tags=("new", "law"))
        shelf.put(one)
        (line,) = shelf.catalogue().holdings
        assert (line.document, line.source, line.title) == (one.document.id, "a", "Title of s")
        assert (line.media, line.collection) == ("text/plain", "default")
        assert line.digest == one.place.digest
        assert (line.characters, line.passages, line.tags) == (9, 2, ("law", "new"))
        assert shelf.catalogue().version == shelf.version()
        held = shelf.places("default")["a"]
        assert (held.place, held.document) == (one.place, one.document.id)
        assert shelf.places("another") == {}

    def test_dropping_removes_all_of_one_source(self, shelf: Shelf) -> None:
        one = put(shelf, "a", "text")
        put(shelf, "b", "more text")
        assert shelf.drop("default", ["a", "a", "never"]) == 1
        assert shelf.drop("default", ["a"]) == 0
        assert shelf.drop("another", ["b"]) == 0
        assert shelf.document(one.id) is None
        assert {passage.source for passage, _ in stocked(shelf)} == {"b"}

    def test_a_text_of_two_places_is_kept_once_and_until_the_last_goes(self, shelf: Shelf) -> None:
        one = put(shelf, "b", "same")
        shelf.place(Place("a", digest="copy"), one.id)
        (line,) = shelf.catalogue().holdings
        assert (line.source, line.also) == ("b", ("a",))
        assert line.digest == documents.content_id("same")
        shelf.drop("default", ["b"])
        (line,) = shelf.catalogue().holdings
        assert (line.source, line.also, line.digest) == ("a", (), "copy")
        assert [passage.source for passage, _ in stocked(shelf)] == ["a", "a"]
        shelf.drop("default", ["a"])
        assert shelf.catalogue().holdings == ()

    def test_a_new_edition_stands_for_every_place(self, shelf: Shelf) -> None:
        one = put(shelf, "b", "same", embedder="old")
        shelf.place(Place("a"), one.id)
        before = edition(shelf, "a")
        put(shelf, "b", "same", embedder="new", seed=5)
        assert edition(shelf, "a") == edition(shelf, "b") > before
        assert all(vector is not None for _, vector in stocked(shelf, "new"))

    def test_a_place_of_no_document_is_an_error_and_changes_nothing(self, shelf: Shelf) -> None:
        with pytest.raises(KeyError):
            shelf.place(Place("a"), "unknown")
        assert shelf.version() == 0 and shelf.places("default") == {}

    def test_a_place_that_changes_hands_ends_what_it_held(self, shelf: Shelf) -> None:
        old, new = put(shelf, "a", "old text"), put(shelf, "b", "new text")
        shelf.place(Place("a"), new.id)
        assert shelf.document(old.id) is None
        assert sources(shelf) == ["b"]

    def test_what_went_can_be_read_until_it_is_swept(self, shelf: Shelf) -> None:
        put(shelf, "a", "old text")
        gone = keys(edition(shelf, "a"), 2).tolist()
        put(shelf, "a", "new text")
        put(shelf, "b", "other")
        version = shelf.version()
        dropped = keys(edition(shelf, "b"), 2).tolist()
        shelf.drop("default", ["b"])
        assert [p.text for p in shelf.passages(gone + dropped).values()] == [
            "ol", "d text", "ot", "her"
        ]  # fmt: skip
        assert shelf.sweep(version) == 1
        assert [p.text for p in shelf.passages(gone + dropped).values()] == ["ot", "her"]
        assert (shelf.sweep(shelf.version()), shelf.sweep(shelf.version())) == (1, 0)
        assert shelf.passages(gone + dropped) == {}
        assert sources(shelf) == ["a"]

    def test_the_version_grows_with_every_change_only(self, shelf: Shelf) -> None:
        seen = [shelf.version()]
        one = put(shelf, "a", "text")
        seen.append(shelf.version())
        put(shelf, "a", "text")
        seen.append(shelf.version())
        shelf.place(Place("b"), one.id)
        seen.append(shelf.version())
        shelf.drop("default", ["a"])
        seen.append(shelf.version())
        assert seen == sorted(set(seen))
        shelf.drop("default", ["a"])
        shelf.place(Place("b", digest="new", tags=("x",)), one.id)
        shelf.sweep(seen[-1])
        stocked(shelf)
        assert shelf.version() == seen[-1]
        assert shelf.places("default")["b"].place.tags == ("x",)

    def test_no_edition_is_ever_named_twice(self, shelf: Shelf) -> None:
        seen = []
        for _ in range(3):
            put(shelf, "a", "text")
            seen.append(edition(shelf, "a"))
            shelf.drop("default", ["a"])
            shelf.sweep(shelf.version())
        assert len(set(seen)) == 3

    def test_a_document_without_passages_is_held(self, shelf: Shelf) -> None:
        document = Document("a", "A", "")
        nothing = np.zeros((0, 4), np.float32)
        shelf.put(Kept(document, Place("a"), [], nothing, "e"))
        assert shelf.document(document.id) == document
        assert stocked(shelf) == []

    def test_the_stock_may_be_changed_while_it_is_read(self, shelf: Shelf) -> None:
        for name in "abc":
            put(shelf, name, f"text {name}")
        for one in shelf.stock(shelf.catalogue().editions(), "e"):
            put(shelf, one.passages[0].source, f"new {one.passages[0].source}")
        assert len(stocked(shelf)) == 6


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
        one = put(SqlShelf(engine), "a", "some text", seed=3)
        catalogue = SqlShelf(engine).catalogue()
        engine.dispose()
        again = SqlShelf(open_database(place))
        assert again.document(one.id) == one
        assert again.catalogue() == catalogue
        vectors = [vector for _, vector in stocked(again) if vector is not None]
        assert np.array_equal(np.stack(vectors), numbers(2, 3))

    def test_what_does_not_fit_is_refused_and_nothing_changes(self, engine: Engine) -> None:
        shelf = SqlShelf(engine)
        one = kept("a", "some text")
        shelf.put(one)
        version = shelf.version()
        with pytest.raises(ValueError, match="vectors"):
            shelf.put(replace(one, passages=one.passages[:1]))
        stranger = cut(Document("a", one.document.title, "other text"), (0, 2), (2, 10))
        with pytest.raises(ValueError, match="passage"):
            shelf.put(replace(one, passages=stranger))
        with pytest.raises(ValueError, match="passage"):
            shelf.put(replace(one, passages=one.passages[::-1]))
        assert shelf.version() == version
        assert len(stocked(shelf)) == 2

    def test_owners_do_not_see_each_other(self, engine: Engine) -> None:
        mine, hers = SqlShelf(engine, "me"), SqlShelf(engine, "her")
        one = put(mine, "a", "my text")
        assert hers.document(one.id) is None and hers.cut(one.id) == []
        assert hers.drop("default", ["a"]) == 0
        held = mine.catalogue().editions()
        assert (hers.catalogue().holdings, list(hers.stock(held, "e"))) == ((), [])
        assert hers.passages(keys(int(held[0]), 2).tolist()) == {}

    def test_more_documents_than_one_batch(self, engine: Engine) -> None:
        shelf = SqlShelf(engine)
        for number in range(130):
            put(shelf, f"{number}", f"text {number}", seed=number)
        found = stocked(shelf)
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
        assert len(sources(shelf)) == 30
        assert shelf.version() == 30
