"""Looks a value up in the tables of the library's documents: by words of its row and its column.

The readers write a table as lines that begin with "| ": a header's names once, then rows whose
cells repeat them ("| Name: Ann | Age: 7"), or rows in the order of the header ("| Ann | 7").
What is found keeps its place: `document.text[start:end]` is the row, and so for the cell.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from plugins.tools import ToolResult
from retrieval.documents import Document, Hit, Passage

OpenDocument = Callable[[str], Document | None]
SearchLibrary = Callable[[str, int], Sequence[Hit]]

HITS = 12
"""Passages that are searched for, to find documents with tables."""
MOST = 6
"""Rows that are told."""
SHARE = 0.5
"""Of the words that are looked for, a row must hold as many at least."""
LONGEST = 1_000
"""Characters of a row that is passed on as a passage; a longer one is passed as its cell alone."""

_ROW = re.compile(r"^\|.*\S.*$", re.M)
_BAR = re.compile(r"\s*\|\s+|\s*\|$|^\|\s*")
_RULE = re.compile(r"[\s|:+-]+")
_WORD = re.compile(r"[^\W_]+")
_IDEOGRAPHS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


@dataclass(frozen=True, slots=True)
class Cell:
    """A value in a table: where it stands in the document's text, and the name of its column."""

    column: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table."""

    text: str
    start: int
    end: int
    cells: tuple[Cell, ...]


def tools(open_document: OpenDocument, search: SearchLibrary) -> list[Callable[..., ToolResult]]:
    """Return the tool `look_up`, on a library that is searched and opened with these functions."""

    def look_up(row: str, column: str, document: str = "") -> ToolResult:
        """Look a value up in the tables of the library, by words of its row and its column's name.

        Args:
            row: words that stand in the row, such as a name
            column: the name of the column whose value is wanted
            document: the id of the document to look in; leave it out to search the library
        """
        if not _words(row) or not _words(column):
            return ToolResult("write words of the row and the name of the column", failed=True)
        if document:
            opened = [open_document(document)]
            if opened[0] is None:
                return ToolResult(f"there is no document {document[:60]!r}", failed=True)
        else:
            found = dict.fromkeys(h.passage.document for h in search(f"{row} {column}", HITS))
            opened = [open_document(name) for name in found]
        return _told([one for one in opened if one is not None], row, column)

    look_up.__dict__.update(vouch={"hosts": [], "folders": []}, library=True)
    return [look_up]


def rows(text: str) -> Iterator[Row]:
    """Yield the rows of all tables of a text, headers left out, each cell under its column."""
    header: list[str] = []
    end = -1
    for line in _ROW.finditer(text):
        # Only lines that follow one another, or but for a blank one, are of one table.
        if end < 0 or text[end : line.start()].strip():
            header = []
        end = line.end()
        if _RULE.fullmatch(line[0]):
            continue
        cells = list(_cells(line[0], line.start()))
        if not header and not _keyed(cells):
            header = [cell.text for cell in cells]
            continue
        yield Row(line[0], line.start(), line.end(), tuple(_named(cells, header)))


def _cells(line: str, offset: int) -> Iterator[Cell]:
    at = 0
    for bar in [*_BAR.finditer(line), None]:
        stop = bar.start() if bar else len(line)
        piece = line[at:stop]
        if bar is None or bar.start() > 0:
            lead = len(piece) - len(piece.lstrip())
            start = offset + at + lead
            if piece.strip() or bar is not None:
                yield Cell("", piece.strip(), start, start + len(piece.strip()))
        at = bar.end() if bar else stop


def _keyed(cells: Sequence[Cell]) -> bool:
    """Whether a first row carries its columns' names itself, so that it is no header."""
    return len(cells) > 1 and all(re.match(r"[^:]{1,80}: \S", cell.text) for cell in cells)


def _named(cells: Sequence[Cell], header: Sequence[str]) -> Iterator[Cell]:
    names = sorted((name.rstrip(":") for name in header if name), key=len, reverse=True)
    for at, cell in enumerate(cells):
        name = next((n for n in names if cell.text.startswith(f"{n}: ")), "")
        if not name and not header:
            name = cell.text.partition(": ")[0] if ": " in cell.text else ""
        if name:
            start = cell.start + len(name) + 2
            yield Cell(name, cell.text[len(name) + 2 :], start, cell.end)
        else:
            yield Cell(header[at] if at < len(header) else "", cell.text, cell.start, cell.end)


def _told(documents: Sequence[Document], words: str, column: str) -> ToolResult:
    wanted, named = _words(words), _words(column)
    found: list[tuple[float, float, Document, Row, Cell]] = []
    columns: dict[str, None] = {}
    for document in documents:
        for row in rows(document.text):
            share = _share(wanted, _words(row.text))
            cell, fit = _best(row.cells, named)
            columns |= dict.fromkeys(one.column for one in row.cells if one.column)
            if cell is not None and share >= SHARE:
                found.append((share, fit, document, row, cell))
    if not found:
        return ToolResult(_nothing(words, column, list(columns)))
    best = max(entry[:2] for entry in found)
    kept = [entry for entry in found if entry[:2] == best]
    lines = [
        f"{cell.column}: {cell.text} (in the row {_short(row.text)} of {document.title})"
        for _, _, document, row, cell in kept[:MOST]
    ]
    if len(kept) > MOST:
        lines.append(f"({len(kept) - MOST} more rows fit; add words of the row)")
    cells = [
        {"document": document.id, "start": cell.start, "end": cell.end, "text": cell.text}
        for _, _, document, _, cell in kept[:MOST]
    ]
    passages = tuple(_passage(document, row, cell) for _, _, document, row, cell in kept[:MOST])
    return ToolResult("\n".join(lines), passages=passages, data={"cells": cells})


def _best(cells: Sequence[Cell], named: set[str]) -> tuple[Cell | None, float]:
    """Return the cell whose column fits the name best, and how well; the same words fit wholly."""
    best, most = None, 0.0
    for cell in cells:
        has = _words(cell.column)
        fit = 2 * len(has & named) / (len(has) + len(named)) if has else 0.0
        if _share(named, has) >= SHARE and fit > most and cell.text:
            best, most = cell, fit
    return best, most


def _words(text: str) -> set[str]:
    """Return the words in lower case; of Chinese and the like, the single characters."""
    words: set[str] = set()
    for word in _WORD.findall(text.casefold()):
        characters = _IDEOGRAPHS.findall(word)
        words |= set(characters) or {word}
    return words


def _share(wanted: set[str], there: set[str]) -> float:
    return len(wanted & there) / len(wanted) if wanted else 0.0


def _passage(document: Document, row: Row, cell: Cell) -> Passage:
    start, end = row.start, row.end
    if end - start > LONGEST:
        start, end = cell.start, min(cell.end, cell.start + LONGEST)
    mark = document.mark_at(start)
    text = document.text[start:end]
    return Passage(
        document.id, document.source, document.title, text, start, end, mark.heading, mark.page
    )


def _nothing(words: str, column: str, columns: Sequence[str]) -> str:
    if not columns:
        return f"no table was found for {words!r}"
    shown = "; ".join(columns[:30])
    return f"no row with {words!r} has a value for {column!r}; there are the columns: {shown}"


def _short(text: str) -> str:
    return text if len(text) <= 300 else f"{text[:299]}…"
