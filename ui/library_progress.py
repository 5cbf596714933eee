"""How files come into the library, as a command shows it: a bar with rates, or lines."""

import time
from collections.abc import Callable

from ui.escape import one_line
from ui.house_port import Item
from ui.lines import Line, Style, counted, line
from ui.rates import rate, span
from ui.tally import FINAL, Tally
from ui.terminal import Screen

FEW = 30
"""Where a bar stands, so many files are named each; of more, those alone that failed."""

_STEPS = 10
_REDRAW = 0.1
_STYLES: dict[str, Style] = {"failed": "bad", "added": "good", "changed": "good"}


class LibraryProgress:
    """Shows the items of a call that tells of files, and counts them.

    On a terminal a bar stands below what is printed. Elsewhere each file is a line, and so is each
    tenth of the way through many.
    """

    def __init__(
        self, screen: Screen, every: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`every`: each file is named, however many there are."""
        self.tally = Tally(clock)
        self._screen = screen
        self._every = every or not screen.live
        self._clock = clock
        self._drawn = -_REDRAW

    def see(self, item: Item) -> None:
        """Show one item; kinds that are not known are passed over."""
        kind = str(item.get("kind", ""))
        self.tally.see(item)
        if kind in FINAL and self._names(kind):
            self._screen.step(told(item))
            self._drawn = -_REDRAW
        if kind in FINAL or kind == "embedding":
            self._bar(kind)

    def _names(self, kind: str) -> bool:
        if kind == "unchanged":
            return False
        return kind == "failed" or self._every or self.tally.total <= FEW

    def _bar(self, kind: str) -> None:
        tally, now = self.tally, self._clock()
        if self._screen.live:
            # Files that have not changed come by the thousand; of the others, the last of many that
            # come at once may be the last for long.
            late = now - self._drawn >= _REDRAW or tally.done == tally.total
            if kind != "unchanged" or late:
                self._drawn = now
                self._screen.bar(tally.share, self.line())
        elif tally.total > FEW or kind == "embedding":
            self._screen.status(self.line(), str(int(_STEPS * tally.share)))

    def line(self) -> Line:
        """Return the line that stands now: how far it is, how fast it goes, what is left."""
        tally = self.tally
        if tally.total and tally.done == tally.total:
            return line(f"{counted(tally.total, 'file')} · writing the search files ...")
        parts = [f"{tally.done:,}/{counted(tally.total, 'file')}"]
        files, passages = tally.rates()
        parts += [rate(files, "files")] if files else []
        parts += [rate(passages, "passages")] if passages else []
        left = tally.left()
        parts += [f"{span(left)} left"] if left is not None else []
        return line(" · ".join(parts))

    def summary(self) -> str:
        """Return what all files came to; empty if there was none."""
        counts = self.tally.counts
        said = ", ".join(f"{counts[kind]:,} {kind}" for kind in FINAL if counts[kind])
        if said and self.tally.seconds:
            said += f" in {took(self.tally.seconds)}"
        return said


def took(seconds: float) -> str:
    """Return "0.4 s", or minutes and seconds from a minute on."""
    return f"{seconds:.1f} s" if seconds < 60 else f"{span(seconds)} min"


def told(item: Item) -> Line:
    """Return what became of one file as a line."""
    kind, path = str(item.get("kind", "")), one_line(str(item.get("path") or ""))
    more = ""
    if item.get("why"):
        more = f": {one_line(str(item['why']))}"
    elif kind == "duplicate":
        more = f" (the text of {one_line(str(item.get('of', '')))})"
    elif kind == "moved":
        more = f" (from {one_line(str(item.get('before', '')))})"
    elif item.get("passages"):
        more = ": " + counted(int(item["passages"]), "passage")
    return line((kind, _STYLES.get(kind, "dim")), f" {path}{more}")
