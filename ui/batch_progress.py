"""How a batch comes along: rate, time left and outcomes on one line, and Ctrl-C while it works."""

import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ui.escape import one_line
from ui.lines import Line, line
from ui.rates import rate, span
from ui.terminal import Screen

_STEPS = 10
_SHOWN = 10


class Progress:
    """Shows each finished row; where lines cannot be replaced, one line for each tenth."""

    def __init__(
        self,
        screen: Screen,
        totals: Any,
        tasks: int,
        most: int | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._screen = screen
        self._outcomes = Counter(totals.outcomes)
        self._tasks = tasks if most is None else min(tasks, most)
        self._clock = clock
        self._since = clock()
        self._done = 0
        self._failed = 0
        self._tell()

    def show(self, row: Mapping[str, Any]) -> None:
        """Count a row that was finished just now; a failed one is told with its reason."""
        self._done += 1
        self._outcomes[row["outcome"]] += 1
        if row["outcome"] == "failed":
            self._fault(row)
        self._tell()

    def _fault(self, row: Mapping[str, Any]) -> None:
        self._failed += 1
        if self._failed <= _SHOWN:
            name, why = one_line(str(row["id"]), 40), one_line(row["because"], 200)
            self._screen.step(line((f"failed: {name}: ", "bad"), why))
        if self._failed == _SHOWN:
            self._screen.step(line("what else fails is told in the output alone"))

    def _tell(self) -> None:
        self._screen.status(self.line(), str(_STEPS * self._done // max(1, self._tasks)))

    def line(self) -> Line:
        """Return the line that stands now."""
        elapsed = self._clock() - self._since
        speed = self._done / elapsed if self._done and elapsed > 0 else 0.0
        parts = [f"{self._done:,}/{self._tasks:,}"]
        if speed:
            left = (self._tasks - self._done) / speed
            parts += [rate(speed), f"{span(left)} left"]
        parts.append(", ".join(f"{n:,} {name}" for name, n in self._outcomes.items() if n))
        return line(" · ".join(filter(None, parts)))


@contextmanager
def pressed(interrupt: Callable[[], None]) -> Iterator[None]:
    """Call `interrupt` at the first Ctrl-C in this block; the next one ends it at once."""

    def once(*_: object) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        interrupt()

    before = signal.signal(signal.SIGINT, once)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
