"""Question files as raw rows: JSON lines, CSV, Excel sheets and plain lines of text."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, Literal

from retrieval.errors import UserError

Format = Literal["jsonl", "csv", "tsv", "xlsx", "txt"]
FORMATS: tuple[Format, ...] = ("jsonl", "csv", "tsv", "xlsx", "txt")

UNPACKED_CAP = 1 << 29
"""Bytes that an Excel file may unpack to."""

_NAMES = 40
_NOT_TEXT = "the line is not UTF-8 text"
_CELL = 1 << 30


@dataclass(frozen=True, slots=True)
class Raw:
    """One row as it stands in the file. `line` counts from 1; `fault` says why it is unreadable."""

    line: int
    values: dict[str, Any] = field(default_factory=dict)
    fault: str = ""


def read_rows(data: bytes, kind: Format, name: str) -> Iterator[Raw]:
    """Yield the rows of a file; empty ones are passed over.

    `UserError` when the file as a whole is none of that format, or its first row names no column
    "question".
    """
    match kind:
        case "jsonl":
            return _json_rows(data)
        case "txt":
            return _text_rows(data)
        case "csv":
            return _csv_rows(data, ",", name)
        case "tsv":
            return _csv_rows(data, "\t", name)
        case "xlsx":
            return _sheet_rows(data, name)


def _lines(data: bytes) -> Iterator[tuple[int, str | None]]:
    """Yield each line that is not blank with its number; None where it is not UTF-8."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    for number, line in enumerate(data.split(b"\n"), start=1):
        if line.strip():
            try:
                yield number, line.decode("utf-8").strip("\r")
            except UnicodeDecodeError:
                yield number, None


def _text_rows(data: bytes) -> Iterator[Raw]:
    for number, line in _lines(data):
        if line is None:
            yield Raw(number, fault=_NOT_TEXT)
        else:
            yield Raw(number, {"question": line.strip()})


def _json_rows(data: bytes) -> Iterator[Raw]:
    for number, line in _lines(data):
        yield Raw(number, fault=_NOT_TEXT) if line is None else _json(number, line)


def _json(number: int, line: str) -> Raw:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        why = error.msg if isinstance(error, json.JSONDecodeError) else "it cannot be read"
        return Raw(number, fault=f"the line is not JSON: {why}")
    if isinstance(value, str):
        return Raw(number, {"question": value})
    if not isinstance(value, dict):
        return Raw(number, fault="the line is no JSON object")
    return Raw(number, value)


def _csv_rows(data: bytes, delimiter: str, name: str) -> Iterator[Raw]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise UserError(
            f"line {line} of {name} is not UTF-8 text", cure="save the file as UTF-8"
        ) from error
    head = text.partition("\n")[0]
    if delimiter == "," and "," not in head and ";" in head:
        delimiter = ";"
    with _long_cells():
        rows = list(_cells(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter,
                                      strict=True)))  # fmt: skip
    return _named(rows, name)


@contextmanager
def _long_cells() -> Iterator[None]:
    before = csv.field_size_limit(_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _cells(reader: Any) -> Iterator[tuple[int, list[Any] | str]]:
    """Yield the line on which each row begins, with its cells or what is wrong with it."""
    while True:
        line = reader.line_num + 1
        try:
            yield line, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            open_quote = "unexpected end of data" in str(error)
            why = "a quotation mark is never closed" if open_quote else str(error)
            yield line, f"the row is not CSV: {why}"


def _sheet_rows(data: bytes, name: str) -> Iterator[Raw]:
    import openpyxl

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            size = sum(part.file_size for part in packed.infolist())
        if size > UNPACKED_CAP:
            raise UserError(f"{name} unpacks to {size:,} bytes", cure="save the sheet as CSV")
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        cells = [
            (number, [_value(cell) for cell in row])
            for number, row in enumerate(book.worksheets[0].iter_rows(values_only=True), start=1)
        ]
    except (OSError, ValueError, KeyError, IndexError, TypeError, zipfile.BadZipFile) as error:
        raise UserError(f"{name} is no Excel sheet that can be read: {error}",
                        cure="save the sheet as CSV") from error  # fmt: skip
    return _named(cells, name)


def _value(cell: object) -> Any:
    """Return a cell as text; whole numbers without a point."""
    match cell:
        case None:
            return ""
        case bool():
            return str(cell).lower()
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime() if cell.time() == time():
            return cell.date().isoformat()
        case datetime() | date() | time():
            return cell.isoformat()
        case _:
            return str(cell)


def _named(rows: Sequence[tuple[int, Any]], name: str) -> Iterator[Raw]:
    """Put the names of the first row to the cells of the others."""
    filled = (row for row in rows if isinstance(row[1], str) or any(map(_said, row[1])))
    line, head = next(filled, (1, []))
    if isinstance(head, str):
        raise UserError(f"line {line} of {name} has no names of columns: {head}")
    names = [str(cell).strip().lower() for cell in head]
    if "question" not in names:
        shown = ", ".join(names)[: _NAMES * 2] or "nothing"
        raise UserError(
            f"the first row of {name} names no column question",
            origin=f"it has {shown}",
            cure='give it the names of the columns, as in "id,question,gold"',
        )
    return (_row(line, names, cells) for line, cells in filled)


def _said(cell: object) -> bool:
    return bool(str(cell).strip())


def _row(line: int, names: Sequence[str], cells: Sequence[Any] | str) -> Raw:
    if isinstance(cells, str):
        return Raw(line, fault=cells)
    if any(map(_said, cells[len(names) :])):
        return Raw(line, fault=f"the row has {len(cells)} cells, the first row {len(names)}")
    return Raw(line, {name: cell for name, cell in zip(names, cells, strict=False) if name})
