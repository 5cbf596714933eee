"""Reads CSV, XLSX and SQLite files into named tables of text; nothing in them is carried out."""

import csv
import io
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import PurePath

from retrieval.errors import UserError

ROWS, COLUMNS = 300_000, 300
"""What a table may have; a larger one is refused, never cut in silence."""
CELLS = 2_000_000
TABLES = 50

Cell = str | None


@dataclass(frozen=True, slots=True)
class Table:
    """A table: `columns` are its names, each once, and every row has one cell for each."""

    name: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]


def tables(name: str, data: bytes) -> list[Table]:
    """Return the tables of a file by the ending of its name. Raises ValueError or `UserError`."""
    ending = PurePath(name).suffix.lower()
    if ending in (".csv", ".tsv", ".tab", ".txt"):
        return [_table(PurePath(name).stem, _delimited(name, data), set())]
    if ending in (".xlsx", ".xlsm"):
        return _workbook(name, data)
    if ending in (".sqlite", ".sqlite3", ".db"):
        return _database(name, data)
    raise ValueError(f"{name!r} is no table; CSV, XLSX and SQLite files can be read")


def _delimited(name: str, data: bytes) -> Iterator[list[str]]:
    from retrieval.readers.text import decode

    text = decode(data, name).removeprefix("\ufeff")
    head = text[:20_000]
    csv.field_size_limit(1_000_000)
    try:
        mark = csv.Sniffer().sniff(head, ",\t;|").delimiter
    except csv.Error:
        mark = max(",\t;|", key=head.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    except csv.Error as error:
        raise ValueError(f"{name!r} is no sound CSV file: {error}") from error


def _workbook(name: str, data: bytes) -> list[Table]:
    from openpyxl import load_workbook

    from retrieval.readers import archive
    from retrieval.readers.broken import sound

    archive.opened(data, name, "workbook").close()
    made: list[Table] = []
    taken: set[str] = set()
    with sound(name, "workbook"):
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        for sheet in book.worksheets[:TABLES]:
            if sheet.sheet_state == "visible":
                sheet.reset_dimensions()
                rows = ([_shown(value) for value in row] for row in sheet.values)
                made.append(_table(sheet.title, rows, taken))
        book.close()
    return [table for table in made if table.columns]


def _database(name: str, data: bytes) -> list[Table]:
    """Read the ordinary tables from a copy in memory: no views, triggers or virtual tables run."""
    if data[:16] != b"SQLite format 3\0":
        raise ValueError(f"{name!r} is no SQLite database")
    # A copy in memory has no write-ahead log beside it; bytes 18 and 19 ask for one
    # (https://www.sqlite.org/fileformat.html, section 1.3.3).
    data = data[:18] + b"\x01\x01" + data[20:]
    made: list[Table] = []
    taken: set[str] = set()
    with closing(sqlite3.connect(":memory:")) as base:
        base.text_factory = lambda raw: raw.decode("utf-8", "replace")
        try:
            base.deserialize(data)
            base.execute("PRAGMA trusted_schema = OFF")
            base.execute("PRAGMA query_only = ON")
            listed = base.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE "
                "'CREATE VIRTUAL%' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
            ).fetchmany(TABLES)
            for (title,) in listed:
                quoted = title.replace('"', '""')
                cursor = base.execute(f'SELECT * FROM "{quoted}"')
                head = [column[0] for column in cursor.description]
                rows = ([_shown(value) for value in row] for row in cursor)
                made.append(_table(title, _headed(head, rows), taken))
        except sqlite3.Error as error:
            raise ValueError(f"{name!r} is no sound SQLite database: {error}") from error
    return made


def _headed(head: list[Cell], rows: Iterable[list[Cell]]) -> Iterator[list[Cell]]:
    yield head
    yield from rows


def _shown(value: object) -> Cell:
    match value:
        case None:
            return None
        case datetime() if value.time() == datetime.min.time():
            return value.date().isoformat()
        case datetime():
            return value.isoformat(" ")
        case date():
            return value.isoformat()
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case bytes():
            return f"({len(value)} bytes)"
        case _:
            return str(value)


def _table(name: str, rows: Iterable[Sequence[Cell]], taken: set[str]) -> Table:
    """Make a table whose header is the first row that is not blank; blank rows are left out."""
    filled = (row for row in rows if any(cell not in (None, "") for cell in row))
    head = next(filled, ())
    kept = [[cell if cell != "" else None for cell in row] for row in islice(filled, ROWS + 1)]
    width = max((len(row) for row in kept), default=0)
    width = max(len(head), width)
    if len(kept) > ROWS or width > COLUMNS or len(kept) * width > CELLS:
        raise UserError(
            f"the table {name!r} is too large to be asked: it may have {ROWS:,} rows, "
            f"{COLUMNS} columns and {CELLS:,} cells",
            cure="split it",
        )
    columns: set[str] = set()
    names = [head[at] if at < len(head) else None for at in range(width)]
    return Table(
        _unique(_plain(name) or "data", taken),
        tuple(_unique(_spaced(n) or f"column{i}", columns) for i, n in enumerate(names, start=1)),
        [[*row, *[None] * (width - len(row))] for row in kept],
    )


def _spaced(name: Cell) -> str:
    return " ".join((name or "").split())[:80]


def _plain(name: str) -> str:
    """Return a name that needs no quotes in SQL."""
    plain = re.sub(r"\W+", "_", name).strip("_").lower()[:60]
    return f"t_{plain}" if plain[:1].isdigit() else plain


def _unique(name: str, taken: set[str]) -> str:
    """Return `name`, with a number where it is taken; case makes no difference in SQL."""
    given, count = name, 2
    while given.lower() in taken:
        given, count = f"{name}_{count}", count + 1
    taken.add(given.lower())
    return given
