"""Parts a text into prose, tables and code by its lines."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["prose", "table", "code"]

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_ROW = re.compile(r"[^\S\n]*\|.*\S|.*\S[^\S\n]\|[^\S\n]+\S")
_RULE = re.compile(r"[^\S\n]*\|?[^\S\n]*:?-+[-\s|:+]*$")
_CODE_LINE = re.compile(r"(?:\t|  )[^\S\n]*\S|.*[;{}(\[,]\s*$|[^\S\n]*[)}\]]|.*\):\s*$")
_NAME = 40
_CODE = 0.6
"""Share of lines from which a text without fences is taken for code."""


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of one kind: `lines` are the offsets at which they begin.

    `ruled`: the first row of the table is parted from the rest by a line of hyphens. `fenced`: the
    first line and the last are the fences of the code.
    """

    kind: Kind
    end: int
    lines: tuple[int, ...]
    ruled: bool = False
    fenced: bool = False

    @property
    def start(self) -> int:
        """Offset of the first line."""
        return self.lines[0]


def blocks(text: str) -> Iterator[Block]:
    """Yield the blocks of `text`; together they are all its lines, in order."""
    gathered: list[int] = []
    before: str = ""
    for at, kind in _kinds(text):
        if kind != before and gathered:
            yield _block(text, before, gathered, at)
            gathered = []
        gathered.append(at)
        before = kind
    if gathered:
        yield _block(text, before, gathered, len(text))


def header(text: str, block: Block) -> str:
    """Return the names of a table's columns, "Region | Units", or "" if its first row names none.

    Names are short, different and hold no number; rows that repeat them ("| Units: 7") need none,
    and are none.
    """
    first = text[block.start : block.lines[1]]
    cells = [cell.strip(" \t\n*_`") for cell in first.strip().strip("|").split("|")]
    second = text[block.lines[1] : block.end].lstrip("| \t").partition("\n")[0]
    repeated = all(": " in cell for cell in cells)
    told = len(set(cells)) == len(cells) > 1 and all(0 < len(cell) <= _NAME for cell in cells)
    if not told or repeated or re.search(r"\d", first) or second.startswith(f"{cells[0]}:"):
        return ""
    return " | ".join(cells)


def _kinds(text: str) -> Iterator[tuple[int, str]]:
    """Yield where each line begins and what it is; fences number the code that they enclose."""
    fence, number = "", 0
    for found in _LINE.finditer(text):
        line, mark = found[0], _FENCE.match(found[0])
        if fence:
            yield found.start(), f"code {number}"
            fence = "" if mark and not line.strip().strip(fence[0]) and fence in line else fence
        elif mark:
            fence, number = mark[1], number + 1
            yield found.start(), f"code {number}"
        else:
            yield found.start(), "table" if _ROW.match(line) else "prose"


def _block(text: str, kind: str, lines: list[int], end: int) -> Block:
    if kind.startswith("code"):
        return Block("code", end, tuple(lines), fenced=True)
    if kind == "table" and len(lines) > 1:
        second = text[lines[1] : lines[2] if len(lines) > 2 else end]
        return Block("table", end, tuple(lines), ruled=bool(_RULE.match(second)))
    written = [line for line in text[lines[0] : end].split("\n") if line.strip()]
    coded = sum(_CODE_LINE.match(line) is not None for line in written)
    plain = coded < _CODE * len(written) or len(written) < 3
    return Block("prose" if plain else "code", end, tuple(lines))
