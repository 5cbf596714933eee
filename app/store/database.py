"""Opens the database: a SQLite file beside the library, or PostgreSQL by URL with the same code."""

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from app.store.faults import broken, faults, file_fault, unmade
from app.store.migrate import MIGRATIONS, migrate
from retrieval.errors import UserError

CHECKED_BYTES = 64 * 2**20
"""Files up to this size are checked page by page when they are opened (about 0.1 s at most)."""


def open_database(place: str | Path, *, migrations: Path = MIGRATIONS) -> Engine:
    """Open or make a database and bring it to the program's version.

    `place` is the path of a SQLite file or a URL (`sqlite:///...`, `postgresql+psycopg://...`).
    Raises UserError for whatever the user can mend (damaged, newer, not writable, disk full); the
    file is then as it was.
    """
    url = _url(place)
    if url.get_backend_name() == "sqlite":
        _prepare(Path(url.database or ""))
    engine = _engine(url)
    try:
        with faults(url):
            migrate(engine, migrations)
    except BaseException:
        engine.dispose()
        raise
    return engine


def _url(place: str | Path) -> URL:
    if isinstance(place, Path) or "://" not in place:
        return URL.create("sqlite", database=str(place))
    try:
        url = make_url(place)
    except ArgumentError as error:
        raise UserError("the database's address cannot be read", cure=_FORMS) from error
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise UserError(f"no database of the kind {url.drivername!r} is known", cure=_FORMS)
    if url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:"):
        raise UserError("the database's address names no file", cure=_FORMS)
    return url


_FORMS = "write a file's path, or postgresql+psycopg://user:password@host/name"


def _prepare(path: Path) -> None:
    """Make the folder, and look at an existing file without changing a byte of it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            _check(path)
        else:
            # Its log takes the same permissions: only the owner reads what was asked and read.
            path.touch(mode=0o600)
    except OSError as error:
        raise unmade(path, error) from error


def _check(path: Path) -> None:
    """Read-only, so that not even the log is written back into a file that is damaged."""
    if not path.is_file():
        raise broken(path, "is not a file")
    small = path.stat().st_size <= CHECKED_BYTES
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        try:
            pragma = "quick_check(1)" if small else "schema_version"
            (found,) = connection.execute(f"PRAGMA {pragma}").fetchone()
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise file_fault(path, error) or broken(path, f"cannot be read ({error})") from error
    if small and found != "ok":
        raise broken(path, "is damaged")


def _engine(url: URL) -> Engine:
    try:
        engine = create_engine(url)
    except ModuleNotFoundError as error:
        raise UserError(
            f"the driver {error.name!r} of {url.drivername!r} is not installed",
            cure=f"run: pip install {error.name}",
        ) from error
    if url.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _connected)
        event.listen(engine, "begin", _begun)
    return engine


def _connected(driver: sqlite3.Connection, _record: Any) -> None:
    # The driver would open transactions by itself, and only before some statements.
    driver.isolation_level = None
    for pragma in ("busy_timeout = 10000", "synchronous = FULL", "foreign_keys = ON"):
        driver.execute(f"PRAGMA {pragma}")


def _begun(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
