"""Where documents, passages and their vectors are kept: the protocol, and a shelf in memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from retrieval.documents import Document, Passage

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Holding:
    """One document as a catalogue line. `digest` is the SHA-256 (hex) of its file."""

    document: str
    source: str
    title: str
    media: str
    collection: str
    characters: int
    passages: int
    digest: str


class Shelf(Protocol):
    """The truth of a library. Every writing call is one transaction: all is kept or nothing."""

    def put(
        self,
        document: Document,
        passages: Sequence[Passage],
        vectors: Vectors,
        *,
        embedder: str,
        digest: str,
    ) -> None:
        """Keep a document with its passages and their vectors, shape (len(passages), dimension),
        in place of whatever its source held before in that collection."""
        ...

    def drop(self, source: str, collection: str = "default") -> bool:
        """Remove the document of a source; False if there is none."""
        ...

    def document(self, document: str) -> Document | None:
        """Return a document by its id."""
        ...

    def holdings(self) -> list[Holding]:
        """Return the catalogue, in the order in which documents were added."""
        ...

    def stock(self, embedder: str) -> Iterator[tuple[Passage, NDArray[np.float32] | None]]:
        """Yield every passage with its vector, in a stable order; None for another embedder's."""
        ...

    def version(self) -> int:
        """A number that grows with every change."""
        ...


class MemoryShelf:
    """A shelf for tests and throw-away libraries; nothing outlives the process."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], _Kept] = {}
        self._version = 0

    def put(
        self,
        document: Document,
        passages: Sequence[Passage],
        vectors: Vectors,
        *,
        embedder: str,
        digest: str,
    ) -> None:
        key = (document.collection, document.source)
        self._kept[key] = _Kept(document, tuple(passages), vectors.copy(), embedder, digest)
        self._version += 1

    def drop(self, source: str, collection: str = "default") -> bool:
        dropped = self._kept.pop((collection, source), None) is not None
        self._version += dropped
        return dropped

    def document(self, document: str) -> Document | None:
        return next((k.document for k in self._kept.values() if k.document.id == document), None)

    def holdings(self) -> list[Holding]:
        return [kept.holding() for kept in self._kept.values()]

    def stock(self, embedder: str) -> Iterator[tuple[Passage, NDArray[np.float32] | None]]:
        for kept in list(self._kept.values()):
            for passage, vector in zip(kept.passages, kept.vectors, strict=True):
                yield passage, vector if kept.embedder == embedder else None

    def version(self) -> int:
        return self._version


@dataclass(frozen=True, slots=True)
class _Kept:
    document: Document
    passages: tuple[Passage, ...]
    vectors: Vectors
    embedder: str
    digest: str

    def holding(self) -> Holding:
        document = self.document
        return Holding(
            document=document.id,
            source=document.source,
            title=document.title,
            media=document.media,
            collection=document.collection,
            characters=len(document.text),
            passages=len(self.passages),
            digest=self.digest,
        )
