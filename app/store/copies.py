"""Copies of a whole database: into a SQLite file, and from one database into another."""

import os
import sqlite3
from pathlib import Path

from sqlalchemy import Connection, Engine, Table, func, insert, inspect, select

from app.store import tables_feedback, tables_talk
from app.store.database import open_database
from app.store.faults import faults
from app.store.sessions import reading, writing
from app.store.tables import Base
from app.store.urls import read_url

_BATCH = 50
"""Rows that are held in memory at a time; one may be a whole document."""

_ALL = (tables_talk.TurnRow, tables_feedback.FeedbackRow)
"""Imported so that the metadata knows every table."""


def snapshot(engine: Engine, path: Path) -> dict[str, int]:
    """Write the state of a database into a new SQLite file, and return the rows of each table.

    Whoever writes meanwhile is not held up, and what they write is not in the copy.
    """
    if engine.dialect.name == "sqlite":
        _copy_file(Path(engine.url.database or ""), path)
        target = open_database(path)
    else:
        target = open_database(path)
        with reading(engine) as source, writing(target) as connection:
            copy_rows(source, connection)
    counted = counts(target)
    _close(target, path)
    return counted


def counts(engine: Engine) -> dict[str, int]:
    """The number of rows of each table."""
    with reading(engine) as connection:
        wanted = {
            table.name: select(func.count()).select_from(table) for table in _present(connection)
        }
        return {name: connection.scalar(count) or 0 for name, count in wanted.items()}


def copy_rows(source: Connection, target: Connection) -> None:
    """Copy every row into a database whose tables are empty."""
    for table in Base.metadata.sorted_tables:
        rows = source.execute(select(table), execution_options={"yield_per": _BATCH})
        for batch in rows.mappings().partitions():
            target.execute(insert(table), [dict(row) for row in batch])


def _present(connection: Connection) -> list[Table]:
    there = set(inspect(connection).get_table_names())
    return [table for table in Base.metadata.sorted_tables if table.name in there]


def _copy_file(path: Path, copy: Path) -> None:
    with faults(read_url(copy)):
        source, target = sqlite3.connect(path), sqlite3.connect(copy)
        try:
            source.backup(target)
        finally:
            source.close()
            target.close()


def _close(engine: Engine, path: Path) -> None:
    """Leave one file alone, without a log beside it, and on the disk."""
    engine.dispose()
    with faults(engine.url):
        driver = sqlite3.connect(path)
        try:
            driver.execute("PRAGMA journal_mode = DELETE")
        finally:
            driver.close()
    with path.open("rb") as file:
        os.fsync(file.fileno())
