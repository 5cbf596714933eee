"""What a collection holds by source, by file and by text, kept up while files are dealt with."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from retrieval.scope import below
from retrieval.shelf import Place, Standing
from retrieval.walk import Seen, Survey, vanished

RACY = 2_000_000_000
"""Nanoseconds for which a file's time does not tell whether it was written once more."""


@dataclass(slots=True)
class Ledger:
    """The files of one call and what is held of them.

    `gone` are the sources that lie in the folders of the call and are no longer there, `moved`
    those whose text was found under another name, `closed` what could not be looked into, `outward`
    links that lead out of the folders. `now` is the time in nanoseconds; `reread` reads also the
    files whose size and time say that nothing has changed.
    """

    collection: str
    seen: Sequence[Seen]
    gone: tuple[str, ...]
    held: dict[str, Standing]
    now: int
    tags: tuple[str, ...] = ()
    reread: bool = False
    closed: tuple[Path, ...] = ()
    outward: tuple[Path, ...] = ()
    moved: set[str] = field(default_factory=set)
    _files: dict[tuple[str, str], str] = field(default_factory=dict)
    _owners: dict[str, dict[str, None]] = field(default_factory=dict)
    _gone: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self._gone = frozenset(self.gone)
        for source, standing in self.held.items():
            self._owners.setdefault(standing.document, {})[source] = None
            if standing.place.digest:
                self._files[_file(standing.place)] = standing.document

    def untouched(self, seen: Seen) -> bool:
        """Say whether a file has the size and the time that it had when it was read."""
        standing = self.held.get(str(seen.path))
        if self.reread or standing is None or not standing.place.modified:
            return False
        place = standing.place
        return (place.size, place.modified) == (seen.size, seen.mtime_ns)

    def place(self, seen: Seen, digest: str) -> Place:
        """Return the place of a file that was read now.

        One that was written just now might be written again within the same tick of the clock of
        its file system, so its time is not kept, and it is read again the next time.
        """
        source = str(seen.path)
        old = self.held[source].place if source in self.held else Place(source, self.collection)
        settled = seen.mtime_ns < self.now - RACY
        modified = seen.mtime_ns if settled else 0
        return Place(source, self.collection, digest, seen.size, modified, self.tagged(old))

    def tagged(self, place: Place) -> tuple[str, ...]:
        """Return the tags of a place, with those of this call."""
        return tuple(sorted({*place.tags, *self.tags}))

    def same_file(self, place: Place) -> str | None:
        """Return the document that was read from the same bytes under the same ending, if one is
        held and need not be read again."""
        document = None if self.reread else self._files.get(_file(place))
        return document if document and self._owners.get(document) else None

    def holder(self, document: str) -> str:
        """Return a source that holds a document, one that is there if possible; empty if none."""
        owners = sorted(self._owners.get(document, ()), key=self._gone.__contains__)
        return owners[0] if owners else ""

    def mover(self, document: str) -> str:
        """Return the source that held a document and is gone, the first time; else nothing.

        A file that is gone from outside the call's folders, as when a whole folder was renamed, is
        taken out with what is gone from them.
        """
        owners = self._owners.get(document, {})
        left = [source for source in owners if source not in self.moved and self._left(source)]
        if not left:
            return ""
        before = left[0]
        self.moved.add(before)
        if before not in self._gone:
            self.gone = (*self.gone, before)
        return before

    def _left(self, source: str) -> bool:
        if source in self._gone:
            return True
        return bool(self.held[source].place.digest) and vanished(source)

    def heir(self, place: Place, before: str) -> Place:
        """Return the place of a file that was at `before`, with the tags that it had there."""
        return replace(place, tags=tuple(sorted({*place.tags, *self.held[before].place.tags})))

    def claim(self, place: Place, document: str) -> None:
        """Note that a place holds a document from now on."""
        old = self.held.get(place.source)
        if old is not None:
            self._owners.get(old.document, {}).pop(place.source, None)
        self.held[place.source] = Standing(place, document)
        self._owners.setdefault(document, {})[place.source] = None
        self._files[_file(place)] = document


def _file(place: Place) -> tuple[str, str]:
    """Return what tells the text of a file: its bytes, and the ending that names a reader."""
    return place.digest, os.path.splitext(place.source)[1].lower()  # noqa: PTH122


def gone_from(survey: Survey, paths: Iterable[str | Path], held: Iterable[str]) -> tuple[str, ...]:
    """Return the sources that lie in one of the folders `paths` and were not found there.

    What lies in a folder that could not be listed is not taken for gone.
    """
    folders = [
        str(path) for path in (Path(p).expanduser().resolve() for p in paths) if path.is_dir()
    ]
    found = {str(seen.path) for seen in survey.files}
    found |= {str(path) for path in survey.pictures}
    closed = [str(path) for path in (*survey.unreadable, *survey.astray)]
    return tuple(
        source
        for source in held
        if source not in found
        and any(below(source, folder) for folder in folders)
        and not any(below(source, folder) for folder in closed)
    )
