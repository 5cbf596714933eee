"""Reads a blocking stream in a thread, so that a cancel is heeded while nothing comes."""

import queue
import threading
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Generic, TypeVar

from agents.models.base import Cancel

Item = TypeVar("Item")

LOOK_SECONDS = 0.05


class _Carry:
    """Keeps an exception of the reading thread, to be raised where the items are wanted."""

    def __init__(self) -> None:
        self.error: BaseException | None = None

    def __enter__(self) -> "_Carry":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        self.error = error
        return True


class Pump(Generic[Item]):
    """Iterate over it for the items; it ends early when `cancel` is set, and `cancelled` tells so.

    The reading thread is left behind on a cancel: it ends with its next item or error.
    """

    def __init__(self, items: Iterable[Item], cancel: Cancel | None) -> None:
        self.cancelled = False
        self._items = items
        self._cancel = cancel
        self._carry = _Carry()
        self._queue: queue.SimpleQueue[tuple[Item] | None] = queue.SimpleQueue()
        self._left = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()

    def __iter__(self) -> Iterator[Item]:
        try:
            while not self._stopped():
                try:
                    box = self._queue.get(timeout=LOOK_SECONDS)
                except queue.Empty:
                    continue
                if box is None:
                    break
                yield box[0]
        finally:
            self._left.set()
        if self._carry.error is not None and not self.cancelled:
            raise self._carry.error

    def _stopped(self) -> bool:
        self.cancelled = self._cancel is not None and self._cancel.is_set()
        return self.cancelled

    def _read(self) -> None:
        with self._carry:
            for item in self._items:
                if self._left.is_set():
                    break
                self._queue.put((item,))
        self._queue.put(None)
