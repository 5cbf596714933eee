"""Transactions: one for reading that sees a fixed state, one for writing that waits its turn."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase

from app.store.faults import faults


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction for reading that sees one state of the database from beginning to end;
    `UserError` for what a user can mend."""
    with faults(engine.url), _fixed(engine).begin() as connection:
        yield connection


def _fixed(engine: Engine) -> Engine:
    # SQLite's transactions see one state anyhow; a server must be told for each.
    if engine.dialect.name == "sqlite":
        return engine
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction for writing, committed to the disk when the block ends without an error.

    SQLite's write lock is taken at the start: a lock that is only asked for at the first write
    fails when another writer came between.
    """
    with faults(engine.url), engine.execution_options(writing=True).begin() as connection:
        yield connection


def insert_new(
    connection: Connection, table: type[DeclarativeBase], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Insert the rows whose key is not taken yet; the others are left as they are."""
    if rows:
        connection.execute(_unless_there(connection, table), rows)


def insert_first(
    connection: Connection, table: type[DeclarativeBase], row: Mapping[str, Any]
) -> bool:
    """Insert a row if its key is not taken yet, and say whether it was not."""
    # Not every driver counts the rows of an insert, so the new one is asked back.
    inserted = _unless_there(connection, table).returning(*inspect(table).primary_key)
    return connection.execute(inserted, row).first() is not None


def _unless_there(
    connection: Connection, table: type[DeclarativeBase]
) -> postgresql.Insert | sqlite.Insert:
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


def alone(connection: Connection, name: str) -> None:
    """Wait until no other writing transaction holds this name; it is held until this one ends.

    SQLite lets one transaction write at a time, so there it is held already.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(7107112, hashtext(:n))"), {"n": name})
