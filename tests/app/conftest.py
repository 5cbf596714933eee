"""Engines of the tests: real processes that serve the table beside this file."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from app.address import LOCK_FILE, read_address
from app.client import Client, attach
from app.launch import Launch
from app.lock import is_held
from retrieval.errors import UserError

HERE = Path(__file__).resolve().parent
Wait = Callable[[Callable[[], Any]], Any]


@pytest.fixture
def wait_for() -> Wait:
    """Wait until a condition holds; fail after a time that only a fault can reach."""

    def wait(condition: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + 20
        while not (value := condition()):
            assert time.monotonic() < deadline, "it never came about"
            time.sleep(0.01)
        return value

    return wait


class Engines:
    """Makes clients of engines, and remembers whose engines must be ended."""

    def __init__(self) -> None:
        self.homes: set[Path] = set()

    def launch(self, **changes: Any) -> Launch:
        paths = [str(HERE), os.environ.get("PYTHONPATH", "")]
        environ = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), **changes.pop("env", {})}
        fixed = {"calls": "engine_table:build_calls", "version": "1", "idle_seconds": 60.0}
        return Launch(**{**fixed, "environ": environ, **changes})

    def attach(
        self, home: Path, *, patience: float = 30.0, reading: bool = False, **changes: Any
    ) -> Client:
        self.homes.add(home)
        return attach(home, launch=self.launch(**changes), patience=patience, reading=reading)

    def end(self, wait_for: Wait) -> None:
        for home in self.homes:
            with suppress(UserError):
                Client(home, False, self.launch(), 1.0).finish(force=True)
            if (home / LOCK_FILE).exists():
                wait_for(lambda home=home: not is_held(home / LOCK_FILE))
            assert read_address(home) is None


@pytest.fixture
def engines(wait_for: Wait) -> Iterator[Engines]:
    made = Engines()
    yield made
    made.end(wait_for)


@pytest.fixture
def kill(wait_for: Wait) -> Callable[[Client, int], int]:
    """Send a signal to the engine of a client and wait for its end; returns its process id."""

    def send(client: Client, number: int = signal.SIGKILL) -> int:
        found = client.hello()
        assert found is not None
        os.kill(found["pid"], number)
        wait_for(lambda: not is_held(client.home / LOCK_FILE))
        return int(found["pid"])

    return send
