"""Reads tables of values with commas, tabs or the like between them: a line a row."""

import csv
import io
from collections.abc import Iterator
from itertools import islice

from retrieval.documents import Document
from retrieval.readers.broken import sound
from retrieval.readers.outline import Outline
from retrieval.readers.tables import rows
from retrieval.readers.text import decode

CELL = 10_000_000
"""Characters of one value at most."""

_LOOK = 20_000


def read(data: bytes, source: str, title: str, collection: str) -> Document:
    """Read delimited values; each row repeats the header's names: "| Name: Ann | Age: 7".

    A long row with a field like `title` or `name` is marked by it as by a heading.
    """
    text = decode(data, source).removeprefix("\ufeff")
    outline = Outline()
    with sound(source, "table of values", csv.Error):
        for line, label in rows(_cells(text)):
            outline.heading(1, label, written=False)
            outline.line(line)
    body, marks = outline.done()
    return Document(source, title, body, "text/csv", collection, marks)


def _cells(text: str) -> Iterator[list[str]]:
    first, _, rest = text.partition("\n")
    # Excel writes and heeds such a line; it is no row.
    if first.strip().lower().startswith("sep=") and len(first.strip()) == 5:
        text, mark = rest, first.strip()[4]
    else:
        mark = _delimiter(text[:_LOOK])
    csv.field_size_limit(CELL)
    return csv.reader(io.StringIO(text, newline=""), delimiter=mark)


def _delimiter(text: str) -> str:
    """Return the mark that cuts the first rows into the most columns of one number."""
    best, most = ",", 0
    for mark in ",\t;|":
        try:
            lines = list(islice(csv.reader(io.StringIO(text, newline=""), delimiter=mark), 20))
        except csv.Error:
            continue
        widths = [len(line) for line in lines if line]
        # The last row looked at may be cut short.
        usual = max(set(widths), key=widths.count, default=0)
        alike = widths.count(usual) * usual if usual > 1 else 0
        if alike > most:
            best, most = mark, alike
    return best
