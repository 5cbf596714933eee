"""Finds the headings of a PDF: by its bookmarks, else by the size of its type."""

import re
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING

from retrieval.readers.pdf_lines import Line

if TYPE_CHECKING:
    from pypdfium2 import PdfBookmark, PdfDocument

BOOKMARKS = 5_000
DEPTH = 6

Headings = dict[tuple[int, int], list[tuple[int, str]]]
"""(level, name) of the headings that begin at (page, line), both counted from 0."""

_LARGER = 1.15
_LONGEST = 120
_FEW = 0.2
_WORD = re.compile(r"[^\W\d_]{2,}")


def bookmarks(pdf: "PdfDocument", pages: list[list[Line]]) -> Headings:
    """Return the document's bookmarks by the lines that say the same; else at the page's top."""
    found: Headings = {}
    page, after = -1, 0
    for mark in islice(pdf.get_toc(max_depth=DEPTH), BOOKMARKS):
        target, name = _target(mark), " ".join(mark.get_title().split())
        if target is None or not name or not 0 <= target < len(pages) or not pages[target]:
            continue
        page, after = target, after if target == page else 0
        at = _line(pages[target], name, after)
        found.setdefault((target, at), []).append((mark.level + 1, name))
        after = at
    return found


def by_size(pages: list[list[Line]]) -> Headings:
    """Return the short lines in type larger than that of most text, three sizes as levels.

    Where more than a fifth of the lines would be headings, size says nothing, and none is found.
    """
    text = Counter[float]()
    for line in (line for page in pages for line in page if line.size):
        text[_size(line)] += len(line.text)
    if not text:
        return {}
    body = text.most_common(1)[0][0]
    large = [
        (number, at, line)
        for number, page in enumerate(pages)
        for at, line in enumerate(page)
        if _size(line) > _LARGER * body and len(line.text) <= _LONGEST and _WORD.search(line.text)
    ]
    if len(large) > _FEW * sum(map(len, pages)):
        return {}
    sizes = sorted({_size(line) for _, _, line in large}, reverse=True)
    levels = {size: min(level, 3) for level, size in enumerate(sizes, start=1)}
    return _runs(large, levels)


def _runs(large: list[tuple[int, int, Line]], levels: dict[float, int]) -> Headings:
    """Join lines of one size that follow each other: a long heading is broken into lines."""
    found: Headings = {}
    start, last = (-1, -1), (-1, -1, 0)
    for number, at, line in large:
        level = levels[_size(line)]
        if last == (number, at - 1, level) and not line.parted:
            _, before = found[start][0]
            found[start] = [(level, f"{before} {line.text}")]
        else:
            start = (number, at)
            found[start] = [(level, line.text)]
        last = (number, at, level)
    return found


def _size(line: Line) -> float:
    return round(line.size * 2) / 2


def _target(mark: "PdfBookmark") -> int | None:
    place = mark.get_dest()
    index: int | None = place.get_index() if place else None
    return index


def _line(page: list[Line], name: str, after: int) -> int:
    """Return the first line from `after` on that begins with a heading's name, 0 if none does."""
    wanted = _letters(name)
    for at in range(after, len(page)):
        said = _letters(page[at].text + (page[at + 1].text if at + 1 < len(page) else ""))
        if wanted and said.startswith(wanted):
            return at
    return after


def _letters(text: str) -> str:
    """Return the letters of a heading without its number: bookmarks often leave that out."""
    text = re.sub(
        r"^\W*(?:(?:chapter|section|kapitel|part)\s+)?[\dIVX]{0,4}(?:\.\d+)*\W+", "", text
    )
    return "".join(c for c in text.casefold() if c.isalnum())
