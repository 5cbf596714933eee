"""`vouch chat` as a process of its own, over an engine with a scripted model."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

HERE = Path(__file__).resolve().parent

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


@contextmanager
def serving(
    folder: Path, speed: str = "", stock: Callable[[Path], None] | None = None
) -> Iterator[Page]:
    """Serve a page over a library of FACTS documents. `speed` is that of the scripted model, in
    tokens/s; none is at once. `stock` may fill the home before the engine starts."""
    from fake_slack import house

    home = folder / "h"
    home.mkdir()
    clean = {name: value for name, value in os.environ.items() if not name.startswith("VOUCH_")}
    environ = {**clean, "VOUCH_HOME": str(home), "PYTHONUNBUFFERED": "1", house.SPEED: speed}
    if stock is not None:
        stock(home)
    facts = [house.fact(number) for number in range(FACTS)]
    house.write_library(folder / "facts", facts)
    client = house.start_engine(home, environ)
    client.result("add", {"paths": [str(folder / "facts")]})
    command = [sys.executable, "-c", MAIN, "chat", "--no-browser", "--port", "0"]
    process = subprocess.Popen(
        command, env=environ, cwd=HERE.parents[1], stdout=subprocess.PIPE, text=True
    )
    try:
        yield Page(_address(process), home, client, facts)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        house.stop_engine(client)


def _address(process: "subprocess.Popen[str]") -> str:
    """Return the page's address once it answers."""
    assert process.stdout is not None
    told = next((line for line in process.stdout if "http://" in line), "")
    found = re.search(r"http://\S+", told)
    assert found, "the page did not start"
    while process.poll() is None:
        try:
            if httpx.get(f"{found[0]}/_stcore/health").status_code == 200:
                return found[0]
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the page ended")
