"""Restores a backup into an empty home: all of it, checked first, or nothing."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from app.address import LOCK_FILE, prepare_home
from app.backup import learned
from app.backup.archive import (
    DATABASE,
    FILES,
    UPLOADS,
    Manifest,
    damaged,
    extract,
    opened,
    read_manifest,
)
from app.store.copies import copy_rows, counts
from app.store.database import open_database
from app.store.migrate import newest
from app.store.sessions import reading, writing
from retrieval.durable import sync
from retrieval.errors import UserError
from retrieval.lock import FileLock

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

STAGE = "restore.part"
"""Folder in the home where a backup is unpacked and checked before anything is moved."""

_ALLOWED = {"models", "logs", LOCK_FILE, "engine.start", STAGE}
"""What an empty home may hold: what could be fetched or made again."""

_ROOM = 64 * 2**20
"""Bytes of the disk that stay free."""


def restore(path: Path, home: Path, url: str = "") -> Manifest:
    """Restore the backup at `path` into an empty home and return what it held.

    `url` names a PostgreSQL database, which must be empty, in place of a file in the home. Search
    files are not in a backup: they are built again from the library at the next search. Raises
    `UserError`, with nothing restored, for a home that is not empty or in use, for a backup that is
    damaged, foreign or of a newer program, and for a disk that is too small. One that was killed
    is begun anew by the next call.
    """
    with opened(path) as archive:
        manifest = read_manifest(archive, path)
        _check_version(manifest, path)
        _check_empty(home, manifest, url)
        with _held(home), _staged(home, manifest, url) as stage:
            for member in manifest.members:
                target = stage / member.name
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                extract(archive, member, target, path)
            _put(stage, home, manifest, path, url)
    return manifest


def _put(stage: Path, home: Path, manifest: Manifest, path: Path, url: str) -> None:
    """Put everything in its place, the database last: a home that has it is whole."""
    database = _checked(stage / DATABASE, manifest, path)
    try:
        if url:
            with _server(url) as target, reading(database) as source:
                copy_rows(source, target)
                _move(stage, home, manifest)
    finally:
        database.dispose()
    if not url:
        _move(stage, home, manifest)
        os.replace(stage / DATABASE, home / DATABASE)  # noqa: PTH105 - Path.replace is the same
        sync(home)


def _check_version(manifest: Manifest, path: Path) -> None:
    if manifest.database > newest():
        raise UserError(
            f"the backup {path} was made by a newer Vouch ({manifest.version})",
            cure="restore it with that version",
        )


@contextmanager
def _held(home: Path) -> Iterator[None]:
    """Hold the home as an engine does, so that none begins meanwhile."""
    prepare_home(home)
    lock = FileLock.take(home / LOCK_FILE, 0.2)
    if lock is None:
        raise UserError(f"an engine is running for {home}", cure="end it: vouch engine stop")
    with lock:
        yield


@contextmanager
def _staged(home: Path, manifest: Manifest, url: str) -> Iterator[Path]:
    stage = home / STAGE
    _check_empty(home, manifest, url)
    if _broken_off(home, url):
        _clear(home)
        shutil.rmtree(stage)
    _check_room(home, manifest)
    try:
        stage.mkdir(mode=0o700)
        yield stage
    except BaseException as error:
        _undo(stage, home, manifest, url)
        if not isinstance(error, OSError):
            raise
        raise UserError(
            f"the home {home} cannot be written: {error.strerror or error}",
            cure="check its permissions and the disk's free space",
        ) from error
    shutil.rmtree(stage, ignore_errors=True)


def _undo(stage: Path, home: Path, manifest: Manifest, url: str) -> None:
    """Take back what was put in its place, if the database did not follow."""
    try:
        if _broken_off(home, url):
            learned.take_back(stage, home, manifest)
            _clear(home)
    except UserError:
        # Whether a server that is away now took the rows, the next restore can tell by the stage.
        return
    shutil.rmtree(stage, ignore_errors=True)


def _check_empty(home: Path, manifest: Manifest, url: str) -> None:
    """Raise `UserError` for a home that holds anything that could be lost."""
    if home.exists() and not home.is_dir():
        raise UserError(f"{home} is no folder", cure="choose another home with --home")
    broken_off = {*FILES, UPLOADS.rstrip("/")} if _broken_off(home, url) else set()
    held = home.iterdir() if home.exists() else ()
    found = sorted(one.name for one in held if one.name not in _ALLOWED | broken_off)
    if found:
        raise UserError(
            f"the home {home} is not empty, it holds {found[0]}",
            cure="restore into another folder: vouch --home DIR restore FILE",
        )
    learned.check_free(home, manifest)


def _broken_off(home: Path, url: str) -> bool:
    """Whether a restore was killed here: the database comes last, so there is none yet."""
    if not (home / STAGE).is_dir() or (home / DATABASE).exists():
        return False
    return not url or not _filled(url)


def _clear(home: Path) -> None:
    """Remove what a restore that did not come to its end left."""
    shutil.rmtree(home / UPLOADS, ignore_errors=True)
    for name in FILES:
        (home / name).unlink(missing_ok=True)


def _check_room(home: Path, manifest: Manifest) -> None:
    needed = sum(member.bytes for member in manifest.members) + _ROOM
    if shutil.disk_usage(home).free < needed:
        raise UserError(
            f"the backup needs {needed // 2**20} MB, and the disk of {home} has less",
            cure="free disk space",
        )


def _checked(staged: Path, manifest: Manifest, path: Path) -> "Engine":
    """Open the staged database, brought to this program's version, and count its rows."""
    try:
        database = open_database(staged)
    except UserError as error:
        raise damaged(path, error.what) from error
    held = counts(database)
    if any(held.get(name) != count for name, count in manifest.counts.items()):
        database.dispose()
        raise damaged(path, "its database holds other rows than it should")
    return database


@contextmanager
def _server(url: str) -> Iterator["Connection"]:
    """A transaction that fills an empty database of a server when the block ends."""
    if _filled(url):
        raise UserError(
            "the database that database.url names is not empty",
            origin="database.url",
            cure="give Vouch an empty database",
        )
    server = open_database(url)
    try:
        with writing(server) as target:
            yield target
    finally:
        server.dispose()


def _filled(url: str) -> bool:
    server = open_database(url)
    try:
        return any(counts(server).values())
    finally:
        server.dispose()


def _move(stage: Path, home: Path, manifest: Manifest) -> None:
    """Put everything but the database in its place."""
    learned.put(stage, home, manifest)
    for name in (*FILES, UPLOADS):
        if (stage / name).exists():
            os.replace(stage / name, home / name)  # noqa: PTH105 - Path.replace is the same call
    for folder in (home / UPLOADS, home):
        if folder.is_dir():
            sync(folder)
