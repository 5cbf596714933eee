"""Reads JSON, whole or a value a line: one line "path: value" a field, one paragraph a record."""

import json
import re
from collections.abc import Iterator

from retrieval.documents import Document
from retrieval.errors import UserError
from retrieval.readers.broken import sound
from retrieval.readers.outline import Outline
from retrieval.readers.tables import LONG, label
from retrieval.readers.text import decode

NUMBERS = 64
"""A list of more numbers than this is shown by its first ones: it is measured, not read."""

_SHOWN = 8
_WORDS = 100


class _Number(str):
    """A number as it is written in the file."""

    __slots__ = ()


def read(data: bytes, source: str, title: str, collection: str) -> Document:
    """Read a JSON value, or values line by line.

    Keys within keys are joined by dots, items of a list of objects are told apart by [0], [1]...
    A list of objects at the top, or a value a line, are records: paragraphs, a long one marked by
    its `title`, `name` or the like as by a heading. Other objects are cut by their outermost keys.
    """
    text = decode(data, source).removeprefix("\ufeff")
    outline = Outline()
    with sound(source, "JSON file"):
        records = _records(text, source)
        if len(records) == 1 and isinstance(records[0], dict):
            _sections(records[0], outline)
        else:
            for record in records:
                _record(record, outline)
    body, marks = outline.done()
    return Document(source, title, body, "application/json", collection, marks)


def _records(text: str, source: str) -> list[object]:
    """Return the values of a file; a list at its top is its values."""
    try:
        whole = _value(text)
    except json.JSONDecodeError as error:
        if error.msg != "Extra data":
            raise
        return list(_lines(text, source))
    if isinstance(whole, list) and any(isinstance(item, dict | list) for item in whole):
        return whole
    return [whole]


def _lines(text: str, source: str) -> Iterator[object]:
    # Other line ends (as splitlines takes them) may stand unescaped inside a JSON string.
    for number, line in enumerate(text.split("\n"), start=1):
        try:
            if line.strip():
                yield _value(line)
        except json.JSONDecodeError as error:
            raise UserError(
                f"{source!r} holds no JSON in line {number} ({error.msg})",
                cure="mend or remove that line",
            ) from error


def _value(text: str) -> object:
    # Numbers stay as they are written: 1.10 is no 1.1 to whoever quotes it.
    return json.loads(text, parse_float=_Number, parse_int=_Number, parse_constant=_Number)


def _sections(record: dict[str, object], outline: Outline) -> None:
    for key, value in record.items():
        lines = list(_flat(key, value))
        nested = isinstance(value, dict | list) and len(lines) > 1
        outline.heading(1, key if nested or sum(map(len, lines)) > LONG else "", written=False)
        _write(lines, outline, parted=nested)


def _record(record: object, outline: Outline) -> None:
    lines = list(_flat("", record))
    # A short record says what it is about itself.
    long = sum(map(len, lines)) > LONG
    outline.heading(1, _label(record) if long else "", written=False)
    _write(lines, outline, parted=True)


def _write(lines: list[str], outline: Outline, *, parted: bool) -> None:
    if parted:
        outline.pause()
    for line in lines:
        outline.line(line)
    if parted:
        outline.pause()


def _flat(path: str, value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(f"{path}.{key}" if path else key, inner)
    elif isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        for number, item in enumerate(value):
            yield from _flat(f"{path}[{number}]", item)
    elif isinstance(value, list):
        yield from _joined(path, value)
    else:
        yield _line(path, _scalar(value))


def _joined(path: str, values: list[object]) -> Iterator[str]:
    texts = [text for text in map(_scalar, values) if text]
    if any(len(text) > _WORDS for text in texts):
        yield from (_line(path, text) for text in texts)
        return
    if len(texts) > NUMBERS and all(isinstance(value, _Number) for value in values):
        texts = [*texts[:_SHOWN], f"... ({len(values):,} numbers)"]
    yield _line(path, ", ".join(texts))


def _line(path: str, text: str) -> str:
    return f"{path}: {text}" if path and text else text


def _scalar(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    # Blank lines inside a value stay: they part its paragraphs.
    return re.sub(r"\n\s*\n\s*", "\n\n", str(value).strip()) if value is not None else ""


def _label(record: object) -> str:
    if not isinstance(record, dict):
        return ""
    return label({key: value for key, value in record.items() if isinstance(value, str)})
