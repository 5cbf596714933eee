"""The engine's jobs: every call is one, runs to its end in its own thread and keeps its items."""

import logging
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.calls import CallSpec
from app.turns import Turns
from app.wire import encode, error_line, fault_line
from retrieval.errors import UserError

log = logging.getLogger("vouch.engine")

KEPT = 64
"""So many ended jobs are kept for clients that attach again, for the seconds of grace."""


class Ending(Exception):
    """The engine takes no more calls."""


class Job:
    """One call: the lines it gave so far, its ending, and its place in the queue."""

    def __init__(self, id: str, call: str, session: str) -> None:
        self.id = id
        self.call = call
        self.session = session
        self.cancel = threading.Event()
        self.ended_at: float | None = None
        self._changed = threading.Condition()
        self._items: list[bytes] = []
        self._ending: bytes | None = None
        self._place = 0
        self._working: object = None

    def emit(self, item: object) -> None:
        """Append an item; it carries its number, counted from 0."""
        if isinstance(item, dict) and "working" in item:
            self._working = item["working"]
        line = encode({"item": item, "n": len(self._items)})
        with self._changed:
            self._items.append(line)
            self._changed.notify_all()

    def move(self, place: int) -> None:
        """Set the place in the queue: 1 is next, 0 runs."""
        with self._changed:
            self._place = place
            self._changed.notify_all()

    def end(self, line: bytes, at: float) -> None:
        """Set the last line; the first ending stays."""
        with self._changed:
            if self._ending is None:
                self._ending, self.ended_at = line, at
                self._changed.notify_all()

    def after(self, number: int, place: int) -> tuple[list[bytes], int, bytes | None]:
        """Wait for news and return the lines from `number` on, the place now, and the ending."""
        with self._changed:
            self._changed.wait_for(
                lambda: len(self._items) > number or self._place != place or self._ending
            )
            return self._items[number:], self._place, self._ending

    def line(self) -> dict[str, Any]:
        """Return the job as one line of a list."""
        state = "ended" if self._ending else "waiting" if self._place else "running"
        values = {"job": self.id, "call": self.call, "session": self.session, "state": state}
        now = {"place": self._place, "working": self._working}
        return {**values, **now, "items": len(self._items)}


@dataclass(frozen=True, slots=True)
class _Work:
    job: Job
    spec: CallSpec
    params: Mapping[str, Any]


class Jobs:
    """All jobs of an engine. Queued ones wait for one of `slots`; the others run at once.

    Ended jobs can be found for `grace` seconds of `clock`.
    """

    def __init__(
        self, *, slots: int = 1, grace: float = 60.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._lock = threading.RLock()
        self._quiet = threading.Condition(self._lock)
        self._free = slots
        self._grace = grace
        self._clock = clock
        self._waiting: Turns[_Work] = Turns()
        self._running: set[str] = set()
        self._jobs: dict[str, Job] = {}
        self._open = True

    def admit(self, id: str, call: str, session: str) -> tuple[Job, bool]:
        """Return the job of that id and whether it is new; a new one must be started or dropped.

        A client that sends a call twice, not knowing whether the first arrived, gets one job.
        """
        with self._lock:
            self._forget()
            if (known := self._jobs.get(id)) is not None:
                return known, False
            if not self._open:
                raise Ending
            job = self._jobs[id] = Job(id, call, session)
            return job, True

    def drop(self, job: Job) -> None:
        """Forget a job that was not started."""
        with self._lock:
            del self._jobs[job.id]

    def start(self, job: Job, spec: CallSpec, params: Mapping[str, Any]) -> None:
        """Run the job, or let it wait for its turn."""
        work = _Work(job, spec, params)
        with self._lock:
            if spec.queued:
                self._waiting.put(job.session, work)
                self._advance()
            else:
                self._launch(work)

    def find(self, id: str) -> Job | None:
        with self._lock:
            self._forget()
            return self._jobs.get(id)

    def stop(self, id: str) -> bool:
        """Cancel a job; one that waits ends here and now. False if it is not known or has ended."""
        with self._lock:
            job = self._jobs.get(id)
            if job is None or job.ended_at is not None:
                return False
            job.cancel.set()
            for work in [work for work in self._waiting if work.job is job]:
                self._waiting.remove(work)
                self._end(job, error_line(UserError("the call was stopped before its turn came")))
                self._advance()
            return True

    def unfinished(self) -> int:
        with self._lock:
            return sum(job.ended_at is None for job in self._jobs.values())

    def lines(self) -> list[dict[str, Any]]:
        """Return what is known of every job, oldest first."""
        with self._lock:
            self._forget()
            return [job.line() for job in self._jobs.values()]

    def close_if_idle(self) -> bool:
        """Take no more calls, if none is unfinished."""
        with self._lock:
            self._open = self._open and self.unfinished() > 0
            return not self._open

    def close(self, seconds: float) -> None:
        """Take no more calls, cancel all, and wait at most `seconds` for them to end."""
        with self._lock:
            self._open = False
            for job in [job for job in self._jobs.values() if job.ended_at is None]:
                self.stop(job.id)
            self._quiet.wait_for(lambda: self.unfinished() == 0, seconds)
            for job in self._jobs.values():
                self._end(job, fault_line(f"The engine was ended while {job.call} was running."))

    def _advance(self) -> None:
        while self._free and (work := self._waiting.take()) is not None:
            self._free -= 1
            self._launch(work)
        for place, work in enumerate(self._waiting, 1):
            work.job.move(place)

    def _launch(self, work: _Work) -> None:
        work.job.move(0)
        name = f"{work.job.call} {work.job.id}"
        threading.Thread(target=self._run, args=(work,), name=name, daemon=True).start()

    def _run(self, work: _Work) -> None:
        job = work.job
        ending = None
        try:
            ending = encode({"done": _exhaust(work)})
        except UserError as error:
            ending = error_line(error)
        finally:
            # Anything else goes on to the thread's hook, which logs it; the client gets a sentence.
            with self._lock:
                self._end(job, ending or _fault(job))
                self._free += work.spec.queued
                self._advance()

    def _end(self, job: Job, line: bytes) -> None:
        job.end(line, self._clock())
        self._quiet.notify_all()

    def _forget(self) -> None:
        ended = [job for job in self._jobs.values() if job.ended_at is not None]
        ended.sort(key=lambda job: job.ended_at or 0.0)
        horizon = self._clock() - self._grace
        for rank, job in enumerate(reversed(ended)):
            if rank >= KEPT or (job.ended_at or 0.0) < horizon:
                del self._jobs[job.id]


def _exhaust(work: _Work) -> object:
    items = work.spec.run(work.params, work.job.cancel)
    while True:
        try:
            item = next(items)
        except StopIteration as stop:
            return stop.value
        work.job.emit(item)


def _fault(job: Job) -> bytes:
    kind = sys.exc_info()[0]
    why = f" ({kind.__name__})" if kind else ""
    return fault_line(f"The call {job.call} failed unexpectedly{why}; logs/engine.log says where.")
