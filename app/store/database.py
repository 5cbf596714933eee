"""Opens the database: a SQLite file beside the library, or PostgreSQL by URL with the same code."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, text

from app.store.faults import broken, faults, file_fault, unmade
from app.store.migrate import MIGRATIONS, found_version, migrate
from app.store.sessions import reading
from app.store.urls import DRIVER, named, read_url
from retrieval.errors import UserError

CHECKED_BYTES = 64 * 2**20
"""Files up to this size are checked page by page when they are opened (about 0.1 s at most)."""

CONNECT_SECONDS = 10
"""How long a server may take to answer."""


def open_database(place: str | Path, *, migrations: Path = MIGRATIONS) -> Engine:
    """Open or make a database and bring it to the program's version.

    `place` is the path of a SQLite file, or a URL as text (`sqlite:///...`,
    `postgresql+psycopg://...`).
    Raises UserError for whatever the user can mend (damaged, newer, not writable, disk full); the
    file is then as it was.
    """
    url = read_url(place)
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


@dataclass(frozen=True, slots=True)
class Seen:
    """A server's database as it is: its address without password, the version of its tables (None
    for an empty one), and its runs."""

    name: str
    version: str | None
    runs: int


def look(place: str) -> Seen:
    """Look at a server's database, changing nothing; `UserError` as `open_database`."""
    url = read_url(place)
    engine = _engine(url)
    try:
        with reading(engine) as connection:
            version = found_version(connection)
            runs = connection.scalar(text("SELECT count(*) FROM runs")) if version else 0
    finally:
        engine.dispose()
    return Seen(named(url), version, int(runs or 0))


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
    if url.get_backend_name() == "postgresql":
        return _server(url)
    engine = create_engine(url)
    event.listen(engine, "connect", _connected)
    event.listen(engine, "begin", _begun)
    return engine


def _server(url: URL) -> Engine:
    """An engine whose connections are tried before use, since a server may have been restarted."""
    patience = {} if "connect_timeout" in url.query else {"connect_timeout": CONNECT_SECONDS}
    try:
        return create_engine(
            url, connect_args=patience, pool_pre_ping=True, pool_size=10, max_overflow=20
        )
    except ModuleNotFoundError as error:
        driver = url.get_driver_name()
        extra = "psycopg[binary]" if url.drivername == DRIVER else driver
        raise UserError(
            f"the driver {driver!r} of {url.drivername!r} is not installed",
            origin="database.url",
            cure=f"run: pip install {extra!r}",
        ) from error


def _connected(driver: sqlite3.Connection, _record: Any) -> None:
    # The driver would open transactions by itself, and only before some statements.
    driver.isolation_level = None
    for pragma in ("busy_timeout = 10000", "synchronous = FULL", "foreign_keys = ON"):
        driver.execute(f"PRAGMA {pragma}")


def _begun(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
