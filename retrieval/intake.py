"""Brings texts onto the shelf one by one: read, split, embedded in batches, kept."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from retrieval.documents import Document, Passage
from retrieval.embed import Embedder, Vectors, embedded
from retrieval.errors import UserError
from retrieval.ledger import Ledger
from retrieval.parsing import Parsing
from retrieval.progress import (
    Added,
    Changed,
    Duplicate,
    Embedding,
    Failed,
    Moved,
    Progress,
    Removed,
    Unchanged,
)
from retrieval.readers.files import load
from retrieval.shelf import Holding, Kept, Place, Shelf, Standing
from retrieval.split import in_context, split
from retrieval.walk import Seen

BATCH = 256
"""Passages of small files are embedded together until there are this many."""

SLICE = 128
"""Passages are embedded so many at a time, with word of it in between."""


@dataclass(frozen=True, slots=True)
class _Read:
    """A text that is read and split but not yet kept; `before` says that its place held another."""

    document: Document
    place: Place
    passages: tuple[Passage, ...]
    before: bool = False


@dataclass(frozen=True, slots=True)
class _Same:
    """A place that holds a text which is kept already, or is about to be."""

    place: Place
    document: str


class Intake:
    """The way of texts onto a shelf. At most the files of one batch are lost when it is killed."""

    def __init__(self, shelf: Shelf, embedder: Embedder, parsing: Parsing, size: int) -> None:
        self._shelf = shelf
        self._embedder = embedder
        self._parsing = parsing
        self._size = size

    def files(self, ledger: Ledger) -> Iterator[Progress]:
        """Take in what has changed in files and folders, and take out what is gone from them.

        A file that cannot be read is told of as `Failed` and left out. What is gone is taken out
        at the end, so that a call which is broken off removes nothing.
        """
        total = len(ledger.closed) + len(ledger.outward) + len(ledger.seen)
        yield from _counted(self._files(ledger), total)

    def documents(
        self, documents: Sequence[Document], tags: tuple[str, ...] = ()
    ) -> Iterator[Progress]:
        """Take in texts that come from no file, each in place of what its source held."""
        reads = (self._cut(document, tags) for document in documents)
        yield from _counted(self._batched(reads), len(documents))

    def again(self, holdings: Sequence[Holding]) -> Iterator[Progress]:
        """Split and embed documents of the shelf again, but for those that are as they would be."""
        yield from _counted(self._batched(self._again(holdings)), len(holdings))

    def mend(self, holdings: Sequence[Holding]) -> Iterator[Progress]:
        """Cut and embed damaged documents again, from their texts or else from their files."""
        yield from _counted(self._batched(self._mend(holdings)), len(holdings))

    def _files(self, ledger: Ledger) -> Iterator[Progress]:
        for path in ledger.closed:
            closed = UserError(
                f"{str(path)!r} cannot be looked into", cure="give it free to be read, or leave it"
            )
            yield Failed(str(path), str(closed))
        for path in ledger.outward:
            out = UserError(
                f"{str(path)!r} leads to a file outside of what you named",
                cure="add that file by its own name",
            )
            yield Failed(str(path), str(out))
        batch: list[_Read] = []
        for seen in ledger.seen:
            step = self._look(seen, ledger)
            if isinstance(step, _Read):
                ledger.claim(step.place, step.document.id)
                batch.append(step)
            if isinstance(step, _Same) or sum(len(read.passages) for read in batch) >= BATCH:
                # The text that a file repeats may be in the batch.
                yield from self._keep(batch)
                batch = []
            if isinstance(step, _Same):
                yield self._placed(step, ledger)
            elif not isinstance(step, _Read):
                yield step
        yield from self._keep(batch)
        for source in ledger.gone:
            # One by one, for each is told of when it is done.
            self._shelf.drop(ledger.collection, [source])
            if source not in ledger.moved:
                yield Removed(source)

    def _look(self, seen: Seen, ledger: Ledger) -> _Read | _Same | Progress:
        """Read a file, unless the shelf holds what it says."""
        held = ledger.held.get(str(seen.path))
        if held and ledger.untouched(seen):
            tags = ledger.tagged(held.place)
            if tags != held.place.tags:
                self._shelf.place(replace(held.place, tags=tags), held.document)
            return Unchanged(held.place.source)
        try:
            data = load(seen.path)
            place = ledger.place(seen, hashlib.sha256(data).hexdigest())
            if (document := ledger.same_file(place)) is not None:
                return _Same(place, document)
            read = self._parsing.parse(data, seen.path, ledger.collection)
        except UserError as error:
            return Failed(str(seen.path), str(error))
        if ledger.holder(read.id):
            return _Same(place, read.id)
        passages = tuple(split(read, size=self._size))
        return _Read(read, place, passages, before=held is not None)

    def _placed(self, same: _Same, ledger: Ledger) -> Progress:
        """Note that a file holds a text that is kept: it is as it was, came from elsewhere, or is
        a copy."""
        place, source = same.place, same.place.source
        held = ledger.held.get(source)
        stays = held is not None and held.document == same.document
        before = "" if stays else ledger.mover(same.document)
        place = ledger.heir(place, before) if before else place
        owner = ledger.holder(same.document)
        self._shelf.place(place, same.document)
        ledger.claim(place, same.document)
        if stays:
            return Unchanged(source)
        return Moved(source, before) if before else Duplicate(source, owner)

    def _cut(self, document: Document, tags: tuple[str, ...]) -> _Read:
        place = Place(document.source, document.collection, tags=tags)
        return _Read(document, place, tuple(split(document, size=self._size)))

    def _batched(self, steps: Iterable[_Read | Progress]) -> Iterator[Progress]:
        """Pass steps on, and keep what was read as soon as it makes a batch."""
        batch: list[_Read] = []
        for step in steps:
            if not isinstance(step, _Read):
                yield step
                continue
            batch.append(step)
            if sum(len(read.passages) for read in batch) >= BATCH:
                yield from self._keep(batch)
                batch = []
        yield from self._keep(batch)

    def _standing(self, holdings: Sequence[Holding]) -> Iterator[tuple[Holding, Place | None]]:
        """Yield holdings with their places; None for one whose place is gone."""
        places: dict[str, dict[str, Standing]] = {}
        for holding in holdings:
            home = holding.collection
            if home not in places:
                places[home] = self._shelf.places(home)
            standing = places[home].get(holding.source)
            yield holding, standing.place if standing else None

    def _again(self, holdings: Sequence[Holding]) -> Iterator[_Read | Progress]:
        for holding, place in self._standing(holdings):
            document = self._shelf.document(holding.document)
            if document is None or place is None:
                yield Failed(holding.source, "its text is gone from the library")
                continue
            passages = tuple(split(document, size=self._size))
            if self._as_it_would_be(holding, passages):
                yield Unchanged(holding.source)
            else:
                yield _Read(document, place, passages, before=True)

    def _mend(self, holdings: Sequence[Holding]) -> Iterator[_Read | Progress]:
        for holding, place in self._standing(holdings):
            document = self._shelf.document(holding.document)
            try:
                if place is None:
                    raise UserError(f"{holding.source!r} is held from nowhere", cure="add it again")
                if document is None or document.id != holding.document:
                    document = self._read_again(place)
            except UserError as error:
                yield Failed(holding.source, str(error))
                continue
            passages = tuple(split(document, size=self._size))
            yield _Read(document, place, passages, before=True)

    def _read_again(self, place: Place) -> Document:
        """Read a file that is as it was when it was read."""
        path = Path(place.source)
        data = load(path)
        if hashlib.sha256(data).hexdigest() != place.digest:
            raise UserError(
                f"{place.source!r} has changed since it was read, and its text is damaged",
                cure="add it again",
            )
        return self._parsing.parse(data, path, place.collection)

    def _as_it_would_be(self, holding: Holding, passages: tuple[Passage, ...]) -> bool:
        editions = np.array([holding.edition], np.int64)
        stocked = next(self._shelf.stock(editions, self._embedder.id), None)
        return stocked is not None and stocked.vectors is not None and stocked.passages == passages

    def _keep(self, batch: Sequence[_Read]) -> Iterator[Progress]:
        """Embed the passages of a batch and put its documents on the shelf, one by one."""
        texts = [in_context(passage) for read in batch for passage in read.passages]
        parts: list[Vectors] = []
        for at in range(0, len(texts), SLICE):
            parts.append(embedded(self._embedder, texts[at : at + SLICE]))
            if len(texts) > SLICE:
                yield Embedding(min(at + SLICE, len(texts)), len(texts))
        vectors = np.concatenate(parts) if parts else np.empty((0, 0), np.float32)
        at = 0
        for read in batch:
            begin, at = at, at + len(read.passages)
            own = vectors[begin:at]
            self._shelf.put(Kept(read.document, read.place, read.passages, own, self._embedder.id))
            told = Changed if read.before else Added
            yield told(read.place.source, read.document.id, len(read.passages))


def _counted(steps: Iterator[Progress], total: int) -> Iterator[Progress]:
    """Number the steps by the files that are dealt with."""
    done = 0
    for step in steps:
        if step.kind == "indexed":
            yield step
            continue
        done += step.kind not in ("embedding", "removed")
        yield replace(step, done=done, total=total)
