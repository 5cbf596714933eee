"""Where documents, passages and their vectors are kept: the protocol of a library's truth."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from retrieval.documents import Document, Passage
from retrieval.keys import Editions

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a document was read from: a source of a collection.

    `digest` is the SHA-256 (hex) of the file's bytes, `size` their number and `modified` the file's
    time in nanoseconds, both 0 where there is no file to look at again.
    """

    source: str
    collection: str = "default"
    digest: str = ""
    size: int = 0
    modified: int = 0
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """A document with its passages and their vectors, shape (len(passages), dimension).

    A vector of zeros stands for a passage that the embedder does not read.
    """

    document: Document
    place: Place
    passages: Sequence[Passage]
    vectors: Vectors
    embedder: str


@dataclass(frozen=True, slots=True)
class Stocked:
    """What the search files take in of a document; no `vectors` where another embedder's stand."""

    edition: int
    passages: tuple[Passage, ...]
    vectors: Vectors | None


@dataclass(frozen=True, slots=True)
class Holding:
    """One document as a catalogue line. `digest` is the SHA-256 (hex) of its file.

    `edition` numbers the version of it that is kept, and no other ever has that number. `also`
    names the other sources that hold the same text.
    """

    document: str
    source: str
    title: str
    media: str
    collection: str
    characters: int
    passages: int
    digest: str
    edition: int = 0
    also: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    @property
    def sources(self) -> tuple[str, ...]:
        """Every source that holds the document."""
        return (self.source, *self.also)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All that a shelf holds at one version of it, in the order in which it came."""

    version: int
    holdings: tuple[Holding, ...] = ()

    def editions(self) -> Editions:
        """Return the editions that are held, in rising order."""
        return np.unique(np.fromiter((h.edition for h in self.holdings), np.int64))

    @property
    def passages(self) -> int:
        """How many passages are held."""
        return sum(holding.passages for holding in self.holdings)


@dataclass(frozen=True, slots=True)
class Standing:
    """A place as the shelf has it, with the id of the document that it holds."""

    place: Place
    document: str
    passages: int = field(default=0, compare=False)


class Shelf(Protocol):
    """The truth of a library. Every writing call is one transaction: all is kept or nothing.

    A document that is replaced or dropped is gone from the catalogue at once. Its passages can be
    read until `sweep`, so that search files made before still find what they name.
    """

    def put(self, kept: Kept) -> None:
        """Keep a document in place of whatever its source held before in that collection.

        A text that the collection holds already is kept once: the new edition stands for every
        place that held it.
        """
        ...

    def place(self, place: Place, document: str) -> None:
        """Note that a place holds a document of its collection that is kept already.

        The version grows only if the place held something else before.
        """
        ...

    def drop(self, collection: str, sources: Collection[str]) -> int:
        """Take places away, and documents that no place holds any more; return how many places."""
        ...

    def document(self, document: str) -> Document | None:
        """Return a document by its id."""
        ...

    def passages(self, keys: Sequence[int]) -> dict[int, Passage]:
        """Return passages by their keys; those that were swept away are missing."""
        ...

    def cut(self, document: str) -> list[Passage]:
        """Return the passages of a document, in order."""
        ...

    def places(self, collection: str) -> dict[str, Standing]:
        """Return the places of a collection by their sources."""
        ...

    def catalogue(self) -> Catalogue:
        """Return all that is held, as of one moment."""
        ...

    def stock(self, editions: Editions, embedder: str) -> Iterator[Stocked]:
        """Yield the documents of these editions that are there, by rising edition."""
        ...

    def sweep(self, version: int) -> int:
        """Forget for good what was replaced or dropped up to a version; return how many."""
        ...

    def version(self) -> int:
        """A number that grows with every change."""
        ...
