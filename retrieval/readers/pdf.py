"""Reads PDF: the text of its pages in order, marked by page and by heading."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from retrieval.documents import Document
from retrieval.errors import UserError
from retrieval.readers import archive, ocr, pulse
from retrieval.readers.broken import sound
from retrieval.readers.outline import Outline
from retrieval.readers.pdf_headings import Headings, bookmarks, by_size
from retrieval.readers.pdf_lines import Line, RightToLeft, lines
from retrieval.readers.text import titled

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

PAGES = 20_000
"""A document with more pages than this is refused."""

_PASSWORD = 4
_ALONE = threading.Lock()
"""PDFium is not safe in threads."""


def read(data: bytes, source: str, title: str, collection: str) -> Document:
    """Read a PDF; its title is that of its metadata, else `title`.

    Headings are its bookmarks, or, where it has none, short lines in larger type. Pages that are
    pictures are read by OCR if it is there. Raises `UserError` for a file that is broken, locked
    by a password, or all pictures while there is no OCR.
    """
    with _ALONE, _opened(data, source) as pdf:
        named = titled(pdf.get_metadata_dict().get("Title", ""))
        pages = _pages(pdf, data, source)
        headings = bookmarks(pdf, pages) or by_size(pages)
    text, marks = _outlined(pages, headings).done()
    return Document(source, named or title, text, "application/pdf", collection, marks)


@contextmanager
def _opened(data: bytes, source: str) -> Iterator["PdfDocument"]:
    from pypdfium2 import PdfDocument, PdfiumError

    with sound(source, "PDF", PdfiumError):
        try:
            pdf = PdfDocument(data)
        except PdfiumError as error:
            # Of a file without pages PDFium tells the fault of the file before it.
            if error.err_code == _PASSWORD and b"/Encrypt" in data:
                raise archive.locked(source) from error
            raise UserError(
                f"{source!r} is a broken PDF, or has no page",
                cure="open it in its own program and save it again",
            ) from error
        try:
            yield pdf
        finally:
            pdf.close()


def _pages(pdf: "PdfDocument", data: bytes, source: str) -> list[list[Line]]:
    """Return the lines of each page; of pictures by OCR."""
    if len(pdf) > PAGES:
        raise UserError(
            f"{source!r} has {len(pdf):,} pages, more than {PAGES:,}",
            cure="split it into smaller files",
        )
    pages, other = [], RightToLeft(data)
    for number in range(len(pdf)):
        pages.append(lines(pdf, number, other))
        pulse.beat()
    lack = ocr.missing()
    if lack and not any(pages):
        raise UserError(f"{source!r} has no text layer, only pictures of pages", cure=lack)
    return pages if lack else [page or _seen(pdf, at) for at, page in enumerate(pages)]


def _seen(pdf: "PdfDocument", number: int) -> list[Line]:
    text = ocr.rendered(pdf, number)
    pulse.beat()
    return [Line(line, parted=not before.strip()) for before, line in _pairs(text) if line.strip()]


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    found = text.split("\n")
    return zip(["", *found], found, strict=False)


def _outlined(pages: list[list[Line]], headings: Headings) -> Outline:
    outline = Outline()
    for number, page in enumerate(pages, start=1):
        outline.page(number)
        for at, line in enumerate(page):
            for level, name in headings.get((number - 1, at), ()):
                outline.heading(level, name, written=False)
                outline.pause()
            if line.parted:
                outline.pause()
            outline.line(line.text)
        outline.pause()
    return outline
