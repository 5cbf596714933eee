"""Ten tabs of the chat page ask at once, over a model of fixed speed; memory of tabs that idle.

    python tests/bench/sessions.py [--tabs 10] [--rounds 3]

The model is scripted: it reads 5,000 and writes 200 tokens/s, browses a page of 40 sentences,
keeps up to eight quotes and writes an answer and its rewrite; the engine, the journal
(synchronous=FULL), the index and the page are the real ones. A tab is a websocket client that does
what the page's front end does. Prints wall time from the first question to the last answer over
the model's own time, once by the journal and once as the tabs saw it, and the page's memory for
each tab that is open and idle.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "page"), str(HERE.parent / "slack")]

from fake_slack import house  # noqa: E402
from page_session import PageSession  # noqa: E402

WRITTEN = "200"
"""Tokens that the model writes in a second; it reads 25 times as many."""


@contextmanager
def page(home: Path, environ: dict[str, str]) -> Iterator[tuple[str, int]]:
    """Serve the chat page; yield its address and the id of its process."""
    code = "from ui.cli import main; main()"
    command = [sys.executable, "-c", code, "chat", "--no-browser", "--port", "0"]
    serving = subprocess.Popen(
        command, env=environ, cwd=HERE.parents[1], stdout=subprocess.PIPE, text=True
    )
    try:
        assert serving.stdout is not None
        told = next(line for line in serving.stdout if "http://" in line)
        url = re.search(r"http://\S+", told)[0]  # type: ignore[index]
        while True:
            try:
                if httpx.get(f"{url}/_stcore/health").status_code == 200:
                    break
            except httpx.TransportError:
                time.sleep(0.1)
        yield url, serving.pid
    finally:
        serving.terminate()
        serving.wait(30)


def asking(tab: PageSession, fact: Any, seen: list[float]) -> None:
    """Ask and wait until the tab shows the answer."""
    tab.type("ask", fact.question)
    tab.until(lambda: fact.code in tab.html(), 300)
    seen.append(time.perf_counter())


def together(url: str, client: Any, facts: Sequence[Any]) -> tuple[float, float]:
    """Ask one question in each of so many tabs at once; return both ratios."""
    tabs = [PageSession(url).open() for _ in facts]
    before = {line["id"] for line in client.result("runs", {"limit": 500})["runs"]}
    seen: list[float] = []
    threads = [
        threading.Thread(target=asking, args=(tab, fact, seen))
        for tab, fact in zip(tabs, facts, strict=True)
    ]
    began, clock = time.time(), time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    runs = [line["id"] for line in client.result("runs", {"limit": 500})["runs"]]
    entries = [
        item["entry"]
        for run in runs
        if run not in before
        for item in client.call("show", {"run": run})
        if "entry" in item
    ]
    assert len(seen) == len(facts), "a tab did not show its answer"
    model = sum(e["event"].get("seconds", 0.0) for e in entries if e["event"]["kind"] == "replied")
    last = max(entry["at"] for entry in entries)
    for tab in tabs:
        tab.close()
    return (last - began) / model, (max(seen) - clock) / model


IDLE = 50
"""Tabs that are opened to see what an idle one takes."""


def idle(url: str, process: int) -> float:
    """Return the page's memory for each open tab, in MiB, with a conversation shown in none."""
    page = psutil.Process(process)
    resident = page.memory_info().rss
    held = [PageSession(url).open() for _ in range(IDLE)]
    grown = page.memory_info().rss - resident
    for tab in held:
        tab.close()
    return float(grown) / IDLE / 2**20


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tabs", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args(arguments)
    facts = [house.fact(number, long=True) for number in range(chosen.tabs * chosen.rounds + 1)]
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        house.write_library(Path(folder) / "facts", facts)
        environ = {**os.environ, "VOUCH_HOME": str(home), "PYTHONUNBUFFERED": "1"}
        client = house.start_engine(home, {**environ, house.SPEED: WRITTEN})
        client.result("add", {"paths": [str(Path(folder) / "facts")]})
        try:
            with page(home, environ) as (url, process):
                together(url, client, facts[:1])
                memory = idle(url, process)
                ratios = [
                    together(url, client, facts[1 + n * chosen.tabs :][: chosen.tabs])
                    for n in range(chosen.rounds)
                ]
        finally:
            house.stop_engine(client)
    kept, shown = zip(*ratios, strict=True)
    print(f"{chosen.tabs} tabs at once over the model's own time, {chosen.rounds} rounds: "
          f"answered {statistics.median(kept):.3f} (worst {max(kept):.3f}), "
          f"shown {statistics.median(shown):.3f} (worst {max(shown):.3f})")  # fmt: skip
    print(f"memory of the page for an open, idle tab: {memory:.2f} MiB (of {IDLE} opened)")


if __name__ == "__main__":
    main(sys.argv[1:])
