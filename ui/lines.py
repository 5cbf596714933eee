"""Lines of styled text, made harmless as they are made: what every face prints."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from ui.escape import clean

Style = Literal["", "bold", "dim", "good", "bad", "doubt", "note"]
Span = tuple[str, Style]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of output as spans of cleaned text; a span never holds a line end."""

    spans: tuple[Span, ...] = ()

    @property
    def text(self) -> str:
        """The line without its styles."""
        return "".join(text for text, _ in self.spans)


def line(*parts: str | Span) -> Line:
    """Make a line of parts; every part is cleaned, and line ends in it become spaces."""
    return Line(tuple(_span(part) for part in parts))


def paragraph(text: str, indent: str = "", style: Style = "") -> list[Line]:
    """Make one line for each line of `text`."""
    return [line(indent, (part, style)) for part in clean(text).split("\n")]


def counted(count: int, noun: str) -> str:
    """Return "1 claim" or "3 claims"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def table(rows: Iterable[tuple[str, ...]], indent: str = "", first: Style = "bold") -> list[Line]:
    """Lay out rows of equal length in columns as wide as their widest cell; the last runs free."""
    cells = [tuple(line(cell).text for cell in row) for row in rows]
    if not cells:
        return []
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [_row(row, widths, indent, first) for row in cells]


def _row(row: tuple[str, ...], widths: list[int], indent: str, first: Style) -> Line:
    padded = [cell.ljust(width) + "  " for cell, width in zip(row[:-1], widths[:-1], strict=True)]
    if not padded:
        return line(indent, (row[-1], first))
    return line(indent, (padded[0], first), "".join(padded[1:]) + row[-1])


def _span(part: str | Span) -> Span:
    if isinstance(part, str):
        return _flat(part), ""
    return _flat(part[0]), part[1]


def _flat(text: str) -> str:
    return clean(text).replace("\n", " ").replace("\t", " ")
