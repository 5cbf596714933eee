"""Brings a database to the program's version: all steps or none, a backup first, never back."""

import os
import re
import sqlite3
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from app.store.faults import broken
from app.store.sessions import reading, writing
from app.store.urls import named
from retrieval.errors import UserError

MIGRATIONS = Path(__file__).parent / "migrations"


def newest(folder: Path = MIGRATIONS) -> str:
    """The program's version: the highest number that a file of `versions/` begins with."""
    return max(path.name.split("_")[0] for path in (folder / "versions").glob("[0-9]*_*.py"))


def migrate(engine: Engine, folder: Path = MIGRATIONS) -> None:
    """Run the steps that the database lacks, in one transaction.

    Raises UserError, with the database untouched, when it was written by a newer program or by
    another one.
    """
    with reading(engine) as connection:
        found = found_version(connection)
    wanted = newest(folder)
    if found is not None and found > wanted:
        raise UserError(
            f"the database {named(engine.url)} has version {found}, this program knows {wanted}",
            cure="use the newer program that wrote it",
        )
    if engine.dialect.name == "sqlite":
        _write_ahead(engine)
    if found != wanted:
        if found is not None and engine.dialect.name == "sqlite":
            backup(Path(engine.url.database or ""), wanted)
        _upgrade(engine, folder)


def backup(path: Path, version: str) -> Path:
    """Copy a SQLite database, committed pages of its log included, beside itself."""
    taken = len(list(path.parent.glob(f"{path.name}.before-{version}*")))
    copy = path.with_name(f"{path.name}.before-{version}" + (f".{taken}" if taken else ""))
    source, target = sqlite3.connect(path), sqlite3.connect(copy)
    try:
        source.backup(target)
    finally:
        source.close()
        target.close()
    with copy.open("rb") as file:
        os.fsync(file.fileno())
    return copy


def found_version(connection: Connection) -> str | None:
    """The database's version, None for an empty one; `UserError` for one of another program."""
    tables = inspect(connection).get_table_names()
    if not tables:
        return None
    found = None
    if "alembic_version" in tables:
        found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    if not isinstance(found, str) or not re.fullmatch(r"\d{4}", found):
        raise _strange(connection.engine)
    return found


def _strange(engine: Engine) -> UserError:
    if engine.dialect.name == "sqlite":
        return broken(Path(named(engine.url)), "was not made by Vouch")
    return UserError(
        f"the database at {named(engine.url)} holds tables that Vouch did not make",
        origin="database.url",
        cure="give Vouch an empty database of its own",
    )


def _write_ahead(engine: Engine) -> None:
    """Switch to the write-ahead log; SQLite keeps that in the file."""
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.execute("PRAGMA journal_mode = WAL")


def _upgrade(engine: Engine, folder: Path) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(7107111)"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
