"""The derived search files on disk: each change a new generation, checked when opened."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from retrieval import words
from retrieval.checksums import Checked, checksums, digest
from retrieval.durable import sync
from retrieval.errors import UserError
from retrieval.keys import Editions, Keys, keys
from retrieval.shelf import Catalogue, Stocked, Vectors
from retrieval.split import in_context
from retrieval.terms import RULES
from retrieval.vectors import write as vectors
from retrieval.vectors.store import VectorStore

FORMAT = 4
_VECTORS, _WORDS, _HELD, _MANIFEST = "vectors", "words", "editions.npy", "manifest.json"

_Read = TypeVar("_Read")

Stock = Callable[[Editions], Iterator[Stocked]]
"""Gives the documents of editions, each time anew."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation was made of, and the SHA-256 (hex) of each file by relative path.

    `rules` numbers the rules by which its words were cut from texts (`retrieval.terms.RULES`).
    """

    format: int
    number: int
    embedder: str
    splitter: str
    rules: int
    dimension: int
    documents: int
    passages: int
    version: int
    files: dict[str, str]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One generation opened for search, with what the shelf held when it was made.

    `held` has a row of each edition in it, as `_held` makes them.
    """

    manifest: Manifest
    folder: Path
    held: NDArray[np.int64]
    vectors: VectorStore
    words: words.Words
    catalogue: Catalogue

    @property
    def editions(self) -> Editions:
        """The editions whose passages it holds, in rising order."""
        return self.held[:, 0]

    @property
    def checked(self) -> Checked:
        """Its files with the checksums that they had when it was opened."""
        return Checked(self.folder, self.manifest.files)

    def current(self) -> bool:
        """Say whether it holds just what is in the catalogue."""
        same = self.manifest.version == self.catalogue.version
        return same and np.array_equal(self.held, _held(self.catalogue))

    def grows(self, catalogue: Catalogue) -> bool:
        """Say whether it can have come before a catalogue: what both hold is the same.

        A database that was put back, or begun anew, gives the numbers of editions once more.
        """
        wanted = _held(catalogue)
        _, ours, theirs = np.intersect1d(self.editions, wanted[:, 0], True, True)
        return np.array_equal(self.held[ours], wanted[theirs])


@dataclass(frozen=True, slots=True)
class Plan:
    """What the next generation is to hold: the catalogue, and how its passages were made."""

    catalogue: Catalogue
    embedder: str
    splitter: str
    dimension: int


class Torn(Exception):
    """A generation is missing, incomplete or changed on disk, and must be built again."""


