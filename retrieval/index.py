"""The search files in force: opened once, kept up with the shelf, replaced while searches go on."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from retrieval.embed import Embedder
from retrieval.errors import UserError
from retrieval.generations import Generations, Manifest, Plan, Snapshot, Torn
from retrieval.keys import Editions
from retrieval.lock import FileLock
from retrieval.shelf import Catalogue, Shelf, Stocked

LOCK = "writer.lock"


class Busy(UserError):
    """Another process writes to the library."""


class Index:
    """Search files of a shelf, in `folder`. Every call may come from any thread.

    Files that are missing, damaged or older than the shelf are made anew from the vectors on the
    shelf. One process at a time writes; others read the generation that is in force.
    """

    def __init__(self, shelf: Shelf, embedder: Embedder, folder: Path, splitter: str) -> None:
        self._shelf = shelf
        self._embedder = embedder
        self._folder = folder
        self.splitter = splitter
        self._generations = Generations(folder)
        self._swapping = threading.RLock()
        self._snapshot: Snapshot | None = None
        self._counting = threading.Lock()
        self._held = 0
        self._lock: FileLock | None = None

    @property
    def snapshot(self) -> Snapshot | None:
        """The generation that is open, if one is."""
        return self._snapshot

    def current(self) -> Snapshot:
        """Return the generation in force, or one built anew if that cannot be served.

        Raises `UserError` for vectors of another embedder.
        """
        snapshot = self._snapshot
        if snapshot is None:
            return self._opened()
        # While a thread of this process puts another in force, what is open is searched.
        if self._generations.replaced(snapshot) and self._swapping.acquire(blocking=False):
            try:
                return self._opened()
            finally:
                self._swapping.release()
        return snapshot

    def build(self, *, fresh: bool = False, cut: bool = False) -> Snapshot:
        """Bring the search files up to the shelf and put them in force; searches go on meanwhile.

        `fresh` writes everything anew, so that nothing of what was removed is left in them. `cut`
        says that all was cut as it would be now; else they tell of how it was cut before.
        """
        with self._swapping:
            return self._built(None if fresh else self._snapshot, cut)

    @property
    def behind(self) -> bool:
        """Whether the shelf has changed since the open generation was made: a build has failed."""
        snapshot = self._snapshot
        return snapshot is not None and snapshot.manifest.version != self._shelf.version()

    def relist(self) -> None:
        """Read the catalogue again, of which something changed that is in no search file."""
        with self._swapping:
            if self._snapshot is not None:
                catalogue = self._shelf.catalogue()
                if catalogue.version == self._snapshot.catalogue.version:
                    self._snapshot = replace(self._snapshot, catalogue=catalogue)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold this process's right to write; `Busy` when another process has it."""
        with self._counting:
            if not self._held:
                self._lock = self._taken()
            self._held += 1
        try:
            yield
        finally:
            with self._counting:
                self._held -= 1
                if not self._held and self._lock is not None:
                    self._lock.close()

    def _taken(self) -> FileLock:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock.take(self._folder / LOCK, 0.0)
        except OSError as error:
            raise UserError(
                f"the search files cannot be written to {str(self._folder)!r}: {error}",
                cure="make room on the disk, or give the folder free",
            ) from error
        if lock is None:
            raise Busy(
                f"another process writes to the library in {str(self._folder)!r}",
                cure="wait until it has ended",
            )
        return lock

    def manifest(self) -> Manifest | None:
        """Return what the generation on the disk was made of; None if none is whole."""
        try:
            return self._generations.manifest()
        except Torn:
            return None

    def bytes(self) -> int:
        """Return how many bytes the search files take on the disk."""
        return self._generations.bytes()

    def compare(self) -> str:
        """Return what is wrong with the files on the disk, read and compared anew; empty if
        nothing is."""
        try:
            self._generations.open(self._shelf.catalogue)
        except Torn as error:
            return str(error)
        return ""

    def strange(self, embedder: str) -> UserError:
        """Return the error for vectors of another embedder."""
        return UserError(
            f"the library was embedded by {embedder}, and the embedder is {self._embedder.id}",
            cure="embed it again with `vouch library reindex`, or set the embedder back",
        )

    def again(self, stale: Snapshot) -> Snapshot:
        """Return the generation in force in place of one whose passages are gone: another process
        may have replaced it."""
        with self._swapping:
            if self._snapshot is stale:
                self._snapshot = None
            return self._opened()

    def _opened(self) -> Snapshot:
        with self._swapping:
            if self._snapshot is not None and not self._generations.replaced(self._snapshot):
                return self._snapshot
            try:
                snapshot = self._generations.open(self._shelf.catalogue)
            except Torn:
                return self.build()
            if not snapshot.current():
                return self._caught_up(snapshot)
            if snapshot.manifest.embedder != self._embedder.id:
                raise self.strange(snapshot.manifest.embedder)
            self._snapshot = snapshot
            if self._generations.others(snapshot):
                # A build was broken off when its work was done.
                with suppress(UserError), self.writing():
                    self._sweep(snapshot)
            return snapshot

    def _built(self, before: Snapshot | None, cut: bool = False) -> Snapshot:
        """Build from a generation whose files were checked, as far as it can be built from."""
        with self.writing():
            catalogue, found = self._shelf.catalogue(), self.manifest()
            # Another process may have written since.
            same = before and found and found.number == before.manifest.number
            if before is None or not same or not self._follows(before, catalogue):
                before = None
            dimension = before.manifest.dimension if before else self._embedder.dimension
            kept = found.splitter if found and found.documents and not cut else self.splitter
            plan = Plan(catalogue, self._embedder.id, kept, dimension)
            try:
                self._generations.write(plan, self._stock, before)
            except Torn:
                # Of damaged files nothing new is made.
                before = None
                self._generations.write(plan, self._stock, None)
            self._snapshot = snapshot = self._fresh(catalogue, before)
            self._sweep(snapshot)
            return snapshot

    def _sweep(self, snapshot: Snapshot) -> None:
        """Take away for good what went before a generation; its files last, as a sign that all
        the rest is gone."""
        self._shelf.sweep(snapshot.catalogue.version)
        self._generations.sweep(snapshot)

    def _fresh(self, catalogue: Catalogue, before: Snapshot | None) -> Snapshot:
        try:
            return self._generations.open(lambda: catalogue, before)
        except Torn as error:
            raise UserError(
                f"the search files in {str(self._folder)!r} do not stay as written: {error}",
                cure="check the disk",
            ) from error

    def _caught_up(self, snapshot: Snapshot) -> Snapshot:
        """Add to checked files what the shelf has that they have not."""
        try:
            return self._built(snapshot)
        except Busy:
            # What another process has put in force is whole, and enough to read meanwhile.
            if self._follows(snapshot, snapshot.catalogue):
                return snapshot
            raise

    def _follows(self, before: Snapshot, catalogue: Catalogue) -> bool:
        """Say whether search files of a catalogue can be made from those of a generation."""
        return before.manifest.embedder == self._embedder.id and before.grows(catalogue)

    def _stock(self, editions: Editions) -> Iterator[Stocked]:
        for stocked in self._shelf.stock(editions, self._embedder.id):
            if stocked.vectors is None:
                raise self.strange("another embedder")
            yield stocked
