"""Runs whose name the caller chose: each is asked once, however often it comes."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from agents.models.base import Cancel
from app.store.names import NAME
from retrieval.errors import UserError

_LOOK = 0.1
"""Seconds between two looks at the stop of a call that waits."""


class Naming:
    """Lets one call at a time work on a run of a given name."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._held: set[str] = set()

    @contextmanager
    def holding(self, name: str, cancel: Cancel) -> Iterator[None]:
        """Hold a name, waiting until nobody else does; "" is no name and held at once.

        Raises `UserError` for what no run may be called, and for a call that was stopped while it
        waited: a run that somebody else works on is none of its business.
        """
        if not name:
            yield
            return
        if not NAME.fullmatch(name):
            raise UserError(
                f"a run cannot be called {name[:80]!r}",
                cure="use 1 to 64 letters, digits, dots, dashes or underscores",
            )
        self._take(name, cancel)
        try:
            yield
        finally:
            self._give_back(name)

    def _take(self, name: str, cancel: Cancel) -> None:
        with self._changed:
            while name in self._held:
                if cancel.is_set():
                    raise UserError(f"the call was stopped while it waited for the run {name}")
                self._changed.wait(_LOOK)
            self._held.add(name)

    def _give_back(self, name: str) -> None:
        with self._changed:
            self._held.discard(name)
            self._changed.notify_all()
