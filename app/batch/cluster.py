"""Spreads the questions of a batch over a Ray cluster; the record stays with the driver.

Each worker is a Ray actor that asks the engine of its own machine's home. What travels is JSON, and
a worker that dies costs its question another try, elsewhere.
"""

import importlib
import json
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from app.batch.asking import FAULTS, Asker, Finished, Left, Outcome, Refused, Task
from app.batch.crew import Flag
from app.batch.questions import Question
from app.batch.results import failed
from retrieval.errors import UserError

_HEED = 0.2
_KNOCK = 10.0
_LOST = 4
"""So many workers in a row for each place that may be lost without a single answer."""


@dataclass(frozen=True, slots=True)
class Duty:
    """What a worker needs to ask: its home and settings, the batch and the wishes, as JSON values.

    `house` names the function that attaches to an engine, as "module:function".
    """

    home: str | None
    overrides: Mapping[str, str]
    batch: str
    params: Mapping[str, Any]
    house: str = "app.door:open_house"


class Worker:
    """Asks in a process of a cluster; Ray makes an actor of it."""

    def __init__(self, duty: str) -> None:
        self._duty = Duty(**json.loads(duty))
        # Ray allows a worker one thread; the engine that it may start wants the machine's.
        os.environ.pop("OMP_NUM_THREADS", None)
        self._asker: Asker | None = None
        self._stop = Flag()
        self._task: Task | None = None

    def ask(self, task: str) -> str:
        """Ask one question and return what it came to."""
        self._task = read_task(task)
        try:
            self._asker = self._asker or self._attached()
        except UserError as error:
            return write_outcome(Refused(self._task, str(error)))
        return write_outcome(self._asker.ask(self._task, self._stop))

    def stop(self) -> None:
        """Stop what is being asked; called while `ask` runs."""
        self._stop.set()
        if self._task is not None and self._asker is not None:
            self._asker.stop(self._task)

    def _attached(self) -> Asker:
        duty = self._duty
        module, _, name = duty.house.partition(":")
        attach = getattr(importlib.import_module(module), name)
        return Asker(attach(duty.home, duty.overrides), duty.batch, duty.params)


@dataclass(frozen=True, slots=True)
class _Posted:
    """A task at a worker, and how many workers were lost over it before."""

    task: Task
    worker: Any
    losses: int


