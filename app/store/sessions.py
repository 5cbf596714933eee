"""Transactions: one for reading that sees a fixed state, one for writing that waits its turn."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase

from app.store.faults import faults


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction for reading; `UserError` for what a user can mend."""
    with faults(engine.url), engine.begin() as connection:
        yield connection


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
) -> int:
    """Insert the rows whose key is not taken yet, the others are left as they are; return how
    many were new."""
    if not rows:
        return 0
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    return connection.execute(dialect.insert(table).on_conflict_do_nothing(), rows).rowcount


def alone(connection: Connection, name: str) -> None:
    """Wait until no other writing transaction holds this name; it is held until this one ends.

    SQLite lets one transaction write at a time, so there it is held already.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(7107112, hashtext(:n))"), {"n": name})
