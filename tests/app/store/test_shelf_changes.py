"""Shelves through any changes: both kinds end alike, old databases are taken over."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shelving import put, stocked
from sqlalchemy import Engine, text

from app.store.database import open_database
from app.store.migrate import MIGRATIONS
from app.store.sessions import writing
from app.store.shelf import SqlShelf
from retrieval import documents
from retrieval.documents import Document, Passage
from retrieval.keys import keys
from retrieval.memory_shelf import MemoryShelf
from retrieval.shelf import Kept, Place, Shelf

TEXTS = ["一二", "xy🦉", "zz"]
CHANGES = st.lists(
    st.tuples(st.sampled_from("pdls"), st.sampled_from("abc"), st.sampled_from(TEXTS)),
    max_size=12,
)


def change(shelf: Shelf, what: str, source: str, text: str, seed: int) -> None:
    document = Document(source, "", text).id
    match what:
        case "p":
            put(shelf, source, text, seed=seed)
        case "l" if shelf.document(document):
            shelf.place(Place(source, digest=text), document)
        case "d":
            shelf.drop("default", [source])
        case "s":
            shelf.sweep(shelf.version() - 1)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(changes=CHANGES)
def test_any_changes_leave_both_shelves_equal(
    place: Path, changes: list[tuple[str, str, str]]
) -> None:
    place.unlink(missing_ok=True)
    engine = open_database(place)
    memory, database = MemoryShelf(), SqlShelf(engine)
    for step, (what, source, words) in enumerate(changes):
        for shelf in (memory, database):
            change(shelf, what, source, words, step)
    engine.dispose()
    again = SqlShelf(open_database(place))
    assert again.catalogue() == memory.catalogue()
    assert again.places("default") == memory.places("default")
    every = [key for number in range(1, 14) for key in keys(number, 2).tolist()]
    assert again.passages(every) == memory.passages(every)
    found, wanted = stocked(again), stocked(memory)
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
    shelf.put(Kept(document, Place("a.txt"), passages, vectors, "e"))
    assert len(stocked(shelf)) == len(passages)
    assert sum(hashed) <= 3 * len(text)


OLD = "Zoë schrieb 漢字 🦉. The end."


def filled_by_the_second_version(place: Path, folder: Path) -> None:
    """Make a database of the version before editions, with one text at two places."""
    shutil.copytree(MIGRATIONS, folder)
    for newer in ("0003_editions.py", "0004_reach.py"):
        (folder / "versions" / newer).unlink()
    engine = open_database(place, migrations=folder)
    vectors = np.arange(8, dtype="<f4").tobytes()
    with writing(engine) as connection:
        for number, source in ((4, b"/a.txt"), (6, b"/copy of a.txt")):
            row = {"n": number, "c": b"default", "s": source, "d": Document("/a.txt", "A", OLD).id}
            row |= {"t": b"A", "x": OLD.encode(), "m": b'[[0, "H", null], [12, "H > I", 3]]'}
            connection.execute(
                text("INSERT INTO documents VALUES (:n, 'local', :c, :s, :d, :t, 'text/plain', :x,"
                     " :m, 'digest', 25, 2)"), row,
            )  # fmt: skip
            spans = [(number, 0, 0, 17, b"H", None), (number, 1, 18, len(OLD), b"H > I", 3)]
            for span in spans:
                names = dict(zip("npseht", span, strict=True))
                wanted = "INSERT INTO passages VALUES (:n, :p, :s, :e, :h, :t)"
                connection.execute(text(wanted), names)
            connection.execute(
                text("INSERT INTO vectors VALUES (:n, :e, 4, :d)"),
                {"n": number, "e": b"e", "d": vectors},
            )
        connection.execute(text("INSERT INTO counters VALUES ('shelf', 2)"))
    engine.dispose()


def test_an_old_database_keeps_all_that_it_holds(place: Path, tmp_path: Path) -> None:
    filled_by_the_second_version(place, tmp_path / "migrations")
    shelf = SqlShelf(open_database(place))
    (line,) = shelf.catalogue().holdings
    assert (line.source, line.also, line.digest) == ("/a.txt", ("/copy of a.txt",), "digest")
    held = shelf.document(line.document)
    assert held is not None and held.text == OLD and held.marks[1].page == 3
    assert [p.text for p, _ in stocked(shelf)] == [OLD[:17], OLD[18:]]
    found = shelf.passages(keys(line.edition, 2).tolist())
    assert [p.text for p in found.values()] == [OLD[:17], OLD[18:]]
    assert np.stack([v for _, v in stocked(shelf) if v is not None]).tolist() == [
        [0, 1, 2, 3], [4, 5, 6, 7]
    ]  # fmt: skip
    put(shelf, "/b.txt", "new text")
    assert max(shelf.catalogue().editions()) == shelf.version() > line.edition
    assert len(list(place.parent.glob("*.before-0004"))) == 1
