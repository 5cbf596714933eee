"""Databases for the tests of the store: a SQLite file, and PostgreSQL where one is named."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

from app.store.database import open_database
from app.store.journal import Journal


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """The path of a database that is not there yet."""
    return tmp_path / "vouch.db"


SERVER = os.environ.get("VOUCH_TEST_POSTGRES", "")


@pytest.fixture(params=["sqlite", "postgresql"] if SERVER else ["sqlite"])
def engine(request: pytest.FixtureRequest, place: Path) -> Iterator[Engine]:
    """An empty database of each kind; the server's one lives in a schema of its own."""
    if request.param == "sqlite":
        opened = open_database(place)
        yield opened
        opened.dispose()
    else:
        yield from _postgres()


def _postgres() -> Iterator[Engine]:
    schema = f"vouch_{secrets.token_hex(6)}"
    server = create_engine(SERVER)
    with server.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    joint = "&" if "?" in SERVER else "?"
    opened = open_database(f"{SERVER}{joint}options=-csearch_path%3D{schema}")
    yield opened
    opened.dispose()
    with server.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    server.dispose()


@pytest.fixture
def journal(engine: Engine) -> Journal:
    """A journal whose clock ticks a quarter of a second at every look."""
    return Journal(engine, clock=Ticks())


class Ticks:
    """A clock that moves on at every look."""

    def __init__(self, now: float = 1_700_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        self.now += 0.25
        return self.now
