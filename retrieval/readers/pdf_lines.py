"""The lines of one page of a PDF, as they stand on the paper."""

import ctypes
import io
import logging
import re
import statistics
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from retrieval.readers.broken import BREAKAGE
from retrieval.readers.text import clean

if TYPE_CHECKING:
    from pypdf import PdfReader
    from pypdfium2 import PdfDocument

_BREAK = re.compile(r"\r?\n")
_SOFT = re.compile(r"(?<=[^\W\d_A-Z])\ufffe(?=[^\W\d_A-Z])")
_PARTED = re.compile(r"[^\W\d_A-Z]-$")
_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_PARAGRAPH = 1.4
"""A gap this much wider than between most lines begins a paragraph."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text. `size` is that of its first letter in points, 0 where it is not known."""

    text: str
    size: float = 0.0
    parted: bool = False
    """Whether it begins a paragraph."""


@dataclass(frozen=True, slots=True)
class _Letter:
    """Where a letter stands, in points from the lower left corner of the page."""

    left: float
    right: float
    base: float
    size: float


def lines(pdf: "PdfDocument", number: int, other: "RightToLeft") -> list[Line]:
    """Return the lines of a page that hold text; words parted at the end of a line are joined.

    PDFium takes raised letters for lines of their own, and gives no blank lines: both are mended
    by where the letters stand. Hebrew and Arabic come out of it in disorder, so those pages are
    read by pypdf.
    """
    page = pdf[number]
    letters = page.get_textpage()
    try:
        text = letters.get_text_range()
        if _RIGHT_TO_LEFT.search(text):
            return _plain(other.page(number) or text)
        return _joined(_laid_out(letters, text))
    finally:
        letters.close()
        page.close()


class RightToLeft:
    """Reads pages in which words run to the left, by pypdf, which is opened once if at all."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._reader: PdfReader | None = None

    def page(self, number: int) -> str:
        """Return the text of a page, "" if pypdf cannot read it."""
        from pypdf import PdfReader
        from pypdf.errors import PyPdfError

        logging.getLogger("pypdf").setLevel(logging.ERROR)
        try:
            self._reader = self._reader or PdfReader(io.BytesIO(self._data))
            return self._reader.pages[number].extract_text()
        except (PyPdfError, *BREAKAGE):  # type: ignore[misc]
            return ""


def _plain(text: str) -> list[Line]:
    return _joined([Line(line) for line in clean(text).split("\n")])


def _laid_out(letters: Any, text: str) -> list[Line]:
    """Cut the text of a page where its lines end on the paper."""
    made: list[Line] = []
    drops: list[float] = []
    at, begun = 0, ""
    first = _letter(letters, 0)
    for stop in _BREAK.finditer(text):
        begun += text[at : stop.start()]
        before = _letter(letters, stop.start() - 1)
        at = stop.end()
        after = _letter(letters, at) if at < len(text) else None
        gap = _gap(before, after)
        if gap is not None:
            begun += gap
            continue
        made.append(Line(begun, first.size if first else 0.0))
        drops.append(before.base - after.base if before and after else 0.0)
        begun, first = "", after
    made.append(Line(begun + text[at:], first.size if first else 0.0))
    usual = statistics.median([drop for drop in drops if drop > 0] or [0.0])
    parted = [False, *(usual > 0 and drop > _PARAGRAPH * usual for drop in drops)]
    return [replace(line, parted=new) for line, new in zip(made, parted, strict=True)]


def _gap(before: _Letter | None, after: _Letter | None) -> str | None:
    """Return what stands between two letters of one line, None if a line ends between them."""
    if not before or not after:
        return None
    size = max(before.size, after.size, 1.0)
    across, down = after.left - before.right, abs(after.base - before.base)
    if down >= 0.75 * size or not -0.1 * size <= across < 2 * size:
        return None
    return " " if across > 0.2 * size else ""


def _letter(letters: Any, at: int) -> _Letter | None:
    from pypdfium2 import raw

    index = raw.FPDFText_GetCharIndexFromTextIndex(letters, at)
    left, right, bottom, top, x, y = (ctypes.c_double() for _ in range(6))
    if index < 0 or not raw.FPDFText_GetCharBox(letters, index, left, right, bottom, top):
        return None
    if not raw.FPDFText_GetCharOrigin(letters, index, x, y):
        return None
    size = raw.FPDFText_GetFontSize(letters, index)
    # The size of type may be 1 and the page scaled; the height of the letter is what is seen.
    height = max(top.value - bottom.value, 0.0)
    return _Letter(left.value, right.value, y.value, size if size > 1.5 else height * 1.4)


def _joined(found: list[Line]) -> list[Line]:
    """Tidy lines, and join those between which a word is parted."""
    made: list[Line] = []
    for line in found:
        text = _SOFT.sub("", line.text).replace("\ufffe", "-")
        text = clean(text.replace("\x0b", " ")).strip()
        if not text:
            continue
        if made and _PARTED.search(made[-1].text) and text[0].islower():
            made[-1] = replace(made[-1], text=made[-1].text[:-1] + text)
        else:
            made.append(replace(line, text=text))
    return made
