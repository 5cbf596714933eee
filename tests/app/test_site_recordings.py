"""Questions asked of a real site, as they were recorded: each is told again exactly, without a net.

The pages are those of Python's documentation (python3-doc of Debian, under the PSF licence), served
on loopback; tests/bench/site.py made the runs.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agents import view
from agents.answers import Quoted
from agents.events import Event, Opened
from retrieval.errors import UserError

pytestmark = pytest.mark.slow

RUNS = sorted((Path(__file__).resolve().parents[1] / "recordings" / "site").glob("*.jsonl"))
LARGEST = 300_000


@pytest.fixture(scope="module")
def home(make_home: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    return make_home(tmp_path_factory.mktemp("home"))


@pytest.fixture
def replayed(home: Any) -> Callable[[list[Event]], Any]:
    """Keep events as a run of their own and replay it."""

    def again(events: list[Event]) -> Any:
        run = home.house.journal.begin()
        for event in events:
            home.house.journal.append(run, event)
        return home.result("replay", run=run)

    return again


def events(home: Any, path: Path) -> list[Event]:
    run = home.result("import", path=str(path))["run"]
    return [entry.event for entry in home.house.journal.entries(run)]


def spoilt(happened: list[Event], quote: Quoted) -> list[Event]:
    """The events, but the page of a quote has a letter changed in the middle of what was quoted."""
    at = (quote.start + quote.end) // 2
    return [
        replace(event, text=f"{event.text[:at]}\N{SNOWMAN}{event.text[at + 1 :]}")
        if isinstance(event, Opened) and event.document == quote.document
        else event
        for event in happened
    ]


def test_there_are_ten_and_they_are_small() -> None:
    assert len(RUNS) == 10
    assert all(path.stat().st_size <= LARGEST for path in RUNS)


@pytest.mark.parametrize("path", RUNS, ids=lambda path: path.stem)
def test_a_recorded_run_is_told_again_exactly(home: Any, path: Path) -> None:
    happened = events(home, path)
    assert view.asked(happened).reach == "web" and view.quotes(happened)
    assert all(quote.source.startswith("http://127.0.0.1") for quote in view.quotes(happened))
    run = home.result("import", path=str(path))["run"]
    told = home.result("replay", run=run)
    assert told["equal"] and told["because"] == "", told


@pytest.mark.parametrize("path", RUNS, ids=lambda path: path.stem)
def test_a_recorded_page_that_was_changed_is_found_out(
    home: Any, replayed: Callable[[list[Event]], Any], path: Path
) -> None:
    happened = events(home, path)
    assert replayed(happened)["equal"]
    told = replayed(spoilt(happened, view.quotes(happened)[0]))
    assert not told["equal"] and told["step"] is not None
    assert told["step"] >= next(n for n, one in enumerate(happened) if isinstance(one, Opened))


@pytest.mark.parametrize("path", RUNS[:2], ids=lambda path: path.stem)
def test_a_file_in_which_a_page_was_changed_is_refused(
    home: Any, path: Path, tmp_path: Path
) -> None:
    lines = path.read_text("utf-8").splitlines(keepends=True)
    place = next(n for n, line in enumerate(lines) if "sha256" in json.loads(line))
    page = json.loads(lines[place])
    lines[place] = json.dumps({**page, "text": page["text"] + "x"}) + "\n"
    changed = tmp_path / path.name
    changed.write_text("".join(lines), "utf-8")
    with pytest.raises(UserError, match=f"line {place + 1}"):
        home.result("import", path=str(changed))
