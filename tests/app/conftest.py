"""Engines of the tests as real processes, and houses in process with a scripted model."""

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from agents.models.scripted import ScriptedModel
from agents.probe import Probed
from app.address import LOCK_FILE, read_address
from app.client import Client, attach
from app.house import House
from app.launch import Launch
from app.probes import Probes
from app.settings import load
from app.table import table
from app.wire import encode
from retrieval.embed import HashEmbedder
from retrieval.errors import UserError
from retrieval.lock import is_held

HERE = Path(__file__).resolve().parent
Wait = Callable[[Callable[[], Any]], Any]


@pytest.fixture
def wait_for() -> Wait:
    """Wait until a condition holds; fail after a time that only a fault can reach."""

    def wait(condition: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + 60
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


class Home:
    """A house in process, with a model that says one thing and an embedder that hashes words."""

    def __init__(self, folder: Path, overrides: Mapping[str, str]) -> None:
        self.model = ScriptedModel(lambda messages, sampling: "Clara Voss", "scripted")
        named = {"model.name": "scripted", "ask.policy": "guided"}
        self.house = House(load(folder, {}, {**named, **overrides}))
        self.house.__dict__["embedder"] = HashEmbedder()
        self.house._models["scripted"] = self.model
        Probes(folder / "models" / "probes.json").keep("scripted", Probed(1, 6))
        self.calls = table(self.house)
        self.cancel = threading.Event()

    def call(self, name: str, /, **params: Any) -> tuple[list[Any], Any]:
        """The items of a call and its result, each line through the wire."""
        stream = self.calls[name].run(params, self.cancel)
        items: list[Any] = []
        while True:
            try:
                items.append(json.loads(encode({"item": next(stream)}))["item"])
            except StopIteration as stop:
                return items, json.loads(encode({"done": stop.value}))["done"]

    def result(self, name: str, /, **params: Any) -> Any:
        return self.call(name, **params)[1]

    def add(self, **texts: str) -> None:
        """Put a text into the collection of each name."""
        for collection, text in texts.items():
            path = self.house.settings.home / "files" / f"{collection}.txt"
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
            assert self.result("add", paths=[str(path)], collection=collection) == {"failed": 0}


@pytest.fixture(scope="module")
def make_home() -> Iterator[Callable[..., Home]]:
    """Make a house in process in a folder: make_home(folder, **{"database.url": url})."""
    made: list[Home] = []

    def make(folder: Path, **overrides: str) -> Home:
        made.append(Home(folder, overrides))
        return made[-1]

    yield make
    for home in made:
        home.house.close()
