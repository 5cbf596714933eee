"""The command line in process and as a process, with a house that is made up."""

import importlib.util
import os
import pty
import select
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ui import commandline

SCRIPT = Path(__file__).with_name("fake_vouch.py")


@pytest.fixture(scope="session")
def fake() -> ModuleType:
    """The module with the made-up house and its story."""
    spec = importlib.util.spec_from_file_location("fake_vouch", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def chat() -> ModuleType:
    """The module with the house in memory of the conversation page."""
    spec = importlib.util.spec_from_file_location("chat_house", SCRIPT.with_name("chat_house.py"))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def pages() -> ModuleType:
    """The module with the house in memory of the library, runs and compare pages."""
    spec = importlib.util.spec_from_file_location("pages_house", SCRIPT.with_name("pages_house.py"))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@dataclass(frozen=True)
class Ran:
    """What a command line came to."""

    status: int
    out: str
    err: str
    house: Any = None

    @property
    def all(self) -> str:
        return self.out + self.err


Vouch = Callable[..., Ran]


@pytest.fixture
def vouch(fake: ModuleType, capsys: pytest.CaptureFixture[str]) -> Vouch:
    """Carry out a command line in this process: vouch("ask", "x", mood="lost")."""

    def carry_out(*arguments: str, mood: str = "") -> Ran:
        house = fake.FakeHouse(mood)
        status = commandline.run(list(arguments), lambda choice: house)
        told = capsys.readouterr()
        return Ran(status, told.out, told.err, house)

    return carry_out


@pytest.fixture
def process(monkeypatch: pytest.MonkeyPatch) -> Vouch:
    """Carry out a command line as a process of its own, with text on its stdin."""

    def carry_out(*arguments: str, mood: str = "", stdin: str = "") -> Ran:
        monkeypatch.setenv("FAKE_MOOD", mood)
        command = [sys.executable, str(SCRIPT), *arguments]
        told = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=60)
        return Ran(told.returncode, told.stdout, told.stderr)

    return carry_out


@pytest.fixture
def terminal() -> Callable[..., tuple[int, str]]:
    """Carry out a command line whose stdout and stderr are a terminal; its status and output."""

    def carry_out(*arguments: str, mood: str = "") -> tuple[int, str]:
        ours, theirs = pty.openpty()
        plain = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
        environment = {**plain, "FAKE_MOOD": mood, "TERM": "xterm-256color", "COLUMNS": "100"}
        command = [sys.executable, str(SCRIPT), *arguments]
        streams = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
        with subprocess.Popen(command, env=environment, **streams) as child:  # type: ignore[call-overload]
            os.close(theirs)
            told = b""
            while select.select([ours], [], [], 30)[0]:
                try:
                    told += os.read(ours, 65536)
                except OSError:
                    break
            os.close(ours)
            status = child.wait(timeout=30)
        return status, told.decode()

    return carry_out
