"""The pages that were read, kept on disk under their SHA-256, so that a run can be told again.

A body is one file, written beside its place, brought to the disk and renamed: nothing half is ever
there under a name. The index (address -> body) is a SQLite file; it can be lost without loss of a
body. Reading compares the checksum: a damaged body counts as one that is not there.
"""

import hashlib
import os
import re
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock

from retrieval.durable import sync
from retrieval.errors import UserError
from retrieval.web.types import Fetched

_TABLES = """
CREATE TABLE IF NOT EXISTS bodies (digest TEXT PRIMARY KEY, size INTEGER, used REAL) STRICT;
CREATE TABLE IF NOT EXISTS pages (
    asked TEXT PRIMARY KEY, digest TEXT, url TEXT, media TEXT, charset TEXT, status INTEGER,
    hops INTEGER, at REAL, etag TEXT, modified TEXT) STRICT;
CREATE INDEX IF NOT EXISTS pages_by_digest ON pages (digest);
"""
_PAGE = "SELECT asked, url, status, media, charset, digest, hops, at, etag, modified FROM pages"
_DIGEST = re.compile(r"[0-9a-f]{64}")
_LEFT_BEHIND_SECONDS = 3_600


@dataclass(frozen=True, slots=True)
class Kept:
    """A page of the store, with what a server needs to say whether it has changed."""

    page: Fetched
    etag: str = ""
    modified: str = ""


class PageStore:
    """Bodies and addresses below `folder`, in all at most `limit` bytes; threads may share one.

    The bodies that were not read for longest go first. Raises `UserError` if the folder cannot be
    written, OSError or sqlite3.Error if a page cannot be kept.
    """

    def __init__(
        self, folder: Path, limit: int = 2_000_000_000, now: Callable[[], float] = time.time
    ) -> None:
        self._folder, self._limit, self._now = folder, limit, now
        self._lock = Lock()
        try:
            (folder / "bodies").mkdir(parents=True, exist_ok=True)
            self._index = self._opened()
            self._tidy()
        except (OSError, sqlite3.Error) as error:
            what = f"the page store {folder} cannot be used: {error}"
            raise UserError(what, cure="make room, or give the right to write there") from None

    def put(self, page: Fetched, etag: str = "", modified: str = "") -> Fetched:
        """Keep a page under `page.asked` and `page.url`, durably; returns it with its digest."""
        digest = hashlib.sha256(page.body).hexdigest()
        self._write(digest, page.body)
        told = (digest, page.url, page.media, page.charset, page.status)
        rows = {page.asked: page.hops, page.url: 0}
        with self._writing() as index:
            index.execute(
                "INSERT OR REPLACE INTO bodies VALUES (?, ?, ?)",
                (digest, len(page.body), self._now()),
            )
            index.executemany(
                f"INSERT OR REPLACE INTO pages VALUES ({', '.join('?' * 10)})",
                [(name, *told, hops, page.at, etag, modified) for name, hops in rows.items()],
            )
            self._shrink(index, digest)
        return replace(page, digest=digest)

    def get(self, asked: str) -> Kept | None:
        """Return the page kept for an address, None if there is none whose body is whole."""
        with self._lock:
            row = self._index.execute(f"{_PAGE} WHERE asked = ?", (asked,)).fetchone()
        if row is None or (body := self.body(row[5])) is None:
            return None
        asked, url, status, media, charset, digest, hops, at, etag, modified = row
        page = Fetched(asked, url, status, media, charset, body, digest, hops, at, cached=True)
        return Kept(page, etag, modified)

    def body(self, digest: str) -> bytes | None:
        """Return a body by its SHA-256, None if it is not there or damaged; damage is cleared."""
        if not _DIGEST.fullmatch(digest):
            return None
        path = self._path(digest)
        try:
            body = path.read_bytes()
        except FileNotFoundError:
            return None
        if hashlib.sha256(body).hexdigest() == digest:
            with self._writing() as index:
                used = (self._now(), digest)
                index.execute("UPDATE bodies SET used = ? WHERE digest = ?", used)
            return body
        with self._writing() as index:
            self._forget(index, digest)
        return None

    def touch(self, asked: str, at: float) -> None:
        """Note that a page was found unchanged at a time (UTC, seconds)."""
        with self._writing() as index:
            index.execute("UPDATE pages SET at = ? WHERE asked = ?", (at, asked))

    def size(self) -> int:
        """Return the bytes of all bodies."""
        with self._lock:
            found = self._index.execute("SELECT coalesce(sum(size), 0) FROM bodies").fetchone()
        return int(found[0])

    def close(self) -> None:
        with self._lock:
            self._index.close()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._index:
            yield self._index

    def _path(self, digest: str) -> Path:
        return self._folder / "bodies" / digest[:2] / digest

    def _write(self, digest: str, body: bytes) -> None:
        """Bring a body to the disk; one of the same name is replaced, since it may be damaged."""
        path = self._path(digest)
        path.parent.mkdir(exist_ok=True)
        descriptor, part = tempfile.mkstemp(suffix=".part", dir=self._folder)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            Path(part).replace(path)
        except OSError:
            Path(part).unlink(missing_ok=True)
            raise
        sync(path.parent)
        sync(path.parent.parent)

    def _shrink(self, index: sqlite3.Connection, newest: str) -> None:
        size = int(index.execute("SELECT sum(size) FROM bodies").fetchone()[0])
        if size <= self._limit:
            return
        old = index.execute(
            "SELECT digest, size FROM bodies WHERE digest != ? ORDER BY used", (newest,)
        ).fetchall()
        for digest, freed in old:
            if size <= self._limit:
                return
            self._forget(index, digest)
            size -= freed

    def _forget(self, index: sqlite3.Connection, digest: str) -> None:
        index.execute("DELETE FROM pages WHERE digest = ?", (digest,))
        index.execute("DELETE FROM bodies WHERE digest = ?", (digest,))
        self._path(digest).unlink(missing_ok=True)

    def _opened(self) -> sqlite3.Connection:
        """Open the index; one that is damaged is begun anew, its bodies are found by their names.

        The journal is SQLite's plain one: a WAL wants a newer SQLite to be safe with two writers.
        """
        path = self._folder / "index.sqlite"
        try:
            return _index(path)
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            path.unlink()
            path.with_name(f"{path.name}-journal").unlink(missing_ok=True)
            return _index(path)

    def _tidy(self) -> None:
        """Remove parts that a killed program left, and take in bodies that no index knows."""
        for part in self._folder.glob("*.part"):
            if self._now() - part.stat().st_mtime > _LEFT_BEHIND_SECONDS:
                part.unlink(missing_ok=True)
        found = [path for path in (self._folder / "bodies").glob("??/*") if path.is_file()]
        with self._writing() as index:
            for path in found:
                used = path.stat()
                index.execute(
                    "INSERT OR IGNORE INTO bodies VALUES (?, ?, ?)",
                    (path.name, used.st_size, used.st_mtime),
                )


def _index(path: Path) -> sqlite3.Connection:
    index = sqlite3.connect(path, timeout=30, check_same_thread=False)
    try:
        index.execute("PRAGMA synchronous=FULL")
        index.executescript(_TABLES)
        if index.execute("PRAGMA quick_check").fetchone()[0] != "ok":
            raise sqlite3.DatabaseError("its index is damaged")
        index.execute(_PAGE).fetchone()
    except sqlite3.Error:
        index.close()
        raise
    return index
