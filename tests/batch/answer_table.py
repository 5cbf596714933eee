"""Questions answered by rule, each run kept on disk: an engine's table, and a house in process.

As the engine promises: a run of a name that stands is never asked again; one that was cut off is
"interrupted". Every question that is really asked leaves a line in the file `asked` of the home.
While a home has the file `allowed`, "Question 7?" is held half way until the number in it is above
7: so a test decides how far a batch gets, and not the machine's pace.
"""

import hashlib
import json
import os
import re
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from agents import view
from agents.actions import Search
from agents.codec import dump, load
from agents.events import (
    Acted,
    Answer,
    Answered,
    Asked,
    Claim,
    Event,
    Found,
    Opened,
    Quoted,
    Replied,
    Result,
    Stopped,
    Verdict,
)
from app.calls import JSON, CallSpec
from retrieval.errors import UserError

PAGE = "The weir at Aldmoor was finished in 1887. Its engineer was Clara Voss."


def story(question: str) -> list[Event]:
    """A run whose answer follows from the question alone."""
    number = int(hashlib.sha256(question.encode()).hexdigest(), 16)
    begun: list[Event] = [Asked(question, model="rule", policy="guided"), Acted(Search(question))]
    found = Found(question, (Result("d1", "p1", "/weir.txt", "Weir", PAGE, 0, 70, 0.5),))
    if "broken" in question:
        return [*begun, Stopped("failed", "the model was lost")]
    if number % 7 == 0 or "decline" in question:
        answer = Answer("", "declined", "none", "nothing was found")
        return [*begun, found, Stopped("finished"), Answered(answer)]
    quote = Quoted(1, "d1", "/weir.txt", "Weir", PAGE[:41], 0, 41)
    text = f"Answer {number % 1000} to {question} [1]."
    held = Verdict(Claim(text, 0, len(text), (1,)), "supported", "rule", (number % 100) / 100)
    doubt = Verdict(Claim("And so on.", 0, 10), "unsupported", "rule", 0.5)
    verdicts = (held, doubt) if number % 3 == 0 else (held,)
    answer = Answer(text, "answered", "prose", "", (quote,), verdicts)
    replied = Replied(text, "stop", 90 + number % 9, 9, 7, 0.1)
    opened = Opened("d1", "/weir.txt", "Weir", PAGE)
    return [*begun, found, opened, quote, Stopped("finished"), replied, Answered(answer)]


class Table:
    """The calls of one home. `seconds` is how long a question takes."""

    def __init__(self, home: Path, seconds: float = 0.0) -> None:
        self.home = home
        self.seconds = seconds
        self.runs = home / "answers"
        self.runs.mkdir(exist_ok=True)

    @property
    def calls(self) -> dict[str, CallSpec]:
        return {"ask": CallSpec(self._ask, queued=True), "show": CallSpec(self._show)}

    def _ask(self, params: Mapping[str, Any], cancel: Any) -> Iterator[JSON]:
        run, question = params["run"], params["question"]
        if "refuse" in question or (self.home / "refuse").exists():
            raise UserError("the library is empty", cure="add a folder")
        if (self.runs / run).exists():
            entries = self._entries(run)
            yield from ({"entry": entry} for entry in entries)
            return {"run": run, "state": _state(entries)}
        with (self.home / "asked").open("a") as log:
            log.write(json.dumps([run, question]) + "\n")
        if "fault" in question:
            raise KeyError("an unforeseen fault")
        told = story(question)
        for number, event in enumerate(told):
            if cancel.is_set():
                event = Stopped("cancelled")
            entry = {"run": run, "seq": number, "at": number / 8, "event": dump(event)}
            with (self.runs / run).open("a") as file:
                file.write(json.dumps(entry) + "\n")
            yield {"entry": entry}
            if isinstance(event, Stopped) and event.reason == "cancelled":
                break
            _wait(self.seconds / len(told), cancel)
            while number == 1 and self._held(question) and not cancel.is_set():
                time.sleep(0.02)
            if "fatal" in question and number == 2:
                os._exit(9)
        return {"run": run, "state": _state(self._entries(run))}

    def _held(self, question: str) -> bool:
        asked = re.fullmatch(r"Question (\d+)\?", question)
        try:
            allowed = (self.home / "allowed").read_text()
        except FileNotFoundError:
            return False
        return asked is not None and int(asked[1]) >= int(allowed or 0)

    def _show(self, params: Mapping[str, Any], cancel: Any) -> Iterator[JSON]:
        entries = self._entries(params["run"])
        yield from ({"entry": entry} for entry in entries)
        return {"run": params["run"]}

    def _entries(self, run: str) -> list[Any]:
        return [json.loads(line) for line in (self.runs / run).read_text().splitlines()]

    def close(self) -> None:
        """Nothing is held."""


def _wait(seconds: float, cancel: Any) -> None:
    """Let time go by, as a model does that heeds a stop."""
    deadline = time.monotonic() + seconds
    while not cancel.is_set() and (left := deadline - time.monotonic()) > 0:
        time.sleep(min(0.02, left))


def _state(entries: list[Any]) -> str:
    return view.state([load(entry["event"]) for entry in entries])


def build_calls(home: Path, environ: Mapping[str, str], overrides: dict[str, str]) -> Table:
    return Table(home, float(environ.get("TABLE_SECONDS", "0")))


class Streamed:
    """The items of a call that is made in this process."""

    def __init__(self, items: Iterator[JSON]) -> None:
        self._items = items
        self.result: JSON = None

    def __iter__(self) -> Iterator[JSON]:
        return self

    def __next__(self) -> JSON:
        try:
            return next(self._items)
        except StopIteration as ended:
            self.result = ended.value
            raise


class Local:
    """A house in this process; it counts how many questions are asked at once, and remembers by
    its name how a job failed, as an engine does for a while."""

    def __init__(self, home: Path, seconds: float = 0.0) -> None:
        self.table = Table(home, seconds)
        self.jobs: dict[str, threading.Event] = {}
        self.failed: dict[str, UserError] = {}
        self.most = 0
        self._busy = 0
        self._lock = threading.Lock()

    def call(self, name: str, params: Mapping[str, Any], job: str | None = None) -> Streamed:
        return Streamed(self._run(name, params, job or os.urandom(4).hex()))

    def _run(self, name: str, params: Mapping[str, Any], job: str) -> Iterator[JSON]:
        if job in self.failed:
            raise self.failed[job]
        cancel = self.jobs[job] = threading.Event()
        with self._lock:
            self._busy += name == "ask"
            self.most = max(self.most, self._busy)
        try:
            return (yield from self.table.calls[name].run(params, cancel))
        except UserError as error:
            self.failed[job] = error
            raise
        finally:
            with self._lock:
                self._busy -= name == "ask"

    def stop(self, job: str) -> bool:
        if job in self.jobs:
            self.jobs[job].set()
        return job in self.jobs

    def job(self, job: str) -> None:
        """No job is told of."""
