"""Lays out the rows of a table so that each can be found and quoted by itself."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

LABELS = (
    "title",
    "name",
    "heading",
    "headline",
    "subject",
    "question",
    "标题",
    "名称",
    "id",
    "_id",
)
"""Names of fields that say what a record is about, the most telling first."""

LONG = 400
"""A record longer than this, in characters, is marked by its label as by a heading."""

_NUMBER = re.compile(r"[-+(]?\W{0,3}\d[\d.,:/\s-]*[)%\w€$£¥]{0,4}")
_YEAR = re.compile(r"(1[6-9]|20)\d\d")
_NAME = 80


@dataclass(slots=True)
class Table:
    """What is known of the table that is being read: its header and where its numbers stand.

    The first row with two filled cells or more is the header if its cells read like names: short,
    different, and no numbers but years. A blank line ends a table only if the row after it reads
    like a header and has words where the rows before it had numbers.
    """

    header: list[str] = field(default_factory=list)
    _numeric: set[int] = field(default_factory=set)
    _begun: bool = False
    _blank: bool = False

    def row(self, cells: Sequence[str]) -> str:
        """Return the line of a row: "| Name: Ann | Age: 7" under a header, else "| Ann | 7"."""
        cells = [" ".join(cell.split()) for cell in cells]
        filled = [cell for cell in cells if cell]
        if not filled:
            self._blank = True
            return ""
        if self._blank and self._anew(cells):
            self.header, self._numeric, self._begun = [], set(), False
        self._blank = False
        if self._begun:
            self._numeric |= {at for at, cell in enumerate(cells) if _NUMBER.fullmatch(cell)}
            return "| " + " | ".join(self._keyed(cells))
        if len(filled) == 1:
            return filled[0]
        self._begun = True
        self.header = cells if _names(filled) else []
        return "| " + " | ".join(filled)

    def label(self, cells: Sequence[str]) -> str:
        """Return what a row is about, by the column that is named so; "" if none is."""
        return label(dict(zip(self.header, cells, strict=False)))

    def _anew(self, cells: list[str]) -> bool:
        """Whether another table begins with this row, which stands below a blank one."""
        filled = [cell for cell in cells if cell]
        if not self.header or len(filled) == 1:
            return True
        words = [at for at in self._numeric if at < len(cells) and cells[at]]
        return _names(filled) and not any(_NUMBER.fullmatch(cells[at]) for at in words)

    def _keyed(self, cells: list[str]) -> Iterator[str]:
        for at, cell in enumerate(cells):
            name = self.header[at] if at < len(self.header) else ""
            if cell:
                yield f"{name.rstrip(':')}: {cell}" if name else cell


def rows(table: Iterable[Sequence[str]]) -> Iterator[tuple[str, str]]:
    """Yield (line, label) of each row of a table that is not blank."""
    state = Table()
    for cells in table:
        line = state.row(cells)
        if line:
            yield line, state.label(cells) if len(line) > LONG else ""


def label(record: dict[str, str]) -> str:
    """Return the shortest way to name a record, by the field that is meant for it; "" if none."""
    fields = {name.strip().lower(): value for name, value in record.items()}
    found = (" ".join(fields[name].split()) for name in LABELS if name in fields)
    return next((name for name in found if 0 < len(name) <= 200), "")


def _names(cells: list[str]) -> bool:
    if len(set(cells)) < len(cells) or any(len(cell) > _NAME for cell in cells):
        return False
    numbers = [cell for cell in cells if _NUMBER.fullmatch(cell)]
    return len(numbers) < len(cells) and all(_YEAR.fullmatch(cell) for cell in numbers)
