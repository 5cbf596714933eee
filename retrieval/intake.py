"""Brings files onto the shelf one by one: read, split, embedded in batches, kept."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.documents import Document, Passage
from retrieval.embed import Embedder
from retrieval.errors import UserError
from retrieval.progress import Added, Duplicate, Embedding, Failed, Indexed, Progress, Unchanged
from retrieval.readers.files import load, parse
from retrieval.shelf import Holding, Shelf
from retrieval.split import in_context, split

BATCH = 64
"""Passages of small files are embedded together until there are this many."""

SLICE = 256
"""Passages of a large file are embedded so many at a time, with word of it in between."""


@dataclass(frozen=True, slots=True)
class _Read:
    """A file that is read and split but not yet kept."""

    path: str
    document: Document
    passages: tuple[Passage, ...]
    digest: str


@dataclass(slots=True)
class _Known:
    """What a collection holds: digest and document of each source, and each document's source."""

    digests: dict[str, str]
    documents: dict[str, str]
    owners: dict[str, str]

    def claim(self, document: str, source: str) -> str:
        """Make `source` the owner of a document if it has none; return the owner."""
        before = self.documents.pop(source, "")
        if self.owners.get(before) == source:
            del self.owners[before]
        owner = self.owners.setdefault(document, source)
        if owner == source:
            self.documents[source] = document
        return owner


class Intake:
    """The way of files onto a shelf. At most the files of one batch are lost when it is killed."""

    def __init__(self, shelf: Shelf, embedder: Embedder, size: int) -> None:
        self._shelf = shelf
        self._embedder = embedder
        self._size = size

    def add(self, paths: list[Path], collection: str) -> Iterator[Progress]:
        """Take in files; one that cannot be read is told of as `Failed` and left out."""
        yield from _counted(self._add(paths, collection), len(paths))

    def again(self) -> Iterator[Progress]:
        """Split and embed every document of the shelf again."""
        holdings = self._shelf.holdings()
        yield from _counted(self._again(holdings), len(holdings))

    def _add(self, paths: list[Path], collection: str) -> Iterator[Progress]:
        held = [h for h in self._shelf.holdings() if h.collection == collection]
        known = _Known(
            digests={holding.source: holding.digest for holding in held},
            documents={holding.source: holding.document for holding in held},
            owners={holding.document: holding.source for holding in held},
        )
        batch: list[_Read] = []
        for path in paths:
            step = self._look(path, collection, known)
            if not isinstance(step, _Read):
                yield step
                continue
            batch.append(step)
            if sum(len(read.passages) for read in batch) >= BATCH:
                yield from self._keep(batch)
                batch = []
        yield from self._keep(batch)

    def _again(self, holdings: list[Holding]) -> Iterator[Progress]:
        for holding in holdings:
            document = self._shelf.document(holding.document)
            if document is None:
                yield Failed(holding.source, "its text is gone from the library")
                continue
            passages = tuple(split(document, size=self._size))
            yield from self._keep([_Read(holding.source, document, passages, holding.digest)])

    def _look(self, path: Path, collection: str, known: _Known) -> _Read | Progress:
        """Read a file, unless the shelf holds what it says."""
        source = str(path)
        try:
            data = load(path)
            digest = hashlib.sha256(data).hexdigest()
            if known.digests.get(source) == digest:
                return Unchanged(source)
            document = parse(data, path, collection)
        except UserError as error:
            return Failed(source, str(error))
        owner = known.claim(document.id, source)
        if owner != source:
            # What the source held before is out of date, and what it holds now is kept elsewhere.
            self._shelf.drop(source, collection)
            return Duplicate(source, owner)
        return _Read(source, document, tuple(split(document, size=self._size)), digest)

    def _keep(self, batch: list[_Read]) -> Iterator[Progress]:
        """Embed the passages of a batch and put its documents on the shelf, one by one."""
        texts = [in_context(passage) for read in batch for passage in read.passages]
        parts: list[NDArray[np.float32]] = []
        for at in range(0, len(texts), SLICE):
            parts.append(self._embedder.encode(texts[at : at + SLICE]))
            if len(texts) > SLICE + BATCH:
                yield Embedding(min(at + SLICE, len(texts)), len(texts))
        at = 0
        embedded = np.concatenate(parts) if parts else None
        for read in batch:
            assert embedded is not None
            begin, at = at, at + len(read.passages)
            self._shelf.put(
                read.document,
                read.passages,
                embedded[begin:at],
                embedder=self._embedder.id,
                digest=read.digest,
            )
            yield Added(read.path, read.document.id, len(read.passages))


def _counted(steps: Iterator[Progress], total: int) -> Iterator[Progress]:
    """Number the steps by the files that are dealt with."""
    done = 0
    for step in steps:
        done += not isinstance(step, Embedding)
        yield step if isinstance(step, Indexed) else replace(step, done=done, total=total)
