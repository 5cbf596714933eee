"""Runs whose name the caller chose: each is asked once, however often it comes."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from agents.models.base import Cancel
from retrieval.errors import UserError

NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.-]{0,63}")
"""What a run may be called."""

_LOOK = 0.1
"""Seconds between two looks at the stop of a call that waits."""


class Naming:
    """Lets one call at a time work on a run of a given name."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._held: set[str] = set()

    @contextmanager
    def holding(self, name: str, cancel: Cancel) -> Iterator[bool]:
        """Hold a name, waiting until nobody else does; False if the call was stopped before that.

        No name is held at once. Raises `UserError` for what no run may be called.
        """
        if not name:
            yield True
            return
        if not NAME.fullmatch(name):
            raise UserError(
                f"a run cannot be called {name[:80]!r}",
                cure="use 1 to 64 letters, digits, dots, dashes or underscores",
            )
        held = self._take(name, cancel)
        try:
            yield held
        finally:
            if held:
                self._give_back(name)

    def _take(self, name: str, cancel: Cancel) -> bool:
        with self._changed:
            while name in self._held:
                if cancel.is_set():
                    return False
                self._changed.wait(_LOOK)
            self._held.add(name)
            return True

    def _give_back(self, name: str) -> None:
        with self._changed:
            self._held.discard(name)
            self._changed.notify_all()