class Cluster:
    """Workers on a Ray cluster: `size` of them, else so many `slots` for each of its machines."""

    def __init__(self, address: str, duty: Duty, size: int | None, slots: int) -> None:
        self._ray = joined(address)
        self._duty = json.dumps(asdict(duty))
        self._size = size or slots * sum(node["Alive"] for node in self._ray.nodes())
        place = {"num_cpus": 0, "max_concurrency": 2, "scheduling_strategy": "SPREAD"}
        self._actor = self._ray.remote(**place)(Worker)
        self._stop = Flag()
        self._lost = 0

    def stop(self) -> None:
        """Begin nothing more and stop what is being asked."""
        self._stop.set()

    def close(self) -> None:
        """Leave the cluster; its workers end."""
        self._ray.shutdown()

    def work(self, tasks: Iterator[Task]) -> Iterator[Outcome]:
        """Ask all tasks, each by whoever is free; one whose worker was lost is asked elsewhere."""
        free = [self._actor.remote(self._duty) for _ in range(self._size)]
        posted: dict[Any, _Posted] = {}
        again: list[tuple[Task, int]] = []
        while True:
            while free and (given := self._next(tasks, again)) is not None:
                one = _Posted(given[0], free.pop(), given[1])
                posted[one.worker.ask.remote(write_task(one.task))] = one
            if not posted:
                return
            for ref in self._ended(posted):
                one = posted.pop(ref)
                outcome = self._outcome(ref, one)
                free.append(one.worker if outcome else self._actor.remote(self._duty))
                self._count(outcome)
                if outcome or (outcome := self._over(one)):
                    yield outcome
                else:
                    again.append((one.task, one.losses + 1))

    def _next(
        self, tasks: Iterator[Task], again: list[tuple[Task, int]]
    ) -> tuple[Task, int] | None:
        if self._stop.is_set():
            return None
        if again:
            return again.pop(0)
        task = next(tasks, None)
        return None if task is None else (task, 0)

    def _ended(self, posted: Mapping[Any, _Posted]) -> list[Any]:
        ended: list[Any] = self._ray.wait(list(posted), timeout=_HEED)[0]
        if not ended and self._stop.is_set():
            for one in posted.values():
                one.worker.stop.remote()
        return ended

    def _outcome(self, ref: Any, one: _Posted) -> Outcome | None:
        """Return what a question came to; None if its worker was lost."""
        try:
            return read_outcome(self._ray.get(ref), one.task)
        except self._ray.exceptions.RayTaskError as error:
            why = f"something unexpected went wrong: {type(error.cause).__name__}: {error.cause}"
            return Finished(one.task, failed(one.task.question, why), one.task.attempts + 1)
        except self._ray.exceptions.RayError:
            with suppress(self._ray.exceptions.RayError):
                self._ray.kill(one.worker)
            return None

    def _count(self, outcome: Outcome | None) -> None:
        """Raise `UserError` when the cluster loses one worker after the other."""
        self._lost = 0 if outcome else self._lost + 1
        if self._lost == _LOST * self._size:
            raise UserError(
                "the cluster loses every worker",
                origin="--ray",
                cure="see that Vouch and a home with the library are on each of its machines",
            )

    def _over(self, lost: _Posted) -> Outcome | None:
        """Return what a question whose worker was lost comes to; None if it is asked again."""
        if self._stop.is_set():
            return Left(lost.task)
        if lost.losses + 1 < FAULTS:
            return None
        why = f"its worker was lost {FAULTS} times"
        return Finished(lost.task, failed(lost.task.question, why), lost.task.attempts + 1)


def joined(address: str) -> Any:
    """Join the cluster of an address and return `ray`.

    `UserError` if Ray is not installed or nobody answers. None is begun here: the head of a Ray
    cluster asks the network in which cloud it is, whatever its settings.
    """
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    try:
        _knock(address)
        import ray

        begin: Any = ray.init
        begin(address=address, log_to_driver=False, logging_level="error")
    except ImportError as error:
        cure = "install it with: pip install ray"
        raise UserError("Ray is not installed", origin="--ray", cure=cure) from error
    except (OSError, ValueError, RuntimeError) as error:
        raise UserError(
            f"no Ray cluster answers at {address}: {str(error).partition(chr(10))[0]}",
            origin="--ray",
            cure="give the address of its head, as in 10.0.0.1:6379, or auto",
        ) from error
    return ray


def _knock(address: str) -> None:
    """Raise `OSError` where nobody listens; Ray itself would wait for minutes.

    `ValueError` for "local", by which Ray would begin a cluster.
    """
    if address == "local":
        raise ValueError("it names none")
    host, colon, port = address.rpartition("//")[2].rpartition(":")
    if colon and port.isdigit():
        socket.create_connection((host, int(port)), _KNOCK).close()


def write_task(task: Task) -> str:
    """Return a task as JSON."""
    return json.dumps({"question": asdict(task.question), "attempts": task.attempts})


def read_task(text: str) -> Task:
    """Read a task back."""
    values = json.loads(text)
    asked = values["question"]
    lists = {name: tuple(asked[name]) for name in ("collections", "sources", "gold")}
    return Task(Question(**{**asked, **lists}), values["attempts"])


def write_outcome(outcome: Outcome) -> str:
    """Return what a question came to as JSON, without the question."""
    match outcome:
        case Finished(_, row, attempts):
            return json.dumps({"row": row, "attempts": attempts})
        case Refused(_, why):
            return json.dumps({"why": why})
        case Left():
            return "{}"


def read_outcome(text: str, task: Task) -> Outcome:
    """Read what a task came to."""
    match json.loads(text):
        case {"row": dict(row), "attempts": int(attempts)}:
            return Finished(task, row, attempts)
        case {"why": str(why)}:
            return Refused(task, why)
        case _:
            return Left(task)
