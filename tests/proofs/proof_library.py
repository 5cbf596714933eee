"""Libraries for the proofs: opened on a folder, looked at, compared with one made from scratch."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from proof_texts import WORDS

from app.store.database import open_database
from app.store.shelf import SqlShelf
from retrieval.documents import Document
from retrieval.embed import HashEmbedder
from retrieval.library import Library
from retrieval.memory_shelf import MemoryShelf
from retrieval.shelf import Shelf

QUERIES = (WORDS[3], f"{WORDS[40]} {WORDS[41]} {WORDS[200]}", "part 2 of all", "天地人", "水火")
ALL = 10_000

Found = dict[tuple[str, int], tuple[int, str, float | None, tuple[str, ...]]]
"""What a query found: by document and offset the end, the text, the cosine, and the rankings."""


@dataclass(frozen=True, slots=True)
class Making:
    """How passages are cut and embedded."""

    dimension: int = 64
    size: int = 900


@contextmanager
def shelved(home: Path) -> Iterator[SqlShelf]:
    """Open the shelf in the database of a home."""
    engine = open_database(home / "vouch.db")
    try:
        yield SqlShelf(engine)
    finally:
        engine.dispose()


def opened(shelf: Shelf, home: Path, making: Making = Making()) -> Library:
    """Open the library of a home."""
    return Library(shelf, HashEmbedder(making.dimension), home / "library", size=making.size)


def found(library: Library, query: str) -> Found:
    """Return all that a query finds, and check that it is in order and nothing comes twice."""
    hits = library.search(query, ALL)
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    table: Found = {}
    for hit in hits:
        one, cosine = hit.passage, hit.cosine
        told = (one.end, one.text, None if cosine is None else round(cosine, 4), hit.found_by)
        assert (one.document, one.start) not in table, "found twice"
        table[one.document, one.start] = told
    return table


def answers(library: Library, queries: Sequence[str] = QUERIES) -> list[Found]:
    """Return what each query finds."""
    return [found(library, query) for query in queries]


def whole(library: Library) -> None:
    """Check that nothing is half: texts, passages, vectors, search files."""
    assert list(library.faults()) == []
    documents = [holding.document for holding in library.holdings()]
    assert len(set(documents)) == len(documents), "a text is kept twice"


def sources(library: Library) -> dict[str, set[str]]:
    """Return the sources of each document."""
    return {holding.document: set(holding.sources) for holding in library.holdings()}


def from_scratch(
    documents: Sequence[Document], folder: Path, making: Making = Making()
) -> list[Found]:
    """Return what a library finds that never knew anything but these documents."""
    library = opened(MemoryShelf(), folder, making)
    library.put(documents)
    return answers(library)


def texts_of(library: Library) -> list[Document]:
    """Return all documents of a library."""
    found = [library.open(holding.document) for holding in library.holdings()]
    assert None not in found
    return [document for document in found if document is not None]
