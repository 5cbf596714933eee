"""The record of a batch: an append-only file beside the output, one synced line a fact."""

import contextlib
import errno
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.batch.results import Row
from retrieval.errors import UserError
from retrieval.lock import FileLock

SUFFIX = ".batch"
FORM = 1
_NEW = ".new"
_CURE = "start over with --fresh, or choose another output"

Line = dict[str, Any]


@dataclass(slots=True)
class Kept:
    """What a record holds: the batch's name; its terms, the keys of its questions by id and the
    digest of its input as last agreed; the newest row of each finished question with its count of
    attempts, by key; and the SHA-256 of each file that was written at the end."""

    batch: str = ""
    terms: dict[str, Any] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    input: str = ""
    rows: dict[str, Row] = field(default_factory=dict)
    attempts: dict[str, int] = field(default_factory=dict)
    finished: Line | None = None


class Record:
    """Appends to and reads back the record of an output. One process at a time holds it."""

    def __init__(self, path: Path, lock: FileLock) -> None:
        self._path = path
        self._locks = [lock]
        self._file = -1
        self.kept = Kept()

    @classmethod
    def open(cls, output: Path, fresh: bool = False) -> "Record":
        """Open or make the record of an output; a torn last line is taken away.

        `UserError` if another process holds it, if it cannot be written, or if it is damaged and
        not `fresh`, which looks at nothing that was kept.
        """
        path = output.with_name(output.name + SUFFIX)
        with _told(path):
            lock = FileLock.take(path, 0.0)
        if lock is None:
            raise UserError(
                f"another batch is writing {output}", cure="wait for it, or choose another output"
            )
        record = cls(path, lock)
        try:
            with _told(path):
                record._file = os.open(path, os.O_RDWR | os.O_APPEND)
                record.kept = Kept() if fresh else _mended(path, record._file)
        except BaseException:
            record.close()
            raise
        return record

    def close(self) -> None:
        """Let go of the record; one of a batch that never began goes away."""
        try:
            with contextlib.suppress(OSError):
                if not self._path.stat().st_size:
                    self._path.unlink()
        finally:
            if self._file >= 0:
                os.close(self._file)
            for lock in self._locks:
                lock.close()

    def __enter__(self) -> "Record":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def path(self) -> Path:
        """Where the record stands."""
        return self._path

    def begin(self, batch: str, agreed: Line) -> None:
        """Start over: the record holds the beginning of a batch and nothing else."""
        line = {"vouch batch": FORM, "batch": batch, **agreed}
        with _told(self._path):
            self._replace(line)
        self.kept = _fold([line])

    def agree(self, agreed: Line) -> None:
        """Go on under other terms or with other questions."""
        self._add({"agreed": agreed})

    def keep(self, row: Row, key: str, attempts: int) -> None:
        """Keep the row of a question; it is on the disk on return."""
        self._add({"row": row, "key": key, "attempts": attempts})

    def finish(self, sums: Mapping[str, str]) -> None:
        """Note which files were written whole, with the SHA-256 of each."""
        self._add({"finished": dict(sums)})

    def _add(self, line: Line) -> None:
        with _told(self._path):
            self._write(line)
        _take(self.kept, line)

    def _replace(self, line: Line) -> None:
        """Put a file of one line in the record's place; it is locked before it is there."""
        new = self._path.with_name(self._path.name + _NEW)
        lock = FileLock.take(new, 1.0)
        if lock is None:
            raise BlockingIOError(errno.EAGAIN, "another process holds it", str(new))
        self._locks.append(lock)
        os.close(self._file)
        self._file = os.open(new, os.O_RDWR | os.O_APPEND | os.O_TRUNC)
        self._write(line)
        new.replace(self._path)
        sync_folder(self._path.parent)

    def _write(self, line: Line) -> None:
        """Append a line whole, or leave the file as it was."""
        data = json.dumps(line, separators=(",", ":")).encode("ascii") + b"\n"
        length = os.fstat(self._file).st_size
        try:
            while data:
                data = data[os.write(self._file, data) :]
            os.fsync(self._file)
        except OSError:
            os.ftruncate(self._file, length)
            raise


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UserError(
            f"cannot write {path}: {error.strerror}",
            cure="make room or choose another output, then give the same command again",
        ) from error


def sync_folder(folder: Path) -> None:
    """Make a rename in a folder outlast a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _mended(path: Path, file: int) -> Kept:
    """Read the record; what was torn at its end is cut off."""
    data = path.read_bytes()
    pieces = data.split(b"\n")
    lines: list[Line] = []
    good = 0
    for number, piece in enumerate(pieces[:-1], start=1):
        line = _line(piece)
        if line is None:
            if number < len(pieces) - 1:
                raise UserError(f"line {number} of {path} is damaged", cure=_CURE)
            break
        lines.append(line)
        good += len(piece) + 1
    if good < len(data):
        os.ftruncate(file, good)
        os.fsync(file)
    if lines and lines[0].get("vouch batch") != FORM:
        raise UserError(f"{path} is not the record of a batch that this Vouch knows", cure=_CURE)
    return _fold(lines)


def _line(piece: bytes) -> Line | None:
    try:
        line = json.loads(piece)
    except ValueError:
        return None
    return line if isinstance(line, dict) else None


def _fold(lines: Sequence[Line]) -> Kept:
    kept = Kept()
    for line in lines:
        _take(kept, line)
    return kept


def _take(kept: Kept, line: Line) -> None:
    match line:
        case {"batch": str(batch), "terms": terms, "keys": keys, "input": str(input)}:
            kept.batch, kept.terms, kept.keys, kept.input = batch, terms, keys, input
        case {"agreed": {"terms": terms, "keys": keys, "input": str(input)}}:
            kept.terms, kept.keys, kept.input, kept.finished = terms, keys, input, None
        case {"row": dict(row), "key": str(key), "attempts": int(attempts)}:
            kept.rows[key], kept.attempts[key], kept.finished = row, attempts, None
        case {"finished": dict(sums)}:
            kept.finished = sums
