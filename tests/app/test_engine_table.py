"""The calls of a house over a real journal: what is told, what is exported, what is taken in."""

import json
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agents.actions import Finish, Open, Search
from agents.events import (
    Acted,
    Answer,
    Answered,
    Asked,
    Drafted,
    Event,
    Found,
    Landmark,
    Opened,
    Replied,
    Stopped,
)
from app.store.database import open_database
from app.store.journal import Journal
from app.table import table
from app.telling import TOLD_CAP
from app.wire import LINE_CAP, encode
from retrieval.errors import UserError
from retrieval.progress import Added

PAGE = "Grüße " * (LINE_CAP // 20)
PLANTED = "Zanzibar-only-in-the-draft"
BEGUN: list[Event] = [Asked("q", model="m"), Acted(Search("q")), Found("q", ())]
FINISHED: list[Event] = [*BEGUN, Acted(Finish()), Stopped("finished")]
DRAFT: list[Event] = [*FINISHED, Replied(PLANTED), Drafted(PLANTED)]
ANSWERED: list[Event] = [*DRAFT, Answered(Answer("a", "answered", "prose"))]


class Table:
    """Runs the calls of a house as the engine does, each line through the wire."""

    def __init__(self, journal: Journal, library: object = None) -> None:
        self.journal = journal
        self.calls = table(SimpleNamespace(journal=journal, library=library))  # type: ignore[arg-type]
        self.cancel = threading.Event()

    def keep(self, events: list[Event]) -> str:
        run = self.journal.begin()
        for event in events:
            self.journal.append(run, event)
        return run

    def call(self, name: str, params: Mapping[str, Any]) -> tuple[list[Any], Any]:
        stream = self.calls[name].run(params, self.cancel)
        items: list[Any] = []
        while True:
            try:
                items.append(json.loads(encode({"item": next(stream)}))["item"])
            except StopIteration as stop:
                return items, stop.value


@pytest.fixture
def calls(tmp_path: Path) -> Iterator[Table]:
    database = open_database(tmp_path / "vouch.db")
    yield Table(Journal(database))
    database.dispose()


def test_a_run_of_many_large_pages_is_shown_exported_and_taken_in(
    calls: Table, tmp_path: Path
) -> None:
    marks = tuple(Landmark(n, "heading") for n in range(9))
    pages = [Opened(f"d{n}", "/p.txt", "P", PAGE + str(n), 0, marks) for n in range(4)]
    answer = Answered(Answer("yes", "answered", "prose"))
    run = calls.keep([*BEGUN, Acted(Open(1)), *pages, Stopped("finished"), answer])
    items, result = calls.call("show", {"run": run})
    assert result == {"run": run}
    told = [item["entry"]["event"] for item in items]
    assert [event["kind"] for event in told].count("opened") == 4
    assert all(not event["text"] for event in told if event["kind"] == "opened")
    assert told[-1]["answer"]["text"] == "yes"
    pieces, _ = calls.call("export", {"run": run})
    text = "".join(item["piece"] for item in pieces)
    assert text == "".join(calls.journal.export(run)) and PAGE in text
    path = tmp_path / "run.jsonl"
    path.write_text(text, encoding="utf-8")
    assert calls.call("import", {"path": str(path)})[1] == {"run": run}


def test_no_entry_is_told_that_does_not_fit_the_wire(calls: Table) -> None:
    run = calls.keep([Asked("\U0001f30a" * (LINE_CAP // 12), model="m")])
    ((item,), _) = calls.call("show", {"run": run})
    assert len(json.dumps(item)) <= TOLD_CAP + 200
    assert item["entry"]["event"]["question"].startswith("\U0001f30a")


@pytest.mark.parametrize("events", [DRAFT, DRAFT[:-1], [*DRAFT, Stopped("cancelled")]])
def test_a_draft_without_answer_is_neither_shown_nor_exported(
    calls: Table, events: list[Event]
) -> None:
    run = calls.keep(events)
    assert PLANTED not in str(calls.call("show", {"run": run}))
    with pytest.raises(UserError) as caught:
        calls.call("export", {"run": run})
    assert PLANTED not in str(caught.value) and f"fork {run} --at 3" in caught.value.cure


@pytest.mark.parametrize("events", [BEGUN, FINISHED, ANSWERED])
def test_runs_without_draft_or_with_an_answer_are_exported(
    calls: Table, events: list[Event]
) -> None:
    pieces, _ = calls.call("export", {"run": calls.keep(events)})
    assert len("".join(item["piece"] for item in pieces).splitlines()) == 1 + len(events)


@pytest.mark.parametrize("made", ["", "folder", "binary"])
def test_a_file_that_cannot_be_read_is_named(calls: Table, tmp_path: Path, made: str) -> None:
    path = tmp_path / "run.jsonl"
    if made == "folder":
        path.mkdir()
    elif made:
        path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError) as caught:
        calls.call("import", {"path": str(path)})
    assert str(path) in caught.value.what and caught.value.cure


def test_indexing_anew_stops_when_it_is_told_to(calls: Table) -> None:
    steps = [Added(f"/{n}.txt", f"d{n}", 1) for n in range(5)]
    stopped = Table(calls.journal, SimpleNamespace(reindex=lambda: iter(steps)))
    assert len(stopped.call("reindex", {})[0]) == 5
    stopped.cancel.set()
    assert len(stopped.call("reindex", {})[0]) == 1
