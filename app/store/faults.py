"""Faults of the database that a user can mend, as one sentence with the file and the cure."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError

from app.store.faults_server import server_fault
from retrieval.errors import UserError


@contextmanager
def faults(url: URL) -> Iterator[None]:
    """Turn what the driver raises into a `UserError`; what no user can mend passes as it is."""
    try:
        yield
    # Some statements go to SQLite's driver directly, so its errors come bare as well.
    except (DBAPIError, sqlite3.Error) as error:
        told = _told(url, error.orig if isinstance(error, DBAPIError) else error)
        if told is None:
            raise
        raise told from error


def _told(url: URL, error: BaseException | None) -> UserError | None:
    if isinstance(error, sqlite3.Error):
        return file_fault(Path(url.database or ""), error)
    return server_fault(url, error) if url.get_backend_name() == "postgresql" else None


def file_fault(path: Path, error: sqlite3.Error) -> UserError | None:
    """The sentence for an error of SQLite on the file `path`; None if it is no fault of a file."""
    name = getattr(error, "sqlite_errorname", "")
    family = "_".join(name.split("_")[:2])
    match family:
        case "SQLITE_NOTADB":
            return broken(path, "is not a database")
        case "SQLITE_CORRUPT":
            return broken(path, "is damaged")
        case "SQLITE_FULL":
            return _full(path)
        case "SQLITE_IOERR":
            return UserError(
                f"the disk refused to read or write the database {path} ({name})",
                cure="check the disk's free space and health",
            )
        case "SQLITE_READONLY" | "SQLITE_CANTOPEN" | "SQLITE_PERM":
            return unwritable(path)
        # The last one is the log's own word for locks that it cannot get.
        case "SQLITE_BUSY" | "SQLITE_LOCKED" | "SQLITE_PROTOCOL":
            return UserError(
                f"the database {path} is in use by another program", cure="wait, or close that"
            )
        case _:
            return None


def broken(path: Path, fault: str) -> UserError:
    """The database file cannot be read; it is left as it is."""
    backups = sorted(path.parent.glob(f"{path.name}.before-*"))
    restore = f", or put the backup {backups[-1]} in its place" if backups else ""
    return UserError(
        f"the database {path} {fault} and was left as it is",
        cure=f"move it away to begin with an empty one (mv {path} {path}.broken){restore}",
    )


def unmade(path: Path, error: OSError) -> UserError:
    """The folder of the file cannot be made, or the file in it."""
    if error.errno in (errno.ENOTDIR, errno.EEXIST):
        return UserError(
            f"the database {path} has no place: {_obstacle(path)} is a file, not a folder",
            cure="move it away, or set VOUCH_HOME to a folder",
        )
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _full(path)
    return unwritable(path)


def _obstacle(path: Path) -> Path:
    """The file that stands where a folder above `path` is needed."""
    return next((above for above in path.parents if above.is_file()), path.parent)


def _full(path: Path) -> UserError:
    return UserError(f"no space is left for the database {path}", cure="free disk space")


def unwritable(path: Path) -> UserError:
    """The file or its folder cannot be written."""
    return UserError(
        f"the database {path} cannot be opened for writing",
        cure="give yourself write permission there, or set VOUCH_HOME to another folder",
    )
