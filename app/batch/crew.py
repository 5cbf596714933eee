"""A crew of threads that ask the questions of a batch, so many at a time."""

import logging
import queue
import threading
from collections.abc import Iterator
from typing import Protocol

from app.batch.asking import Finished, Left, Outcome, Stop, Task
from app.batch.results import failed

log = logging.getLogger("vouch.batch")

_HEED = 0.2
"""Seconds between two calls to stop what does not end."""


class Ask(Protocol):
    """Asks one question and returns when it has ended; used by several threads at once."""

    def ask(self, task: Task, stop: Stop) -> Outcome: ...

    def stop(self, task: Task) -> None: ...


class Flag:
    """A wish to end that takes no lock, so that a signal handler can set it."""

    def __init__(self) -> None:
        self._set = False

    def set(self) -> None:
        self._set = True

    def is_set(self) -> bool:
        return self._set


class Crew:
    """Takes tasks as it becomes free, and gives what they came to in the order of their ends."""

    def __init__(self, asker: Ask, size: int) -> None:
        self._asker = asker
        self._size = size
        self._stop = Flag()
        self._lock = threading.Lock()
        self._working: dict[str, Task] = {}
        self._ended: queue.SimpleQueue[tuple[Outcome, threading.Event] | None]
        self._ended = queue.SimpleQueue()

    def work(self, tasks: Iterator[Task]) -> Iterator[Outcome]:
        """Ask all tasks. Each is taken from the iterator when somebody is free to ask it and what
        he asked before was dealt with, so that a budget counts it."""
        for number in range(self._size):
            name = f"asker {number}"
            threading.Thread(target=self._serve, args=(tasks,), name=name, daemon=True).start()
        at_work = self._size
        while at_work:
            try:
                ended = self._ended.get(timeout=_HEED)
            except queue.Empty:
                self._heed()
                continue
            if ended is None:
                at_work -= 1
                continue
            outcome, dealt_with = ended
            try:
                yield outcome
            finally:
                dealt_with.set()

    def stop(self) -> None:
        """Begin nothing more and stop what is being asked; `work` gives how that ends. May be
        called from a signal handler."""
        self._stop.set()

    def close(self) -> None:
        """Nothing is held: the threads end with their last question."""

    def _heed(self) -> None:
        """Stop what is asked, again and again: a call may just have been about to begin."""
        if self._stop.is_set():
            for task in list(self._working.values()):
                self._asker.stop(task)

    def _serve(self, tasks: Iterator[Task]) -> None:
        try:
            while (task := self._next(tasks)) is not None:
                dealt_with = threading.Event()
                self._ended.put((self._asked(task), dealt_with))
                while not dealt_with.wait(_HEED) and not self._stop.is_set():
                    pass
        finally:
            self._ended.put(None)

    def _next(self, tasks: Iterator[Task]) -> Task | None:
        with self._lock:
            return None if self._stop.is_set() else next(tasks, None)

    def _asked(self, task: Task) -> Outcome:
        """Ask; one of the doors behind which any exception becomes an ordinary outcome."""
        self._working[task.question.key] = task
        try:
            return self._asker.ask(task, self._stop)
        except Exception as error:
            log.exception("the question %s failed", task.question.id)
            if self._stop.is_set():
                return Left(task)
            why = f"something unexpected went wrong: {type(error).__name__}: {error}"
            return Finished(task, failed(task.question, why), task.attempts + 1)
        finally:
            del self._working[task.question.key]
