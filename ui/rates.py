"""How fast work goes of late, and the words for it."""

import time
from collections import deque
from collections.abc import Callable

WINDOW = 30.0
"""Seconds that count as of late: files that have not changed go by a thousand times faster."""

_SAMPLES = 60
_LEAST = 0.5
"""Seconds before which a rate would be a guess."""


class Pace:
    """Takes what is done so far, as numbers that grow, and tells how fast they grow."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, window: float = WINDOW) -> None:
        self._clock = clock
        self._window = window
        self._samples: deque[tuple[float, tuple[float, ...]]] = deque()

    def note(self, *done: float) -> None:
        """Note what is done by now; every call gives as many numbers, in the same order."""
        now = self._clock()
        if len(self._samples) > 1 and now - self._samples[-2][0] < self._window / _SAMPLES:
            self._samples.pop()
        self._samples.append((now, done))
        # One sample that is older stays, so that the window is always covered.
        while len(self._samples) > 2 and self._samples[1][0] <= now - self._window:
            self._samples.popleft()

    def rate(self, place: int) -> float:
        """Return by how much the number at that place grows in a second; 0.0 while nobody knows.

        What was done when the first note came is not counted: it took who knows how long.
        """
        if len(self._samples) < 2:
            return 0.0
        (began, first), (ended, last) = self._samples[0], self._samples[-1]
        seconds = ended - began
        return (last[place] - first[place]) / seconds if seconds >= _LEAST else 0.0


def rate(value: float, what: str = "") -> str:
    """Return "12.5 files/s" or "42.0 files/min" for a number a second."""
    number, unit = (value, "s") if value >= 1 else (60 * value, "min")
    told = f"{number:,.0f}" if number >= 100 else f"{number:.1f}"
    return f"{told} {what}/{unit}" if what else f"{told}/{unit}"


def span(seconds: float) -> str:
    """Return minutes and seconds, "4:05", or hours too, "1:04:05"."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
