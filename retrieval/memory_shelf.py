"""A shelf in memory, for tests and throw-away libraries."""

import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from retrieval import keys as numbering
from retrieval.documents import Document, Passage
from retrieval.keys import Editions
from retrieval.shelf import Catalogue, Holding, Kept, Place, Standing, Stocked, Vectors


@dataclass(slots=True)
class _Edition:
    document: Document
    passages: tuple[Passage, ...]
    vectors: Vectors
    embedder: str
    until: int | None = None


_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")


def _alone(
    method: Callable[Concatenate["MemoryShelf", _Given], _Result],
) -> Callable[Concatenate["MemoryShelf", _Given], _Result]:
    """Let a call see and leave the shelf whole, whatever other threads call meanwhile."""

    @wraps(method)
    def call(shelf: "MemoryShelf", /, *args: _Given.args, **kwargs: _Given.kwargs) -> _Result:
        with shelf._turn:
            return method(shelf, *args, **kwargs)

    return call


class MemoryShelf:
    """A shelf of which nothing outlives the process."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._editions: dict[int, _Edition] = {}
        self._places: dict[tuple[str, str], tuple[Place, int]] = {}
        self._version = 0

    @_alone
    def put(self, kept: Kept) -> None:
        self._version += 1
        edition, document = self._version, kept.document
        vectors, passages = kept.vectors.copy(), tuple(kept.passages)
        before = self._current(document.id)
        first = self._editions[before].document.source if before else document.source
        held = replace(document, source=first)
        told = tuple(replace(passage, source=first) for passage in passages)
        self._editions[edition] = _Edition(held, told, vectors, kept.embedder)
        for at, (place, number) in list(self._places.items()):
            if number == before:
                self._places[at] = (place, edition)
        if before:
            self._editions[before].until = self._version
        self._set(kept.place, edition)

    @_alone
    def place(self, place: Place, document: str) -> None:
        edition = self._current(document)
        if not edition:
            raise KeyError(document)
        held = self._places.get((place.collection, place.source))
        self._version += held is None or held[1] != edition
        self._set(place, edition)

    @_alone
    def drop(self, collection: str, sources: Collection[str]) -> int:
        found = [(collection, s) for s in dict.fromkeys(sources) if (collection, s) in self._places]
        self._version += bool(found)
        for at in found:
            self._leave(at)
        return len(found)

    @_alone
    def document(self, document: str) -> Document | None:
        edition = self._current(document)
        return self._editions[edition].document if edition else None

    @_alone
    def passages(self, keys: Sequence[int]) -> dict[int, Passage]:
        wanted = {key: self._editions.get(numbering.edition(key)) for key in keys}
        return {
            key: held.passages[numbering.position(key)]
            for key, held in wanted.items()
            if held and numbering.position(key) < len(held.passages)
        }

    @_alone
    def cut(self, document: str) -> list[Passage]:
        edition = self._current(document)
        return list(self._editions[edition].passages) if edition else []

    @_alone
    def places(self, collection: str) -> dict[str, Standing]:
        return {
            source: Standing(
                place, self._editions[edition].document.id, len(self._editions[edition].passages)
            )
            for (home, source), (place, edition) in self._places.items()
            if home == collection
        }

    @_alone
    def catalogue(self) -> Catalogue:
        current = {n: held for n, held in sorted(self._editions.items()) if held.until is None}
        lines = (self._line(number, held) for number, held in current.items())
        return Catalogue(self._version, tuple(lines))

    @_alone
    def stock(self, editions: Editions, embedder: str) -> Iterator[Stocked]:
        found = ((edition, self._editions.get(edition)) for edition in editions.tolist())
        return iter(
            [
                Stocked(edition, held.passages, held.vectors if held.embedder == embedder else None)
                for edition, held in found
                if held
            ]
        )

    @_alone
    def sweep(self, version: int) -> int:
        gone = [n for n, held in self._editions.items() if (held.until or version + 1) <= version]
        for number in gone:
            del self._editions[number]
        return len(gone)

    @_alone
    def version(self) -> int:
        return self._version

    def _current(self, document: str) -> int:
        """Return the edition of a document in the catalogue; 0 if there is none."""
        found = (
            n for n, e in self._editions.items() if e.until is None and e.document.id == document
        )
        return next(found, 0)

    def _set(self, place: Place, edition: int) -> None:
        at = (place.collection, place.source)
        held = self._places.get(at)
        if held and held[1] != edition:
            self._leave(at)
        self._places[at] = (place, edition)

    def _leave(self, at: tuple[str, str]) -> None:
        """Take a place away; its document goes with the last one, or gets another source."""
        _, edition = self._places.pop(at)
        held = self._editions[edition]
        others = [source for (_, source), (_, number) in self._places.items() if number == edition]
        if not others:
            held.until = self._version
        elif held.document.source == at[1]:
            first = min(others)
            held.document = replace(held.document, source=first)
            held.passages = tuple(replace(passage, source=first) for passage in held.passages)

    def _line(self, edition: int, held: _Edition) -> Holding:
        document = held.document
        places = [place for place, number in self._places.values() if number == edition]
        own = next(place for place in places if place.source == document.source)
        return Holding(
            document=document.id,
            source=document.source,
            title=document.title,
            media=document.media,
            collection=document.collection,
            characters=len(document.text),
            passages=len(held.passages),
            digest=own.digest,
            edition=edition,
            also=tuple(sorted(place.source for place in places if place is not own)),
            tags=tuple(sorted({tag for place in places for tag in place.tags})),
        )
