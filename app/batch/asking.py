"""Asks one question of an engine so that it is answered once, whatever dies in between."""

import hashlib
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from app.batch.questions import Question
from app.batch.results import Row, cancelled, failed, row_of
from app.wire import EngineFault
from retrieval.errors import UserError

FAULTS = 3
"""So many engines may end over one question; then it has failed."""

CUTS = 5
"""So many runs may be cut short over one question in a sitting; then it has failed."""

_PAUSE = 0.2


class Stream(Protocol):
    """The items of a call; `result` stands when they have been read."""

    @property
    def result(self) -> Any: ...

    def __iter__(self) -> Iterator[Any]: ...

    def __next__(self) -> Any: ...


class House(Protocol):
    """The engine's calls. Several threads share one."""

    def call(self, name: str, params: Mapping[str, Any], job: str | None = None) -> Stream: ...

    def stop(self, job: str) -> bool: ...


class Stop(Protocol):
    """A wish to end; it may be set from another thread."""

    def is_set(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Task:
    """A question to be asked, and how many names of runs were used up for it before."""

    question: Question
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Finished:
    """A run that ended: with an answer or, where the row says failed, without."""

    task: Task
    row: Row
    attempts: int


@dataclass(frozen=True, slots=True)
class Refused:
    """The engine did not take the question; the sentence says why."""

    task: Task
    why: str


@dataclass(frozen=True, slots=True)
class Left:
    """The batch was stopped before the question was finished."""

    task: Task


Outcome = Finished | Refused | Left


def run_name(batch: str, question: Question, attempt: int) -> str:
    """Return the name of the run that asks a question for the n-th time (from 1) in a batch."""
    digest = hashlib.sha256(question.key.encode()).hexdigest()[:12]
    return f"{batch}-{digest}" + (f".{attempt}" if attempt > 1 else "")


class Asker:
    """Asks questions of a house under names of its own; several threads share it.

    A name that stands already is not asked again: what it came to is read. A run that a kill or
    a stop cut short is left as it is, and the question is asked under the next name.
    """

    def __init__(
        self, house: House, batch: str, params: Mapping[str, Any], *, pause: float = _PAUSE
    ) -> None:
        self._house = house
        self._batch = batch
        self._params = params
        self._pause = pause
        self._jobs: dict[str, str] = {}

    def ask(self, task: Task, stop: Stop) -> Outcome:
        """Ask until there is an ending that counts."""
        trial = _Trial.of(self._batch, task.question, task.attempts + 1)
        while not stop.is_set():
            try:
                entries = self._entries(task.question, trial)
            except UserError as error:
                if trial.fresh or stop.is_set():
                    return Left(task) if stop.is_set() else Refused(task, str(error))
                trial = trial.again()
            except EngineFault as fault:
                trial = trial.again(fault=True)
                if trial.faults == FAULTS:
                    row = failed(task.question, str(fault), trial.run)
                    return Finished(task, row, trial.attempt)
                time.sleep(self._pause)
            else:
                if entries:
                    row = row_of(task.question, trial.run, entries)
                    return Finished(task, row, trial.attempt)
                if trial.attempt - task.attempts >= CUTS:
                    row = failed(task.question, f"its run was cut short {CUTS} times", trial.run)
                    return Finished(task, row, trial.attempt)
                if not stop.is_set():
                    trial = trial.next(self._batch, task.question)
        return Left(task)

    def stop(self, task: Task) -> None:
        """Stop what is being asked for a task."""
        if (job := self._jobs.get(task.question.key)) is not None:
            self._house.stop(job)

    def _entries(self, question: Question, trial: "_Trial") -> list[Any]:
        """Ask and return the entries of the run; none if it was cut short."""
        own = {"collections": list(question.collections), "sources": list(question.sources)}
        params = {
            "question": question.question,
            "run": trial.run,
            "session": self._batch,
            **self._params,
            **{name: value for name, value in own.items() if value},
        }
        self._jobs[question.key] = trial.job
        try:
            result = self._read("ask", params, trial.job)[1] or {}
            items, _ = self._read("show", {"run": str(result.get("run") or trial.run)})
        finally:
            del self._jobs[question.key]
        entries = [item["entry"] for item in items if "entry" in item]
        cut = result.get("state") == "interrupted" or cancelled(entries)
        return [] if cut else entries

    def _read(
        self, name: str, params: Mapping[str, Any], job: str | None = None
    ) -> tuple[list[Any], Any]:
        stream = self._house.call(name, params, job)
        return list(stream), stream.result


@dataclass(frozen=True, slots=True)
class _Trial:
    """One name of a run, and the job under which it is called.

    The first job has the run's own name, so that one that still works is joined. An engine
    remembers for a while how a job failed; so a fault is believed only of a `fresh` one.
    """

    run: str
    attempt: int
    job: str
    faults: int = 0

    @classmethod
    def of(cls, batch: str, question: Question, attempt: int, faults: int = 0) -> "_Trial":
        run = run_name(batch, question, attempt)
        return cls(run, attempt, run, faults)

    @property
    def fresh(self) -> bool:
        return self.job != self.run

    def again(self, fault: bool = False) -> "_Trial":
        """The same run under a job of its own."""
        job = f"{self.run}+{os.urandom(4).hex()}"
        return replace(self, job=job, faults=self.faults + fault)

    def next(self, batch: str, question: Question) -> "_Trial":
        """The next run; engines that were lost before still count."""
        return _Trial.of(batch, question, self.attempt + 1, self.faults)
