"""Databases for the tests of the store: a SQLite file, and a PostgreSQL server of their own."""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text

from app.store.database import open_database
from app.store.journal import Journal

if str(Path(__file__).parent) not in sys.path:
    sys.path.insert(0, str(Path(__file__).parent))

PASSWORD = "sesame-7"


class Ticks:
    """A clock that moves on by a quarter of a second at every look."""

    def __init__(self, now: float = 1_700_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        self.now += 0.25
        return self.now


class Server:
    """A PostgreSQL server on a free loopback port, in a folder that goes with it.

    PostgreSQL refuses to run as root, so there it runs as the user postgres or nobody.
    """

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self._user = "" if os.geteuid() else _lesser_user()
        self._folder = Path(tempfile.mkdtemp(prefix="vouch-pg-", dir="/tmp"))
        if self._user:
            shutil.chown(self._folder, self._user)
        secret = self._folder / "password"
        secret.write_text(PASSWORD)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        data = str(self._folder / "data")
        first = ("--username=vouch", "--auth=scram-sha-256", f"--pwfile={secret}", "--no-sync")
        self._run("initdb", "-D", data, "--encoding=UTF8", "--locale=C", *first)
        self.start()

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://vouch:{PASSWORD}@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c fsync=off -k {self._folder}"
        log = str(self._folder / "log")
        self._run("pg_ctl", "-D", str(self._folder / "data"), "-l", log, "-o", options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self._folder / "data"), "-m", "immediate", "stop")

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self._folder)

    def _run(self, program: str, *arguments: str) -> None:
        who: dict[str, Any] = {"user": self._user, "extra_groups": []} if self._user else {}
        done = subprocess.run(
            [self._programs / program, *arguments],
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE if program == "initdb" else subprocess.DEVNULL,
            timeout=120,
            check=False,
            **who,
        )
        assert done.returncode == 0, (program, done.stderr)


def _lesser_user() -> str:
    import pwd

    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _alone() -> bool:
    """Whether root is the one user whom this namespace knows."""
    lines = Path("/proc/self/uid_map").read_text().splitlines()
    return sum(int(line.split()[2]) for line in lines) == 1


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A server for the whole session; skips where PostgreSQL is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.skip("PostgreSQL is not installed (/usr/lib/postgresql/*/bin/initdb)")
    if os.geteuid() == 0 and _alone():
        pytest.skip("PostgreSQL refuses root, and this namespace of users has nobody else")
    running = Server(found[-1].parent)
    yield running
    running.remove()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """The path of a database that is not there yet."""
    return tmp_path / "vouch.db"


@pytest.fixture
def schema(server: Server) -> Iterator[str]:
    """The address of an empty schema of the server."""
    name = f"vouch_{secrets.token_hex(6)}"
    admin = create_engine(server.url, pool_pre_ping=True)
    with admin.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    yield f"{server.url}?options=-csearch_path%3D{name}"
    with admin.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
    admin.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, place: Path) -> Iterator[Engine]:
    """An empty database of each kind; the server's one lives in a schema of its own."""
    where = place if request.param == "sqlite" else request.getfixturevalue("schema")
    opened = open_database(where)
    yield opened
    opened.dispose()


@pytest.fixture
def clock() -> Callable[[], float]:
    """A clock that moves on at every look."""
    return Ticks()


@pytest.fixture
def journal(engine: Engine, clock: Callable[[], float]) -> Journal:
    """A journal with that clock."""
    return Journal(engine, clock=clock)
