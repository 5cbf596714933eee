"""A running page for the tests: `vouch chat` as a process, over an engine with a scripted model."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

HERE = Path(__file__).resolve().parent
for folder in (HERE, HERE.parent / "slack"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

FACTS = 24
MAIN = "from ui.cli import main; main()"


@dataclass(frozen=True, slots=True)
class Page:
    """Where the page is, the door to its engine, and what its library holds."""

    url: str
    home: Path
    client: Any
    facts: list[Any]

    def call(self, name: str, **params: Any) -> Any:
        """Return the result of a call to the engine."""
        return self.client.result(name, params)


@pytest.fixture(scope="session")
def _scripted() -> Any:
    from fake_slack import house

    return house


@pytest.fixture
def page(_scripted: Any, vouch_home: Path, tmp_path: Path) -> Iterator[Page]:
    """Serve a page over a library of FACTS documents, whose model answers at once."""
    facts = [_scripted.fact(number) for number in range(FACTS)]
    _scripted.write_library(tmp_path / "facts", facts)
    environ = {**os.environ, "VOUCH_HOME": str(vouch_home), "PYTHONUNBUFFERED": "1"}
    client = _scripted.start_engine(vouch_home, environ)
    client.result("add", {"paths": [str(tmp_path / "facts")]})
    serving = subprocess.Popen(
        [sys.executable, "-c", MAIN, "chat", "--no-browser", "--port", "0"],
        env=environ,
        cwd=HERE.parents[1],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        url = _address(serving)
        _wait(url, serving)
        yield Page(url, vouch_home, client, facts)
    finally:
        serving.send_signal(signal.SIGTERM)
        serving.wait(30)
        _scripted.stop_engine(client)


def _address(serving: "subprocess.Popen[str]") -> str:
    assert serving.stdout is not None
    for told in serving.stdout:
        if found := re.search(r"http://\S+", told):
            return found[0]
    raise AssertionError("the page did not start")


def _wait(url: str, serving: "subprocess.Popen[str]") -> None:
    """Return when the page answers."""
    while serving.poll() is None:
        try:
            if httpx.get(f"{url}/_stcore/health").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the page ended")
