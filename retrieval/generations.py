"""The derived search files on disk: written whole as a new generation, checked when opened."""

import hashlib
import json
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, astuple, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from retrieval import keywords
from retrieval.documents import Passage
from retrieval.durable import sync
from retrieval.errors import UserError
from retrieval.split import in_context
from retrieval.vectors.index import Kind, Rows, VectorIndex, Vectors, empty, load

FORMAT = 2
_VECTORS, _PASSAGES, _WORDS, _MANIFEST = "vectors", "passages.jsonl", "words", "manifest.json"
_COLUMNS = [field.name for field in fields(Passage)]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation was made of, and the SHA-256 (hex) of each file by relative path."""

    format: int
    number: int
    embedder: str
    dimension: int
    index: Kind
    passages: int
    version: int
    files: dict[str, str]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One generation opened for search: row i of both indexes is `passages[i]`."""

    manifest: Manifest
    passages: tuple[Passage, ...]
    vectors: VectorIndex
    words: keywords.Keywords

    def rows(self, documents: frozenset[str] | None) -> Rows | None:
        """Return the rows of the given documents, in order; None where any will do."""
        if documents is None:
            return None
        inside = (passage.document in documents for passage in self.passages)
        return np.flatnonzero(np.fromiter(inside, bool, len(self.passages))).astype(np.int64)


class Torn(Exception):
    """A generation is missing, incomplete or changed on disk, and must be built again."""


class Generations:
    """The generations below one folder; the file CURRENT names the one in force."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._current = folder / "CURRENT"
        self._generations = folder / "generations"

    def write(
        self,
        passages: Sequence[Passage],
        vectors: Vectors,
        *,
        embedder: str,
        index: Kind,
        version: int,
    ) -> None:
        """Write a new generation beside the old one and put it in force; then remove the old.

        A crash at any point leaves the old one or the new one in force, whole.
        """
        try:
            number = self._next()
            temp = self._generations / f"{number}.tmp"
            shutil.rmtree(temp, ignore_errors=True)
            _write_files(temp, passages, vectors, index)
            manifest = Manifest(
                format=FORMAT,
                number=number,
                embedder=embedder,
                dimension=vectors.shape[1],
                index=index,
                passages=len(passages),
                version=version,
                files=_checksums(temp),
            )
            self._commit(temp, manifest)
        # tantivy reports a failed write as a ValueError.
        except (OSError, ValueError) as error:
            raise UserError(
                f"the search files cannot be written to {str(self._folder)!r}: {error}",
                cure="make room on the disk; the documents are safe, a search builds the files",
            ) from error

    def _commit(self, temp: Path, manifest: Manifest) -> None:
        text = json.dumps(asdict(manifest), indent=1, sort_keys=True)
        (temp / _MANIFEST).write_text(text, encoding="utf-8")
        _sync_all(temp)
        temp.rename(self._generations / str(manifest.number))
        sync(self._generations)
        self._point(f"{manifest.number} {_digest(text.encode())}\n")
        self._sweep(keep=str(manifest.number))

    def manifest(self) -> Manifest:
        """Return the manifest in force; raises `Torn` if there is none that is whole."""
        try:
            number, _, digest = self._current.read_text(encoding="utf-8").strip().partition(" ")
            data = (self._generations / number / _MANIFEST).read_bytes()
            if _digest(data) != digest:
                raise Torn("the manifest has changed")
            manifest = Manifest(**json.loads(data))
        except (OSError, ValueError, TypeError) as error:
            raise Torn(str(error)) from error
        if manifest.format != FORMAT:
            raise Torn(f"format {manifest.format}")
        return manifest

    def open(self) -> Snapshot:
        """Open the generation in force, after comparing every file with its checksum."""
        manifest = self.manifest()
        folder = self._generations / str(manifest.number)
        try:
            if _checksums(folder, skip=_MANIFEST) != manifest.files:
                raise Torn("a file is missing or has changed")
            return Snapshot(
                manifest=manifest,
                passages=_read_passages(folder / _PASSAGES),
                vectors=load(manifest.index, folder / _VECTORS),
                words=keywords.Keywords(folder / _WORDS),
            )
        except (OSError, ValueError, RuntimeError) as error:
            raise Torn(str(error)) from error

    def bytes(self) -> int:
        """Return how many bytes the generations take on disk."""
        total = 0
        for path in self._folder.rglob("*"):
            # A generation may be swept away under our feet.
            with suppress(FileNotFoundError):
                total += path.stat().st_size if path.is_file() else 0
        return total

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

    def _sweep(self, keep: str) -> None:
        if not self._generations.exists():
            return
        for path in self._generations.iterdir():
            if path.name != keep:
                # A search under way may still read it; what cannot go now goes next time.
                shutil.rmtree(path, ignore_errors=True)


def _write_files(folder: Path, passages: Sequence[Passage], vectors: Vectors, kind: Kind) -> None:
    folder.mkdir(parents=True)
    index = empty(kind, vectors.shape[1])
    index.add(vectors)
    index.save(folder / _VECTORS)
    with (folder / _PASSAGES).open("w", encoding="utf-8", newline="\n") as file:
        for passage in passages:
            file.write(json.dumps(astuple(passage)) + "\n")
    words = ((passage.document, in_context(passage)) for passage in passages)
    keywords.build(folder / _WORDS, words)


def _read_passages(path: Path) -> tuple[Passage, ...]:
    with path.open(encoding="utf-8") as file:
        rows: list[list[Any]] = [json.loads(line) for line in file]
    return tuple(Passage(**dict(zip(_COLUMNS, row, strict=True))) for row in rows)


def _checksums(folder: Path, skip: str = "") -> dict[str, str]:
    """Return the SHA-256 of each file; lock files, which hold nothing, are left out."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix != ".lock" and path.name != skip:
            with path.open("rb") as file:
                name = path.relative_to(folder).as_posix()
                found[name] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _sync_all(folder: Path) -> None:
    for path in folder.rglob("*"):
        sync(path)
    sync(folder)
