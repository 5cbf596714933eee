"""Remembers how the asking of one engine went, and for how long it is left alone after a fault."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from retrieval.web.search.asking import sane

Clock = Callable[[], float]
"""Seconds that only grow."""

FIRST, LONGEST = 5.0, 900.0
"""Seconds of rest after the first fault, doubled with each further one up to the longest."""

State = Literal["ok", "resting", "due", "untried"]
"""How an engine stands; "due" has rested after a fault and is asked again next time."""


@dataclass(frozen=True, slots=True)
class Health:
    """How an engine stands. `fault` is the last one's sentence, `ago` the seconds since then.

    `rests` is the seconds for which it is still left alone.
    """

    name: str
    state: State
    rests: float = 0.0
    fault: str = ""
    ago: float | None = None

    def __str__(self) -> str:
        now = f"resting for {span(self.rests)}" if self.state == "resting" else self.state
        last = f" (last fault {span(self.ago)} ago: {self.fault})" if self.ago is not None else ""
        return f"{self.name}: {now}{last}"


class Pulse:
    """The health of one engine; may be asked and told from several threads."""

    def __init__(self, name: str, clock: Clock) -> None:
        self._name = name
        self._clock = clock
        self._lock = threading.Lock()
        self._tried = False
        self._faults = 0
        self._until = 0.0
        self._fault = ""
        self._at: float | None = None

    def answered(self) -> None:
        """Note an answer: the engine rests no longer, and its next fault counts as the first."""
        with self._lock:
            self._tried = True
            self._faults = 0
            self._until = 0.0

    def failed(self, fault: str, retry_after: float | None) -> None:
        """Note a fault; the rest is what the engine asks for, if that is longer than ours."""
        with self._lock:
            self._tried = True
            rest = min(FIRST * 2 ** min(self._faults, 20), LONGEST)
            self._faults += 1
            self._fault = fault
            self._at = self._clock()
            # Questions asked at the same time may fail in any order: the longest rest holds.
            self._until = max(self._until, self._at + max(rest, sane(retry_after) or 0.0))

    def health(self) -> Health:
        """Return how the engine stands now."""
        with self._lock:
            now = self._clock()
            rests = max(self._until - now, 0.0)
            ago = None if self._at is None else max(now - self._at, 0.0)
            return Health(self._name, self._state(rests), rests, self._fault, ago)

    def _state(self, rests: float) -> State:
        if rests > 0:
            return "resting"
        if self._faults:
            return "due"
        return "ok" if self._tried else "untried"


def span(seconds: float) -> str:
    """Return a span of time in words, rounded up to seconds, minutes or hours."""
    for unit, length, most in (("s", 1, 120), ("min", 60, 7_200), ("h", 3_600, 1e12)):
        if seconds < most:
            return f"{max(int(-(-seconds // length)), 0)} {unit}"
    return "long"
