"""Where lines go: answers to stdout, steps to stderr, colour only on a terminal that wants it."""

import os
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, TextIO

from ui.lines import Line, Style

if TYPE_CHECKING:
    from rich.console import Console

STYLES: dict[Style, str] = {
    "": "",
    "bold": "bold",
    "dim": "dim",
    "good": "green",
    "bad": "red",
    "doubt": "yellow",
    "note": "cyan",
}
_BAR = 20
"""Cells of a bar."""

_ERASE = "\r\x1b[K"


class Screen:
    """A pair of streams. On a terminal lines are wrapped and coloured, and a status line stands in
    place; in a pipe or file they are plain and whole. `NO_COLOR` (any value) turns colour off, and
    `FORCE_COLOR` on where there is no terminal."""

    def __init__(self, out: TextIO, err: TextIO, environment: Mapping[str, str] = os.environ):
        self._out = _Stream(out, environment)
        self._err = _Stream(err, environment)

    def show(self, lines: Iterable[Line]) -> None:
        """Print lines of an answer or listing on stdout."""
        self._err.settle()
        self._out.write(lines)

    def raw(self, text: str) -> None:
        """Print text on stdout as it is: for JSON that is already inert."""
        self._err.settle()
        self._out.text(text)

    def piece(self, text: str) -> None:
        """Print a piece of a text on stdout, whose lines end where it says: for inert JSON."""
        self._err.settle()
        self._out.text(text, end="")

    def step(self, *lines: Line) -> None:
        """Print lines about the work on stderr."""
        self._err.settle()
        self._err.write(lines)

    def status(self, line: Line, kind: str) -> None:
        """Show what is being done; where lines cannot be replaced, once for each new `kind`."""
        self._err.status(line, kind)

    def bar(self, share: float, line: Line) -> None:
        """Show how much of a work is done, 0 to 1, in the place of the status line; nothing where
        lines cannot be replaced."""
        self._err.bar(share, line)

    @property
    def live(self) -> bool:
        """True where a status line can stand in place."""
        return self._err.replaces

    def settle(self) -> None:
        """Take the status line away."""
        self._err.settle()


class _Stream:
    def __init__(self, stream: TextIO, environment: Mapping[str, str]) -> None:
        self._stream = stream
        terminal = stream.isatty() and environment.get("TERM") != "dumb"
        self.replaces = terminal
        forced = bool(environment.get("FORCE_COLOR"))
        self._coloured = (terminal or forced) and not environment.get("NO_COLOR")
        self._status = ""

    @cached_property
    def _console(self) -> "Console":
        from rich.console import Console

        return Console(
            file=self._stream,
            force_terminal=True,
            no_color=not self._coloured,
            highlight=False,
            markup=False,
            emoji=False,
        )

    def write(self, lines: Iterable[Line]) -> None:
        for line in lines:
            if self._coloured:
                self._coloured_line(line)
            else:
                self._stream.write(line.text.rstrip() + "\n")
        self._stream.flush()

    def text(self, text: str, end: str = "\n") -> None:
        self._stream.write(text + end)
        self._stream.flush()

    def status(self, line: Line, kind: str) -> None:
        if self.replaces:
            self._stream.write(_ERASE + line.text[:78])
            self._stream.flush()
        elif kind != self._status:
            self.write([line])
        self._status = kind

    def bar(self, share: float, line: Line) -> None:
        if not self.replaces:
            return
        from rich.cells import set_cell_size
        from rich.progress_bar import ProgressBar

        console = self._console
        with console.capture() as drawn:
            console.print(ProgressBar(1.0, share, width=_BAR, complete_style="cyan"), end="")
        # Without colour, what is not done is not drawn.
        bar = drawn.get() if self._coloured else set_cell_size(drawn.get(), _BAR)
        told = set_cell_size(line.text, max(0, console.width - _BAR - 2)).rstrip()
        self._stream.write(f"{_ERASE}{bar} {told}")
        self._stream.flush()
        self._status = "bar"

    def settle(self) -> None:
        if self._status and self.replaces:
            self._stream.write(_ERASE)
            self._stream.flush()
        self._status = self._status if not self.replaces else ""

    def _coloured_line(self, line: Line) -> None:
        from rich.text import Text

        text = Text()
        for part, style in line.spans:
            text.append(part, STYLES[style])
        self._console.print(text)
