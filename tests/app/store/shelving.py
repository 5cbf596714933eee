"""Documents for the tests of shelves, and a shelf's content as they look at it."""

import numpy as np

from retrieval import documents
from retrieval.documents import Document, Mark, Passage
from retrieval.shelf import Kept, Place, Shelf, Vectors


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


def kept(
    source: str, text: str, embedder: str = "e", seed: int = 0, tags: tuple[str, ...] = ()
) -> Kept:
    document = Document(source, f"Title of {text[:1]}", text, marks=(Mark(0, "A"), Mark(2, "B", 7)))
    passages = cut(document, (0, 2), (2, len(text)))
    digest = documents.content_id(text)
    place = Place(source, digest=digest, size=len(text), modified=10**18, tags=tags)
    return Kept(document, place, passages, numbers(2, seed), embedder)


def put(shelf: Shelf, source: str, text: str, embedder: str = "e", seed: int = 0) -> Document:
    one = kept(source, text, embedder, seed)
    shelf.put(one)
    return one.document


def stocked(shelf: Shelf, embedder: str = "e") -> list[tuple[Passage, Vectors | None]]:
    """Return every passage of the catalogue with its vector."""
    found = []
    for one in shelf.stock(shelf.catalogue().editions(), embedder):
        for at, passage in enumerate(one.passages):
            found.append((passage, None if one.vectors is None else one.vectors[at]))
    return found


def sources(shelf: Shelf) -> list[str]:
    return [holding.source for holding in shelf.catalogue().holdings]


def edition(shelf: Shelf, source: str) -> int:
    return next(h.edition for h in shelf.catalogue().holdings if source in h.sources)