class Generations:
    """The generations below one folder; the file CURRENT names the one in force."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._current = folder / "CURRENT"
        self._generations = folder / "generations"

    def write(self, plan: Plan, stock: Stock, before: Snapshot | None) -> None:
        """Write a new generation beside the old one and put it in force; then remove the old.

        With `before`, whose files were checked, only what differs from it is written; raises `Torn`
        if they have changed since. A crash at any point leaves the old one or the new one in
        force, whole.
        """
        try:
            number = self._next()
            temp = self._generations / f"{number}.tmp"
            shutil.rmtree(temp, ignore_errors=True)
            temp.mkdir(parents=True)
            _write_files(temp, plan, stock, before)
            if before is not None and (name := before.checked.changed(temp)):
                # What is wrong in it would have the right checksum from now on.
                raise Torn(f"{name} has changed")
            manifest = Manifest(
                format=FORMAT,
                number=number,
                embedder=plan.embedder,
                splitter=plan.splitter,
                rules=RULES,
                dimension=plan.dimension,
                documents=len(plan.catalogue.holdings),
                passages=plan.catalogue.passages,
                version=plan.catalogue.version,
                files=checksums(temp, before.checked if before else None),
            )
            self._commit(temp, manifest)
        # tantivy reports a failed write as a ValueError, faiss as a RuntimeError.
        except (OSError, ValueError, RuntimeError) as error:
            if before is not None and not before.checked.stands(skip=_MANIFEST):
                raise Torn(str(error)) from error
            raise UserError(
                f"the search files cannot be written to {str(self._folder)!r}: {error}",
                cure="make room on the disk; the documents are safe, and the next call goes on",
            ) from error

    def _commit(self, temp: Path, manifest: Manifest) -> None:
        text = json.dumps(asdict(manifest), indent=1, sort_keys=True)
        (temp / _MANIFEST).write_text(text, encoding="utf-8")
        _sync_all(temp)
        temp.rename(self._generations / str(manifest.number))
        sync(self._generations)
        self._point(f"{manifest.number} {digest(text.encode())}\n")

    def manifest(self) -> Manifest:
        """Return the manifest in force; raises `Torn` if there is none that is whole."""
        return self._in_force(self._manifest)

    def open(self, catalogue: Callable[[], Catalogue], before: Snapshot | None = None) -> Snapshot:
        """Open the generation in force, after comparing every file with its checksum.

        Files that are those of `before`, an opened one, were compared already. What the shelf holds
        is asked of `catalogue` when the files are open, so that it is never older than they are.
        """
        return self._in_force(lambda line: self._opened(line, catalogue, before))

    def replaced(self, snapshot: Snapshot) -> bool:
        """Say whether another generation is in force by now."""
        try:
            return self._line().partition(" ")[0] != str(snapshot.manifest.number)
        except Torn:
            return False

    def _in_force(self, read: Callable[[str], _Read]) -> _Read:
        """Read something of the generation in force, anew if another process replaces that."""
        while True:
            line = self._line()
            try:
                return read(line)
            except Torn:
                if self._line() == line:
                    raise

    def _line(self) -> str:
        try:
            return self._current.read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as error:
            raise Torn(str(error)) from error

    def _manifest(self, line: str) -> Manifest:
        number, _, expected = line.partition(" ")
        try:
            data = (self._generations / number / _MANIFEST).read_bytes()
            if digest(data) != expected:
                raise Torn("the manifest has changed")
            manifest = Manifest(**json.loads(data))
        except (OSError, ValueError, TypeError) as error:
            raise Torn(str(error)) from error
        if manifest.rules != RULES:
            raise Torn("their words were cut by other rules")
        if manifest.format != FORMAT:
            raise Torn(f"they have the format {manifest.format}, and this program writes {FORMAT}")
        return manifest

    def _opened(
        self, line: str, catalogue: Callable[[], Catalogue], before: Snapshot | None
    ) -> Snapshot:
        manifest = self._manifest(line)
        folder = self._generations / str(manifest.number)
        try:
            if (
                checksums(folder, before.checked if before else None, skip=_MANIFEST)
                != manifest.files
            ):
                raise Torn("a file is missing or has changed")
            return Snapshot(
                manifest=manifest,
                folder=folder,
                held=np.load(folder / _HELD, allow_pickle=False).reshape(-1, 2),
                vectors=VectorStore.open(folder / _VECTORS),
                words=words.Words(folder / _WORDS),
                catalogue=catalogue(),
            )
        except (OSError, ValueError, RuntimeError) as error:
            raise Torn(str(error)) from error

    def others(self, snapshot: Snapshot) -> list[Path]:
        """Return the folders of all generations but one, those that were never finished too."""
        try:
            return [path for path in self._generations.iterdir() if path != snapshot.folder]
        except OSError:
            return []

    def sweep(self, snapshot: Snapshot) -> None:
        """Remove every generation but one."""
        for path in self.others(snapshot):
            # A search under way may still read it; what cannot go now goes next time.
            with suppress(OSError):
                shutil.rmtree(path, ignore_errors=True)

    def bytes(self) -> int:
        """Return how many bytes the generations take on disk."""
        seen: dict[int, int] = {}
        # A generation may be swept away under our feet; a walk does not mind.
        for folder, _, names in os.walk(self._folder):
            for name in names:
                with suppress(OSError):
                    state = (Path(folder) / name).stat()
                    seen[state.st_ino] = state.st_size
        return sum(seen.values())

    def _next(self) -> int:
        self._generations.mkdir(parents=True, exist_ok=True)
        names = [path.name.removesuffix(".tmp") for path in self._generations.iterdir()]
        return 1 + max((int(name) for name in names if name.isdigit()), default=0)

    def _point(self, line: str) -> None:
        temp = self._current.with_suffix(".tmp")
        temp.write_text(line, encoding="utf-8")
        sync(temp)
        temp.replace(self._current)
        sync(self._folder)


def _write_files(folder: Path, plan: Plan, stock: Stock, before: Snapshot | None) -> None:
    wanted = plan.catalogue.editions()
    held = before.editions if before else np.empty(0, np.int64)
    added, dropped = np.setdiff1d(wanted, held), np.setdiff1d(held, wanted)
    np.save(folder / _HELD, _held(plan.catalogue), allow_pickle=False)
    vectors.write(
        folder / _VECTORS,
        before=before.folder / _VECTORS if before else None,
        added=_vectors(stock(added)),
        dropped=dropped,
        everything=lambda: _vectors(stock(wanted)),
        dimension=plan.dimension,
    )
    words.write(
        folder / _WORDS,
        before=before.folder / _WORDS if before else None,
        added=_texts(stock(added)),
        dropped=dropped,
    )


def _held(catalogue: Catalogue) -> NDArray[np.int64]:
    """Return edition and beginning of the document's id of each holding, shape (holdings, 2)."""
    rows = sorted((one.edition, int(one.document[:15], 16)) for one in catalogue.holdings)
    return np.array(rows, np.int64).reshape(-1, 2)


def _vectors(stock: Iterator[Stocked]) -> Iterator[tuple[Keys, Vectors]]:
    for stocked in stock:
        assert stocked.vectors is not None
        yield keys(stocked.edition, len(stocked.passages)), stocked.vectors


def _texts(stock: Iterator[Stocked]) -> Iterator[tuple[int, str]]:
    for stocked in stock:
        numbers = keys(stocked.edition, len(stocked.passages)).tolist()
        for key, passage in zip(numbers, stocked.passages, strict=True):
            yield key, in_context(passage)


def _sync_all(folder: Path) -> None:
    """Bring everything to the disk. A file that was linked is there already, which is quick."""
    for path in folder.rglob("*"):
        sync(path)
    sync(folder)
