"""What adding to the library has come to so far, counted from the items that it tells."""

import time
from collections import Counter
from collections.abc import Callable

from ui.house_port import Item
from ui.rates import WINDOW, Pace

FINAL = ("added", "changed", "moved", "removed", "duplicate", "unchanged", "failed")
"""Kinds of progress that say what became of a file; the others say what is being done."""


class Tally:
    """Counts files by kind, and measures how fast files and passages come along."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, window: float = WINDOW) -> None:
        self.counts: Counter[str] = Counter()
        self.done = 0
        self.total = 0
        self.share = 0.0
        """Of the whole work, 0 to 1."""
        self.seconds: float | None = None
        """How long the call took; None until it is over."""
        self._pace = Pace(clock, window)
        self._kept = 0
        self._embedded = 0

    @property
    def passages(self) -> int:
        """How many passages were embedded, kept or about to be."""
        return self._kept + self._embedded

    def see(self, item: Item) -> None:
        """Take in one item; what says nothing of files is passed over."""
        kind = str(item.get("kind", ""))
        self.done = max(self.done, int(item.get("done", 0)))
        self.total = max(self.total, int(item.get("total", 0)))
        if kind == "indexed":
            self.seconds, self.share = float(item.get("seconds", 0.0)), 1.0
            return
        if kind == "embedding":
            self._embedded = int(item["passages"])
            self._advance(self._embedded / max(1, int(item["of"])))
        elif kind not in FINAL:
            return
        else:
            passages = int(item.get("passages", 0))
            self.counts[kind] += 1
            self._kept += passages
            self._embedded = max(0, self._embedded - passages)
            self._advance(0.0)
        self._pace.note(self.share, self.done, self.passages)

    def _advance(self, part: float) -> None:
        """`part` is how much is done of the file in hand; the share never falls back."""
        whole = (self.done + part) / self.total if self.total else part
        self.share = max(self.share, min(1.0, whole))

    def rates(self) -> tuple[float, float]:
        """Return files and passages a second."""
        return self._pace.rate(1), self._pace.rate(2)

    def left(self) -> float | None:
        """Return the seconds that are left at this pace; None if nobody knows."""
        speed = self._pace.rate(0)
        return (1.0 - self.share) / speed if speed > 0 else None
