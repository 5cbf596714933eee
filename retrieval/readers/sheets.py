"""Reads workbooks: a heading a sheet, a line a row, each value after the name of its column."""

import io
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from retrieval.documents import Document
from retrieval.readers import archive
from retrieval.readers.broken import sound
from retrieval.readers.outline import Outline
from retrieval.readers.tables import rows
from retrieval.readers.text import titled

if TYPE_CHECKING:
    from openpyxl.cell.read_only import EmptyCell, ReadOnlyCell

MEDIA = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KIND = "workbook"


def read(data: bytes, source: str, title: str, collection: str) -> Document:
    """Read the visible sheets of an .xlsx; its title is that of its metadata, else `title`.

    Of a formula the value that was stored with it is read: a program that never computed it left
    none. Dates are written 2024-05-01, shares as in the sheet (25%), other numbers in full.
    """
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    archive.opened(data, source, KIND).close()
    outline = Outline()
    with sound(source, KIND, InvalidFileException):
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        for sheet in book.worksheets:
            if sheet.sheet_state == "visible":
                # What a sheet says of its size may be far from the truth.
                sheet.reset_dimensions()
                _sheet(sheet.title, sheet.iter_rows(), outline)
        named = titled(book.properties.title or "")
        book.close()
        text, marks = outline.done()
    return Document(source, named or title, text, MEDIA, collection, marks)


def _sheet(
    name: str, cells: "Iterator[tuple[ReadOnlyCell | EmptyCell, ...]]", outline: Outline
) -> None:
    outline.heading(1, name)
    outline.pause()
    for line, label in rows([_shown(cell) for cell in row] for row in cells):
        outline.heading(2, label, written=False)
        outline.line(line)


def _shown(cell: "ReadOnlyCell | EmptyCell") -> str:
    value = cell.value
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float() if "%" in str(cell.number_format):
            return f"{value * 100:.10g}%"
        case float():
            return f"{value:.15g}"
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime():
            return value.isoformat(" ", "minutes" if not value.second else "seconds")
        case date() | time():
            return value.isoformat()
        case _:
            return str(value)
