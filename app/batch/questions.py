"""The questions of a batch, read from a file or a pipe; bad rows are kept with their lines."""

import hashlib
import json
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.batch.tables import FORMATS, Format, Raw, read_rows
from retrieval.errors import UserError

STDIN = "-"
_LONGEST = 100_000
_ALIASES = {
    "question": ("question",),
    "id": ("id",),
    "collections": ("collections", "collection"),
    "sources": ("sources", "source"),
    "gold": ("gold",),
}
_SUFFIXES: dict[str, Format] = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".tsv": "tsv", ".xlsx": "xlsx",
    ".txt": "txt",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """A question with what it may be answered from, and the answers that count as right.

    `gold` is empty where nobody said what is right; an empty text in it says that declining is.
    """

    id: str
    question: str
    collections: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    gold: tuple[str, ...] = ()
    line: int = 0

    @property
    def key(self) -> str:
        """24 hex digits of what is asked: the same question under the same id, gold aside."""
        asked = [self.id, self.question, self.collections, self.sources]
        return hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be asked: its line in the file, its id if it has one, and why."""

    line: int
    id: str
    why: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file of questions holds. `unused` are names of columns that mean nothing here."""

    name: str
    questions: tuple[Question, ...]
    bad: tuple[BadRow, ...]
    unused: tuple[str, ...] = ()


def read_sheet(place: str, kind: Format | None = None) -> Sheet:
    """Read a file of questions, or stdin where `place` is "-"; the format goes by its ending.

    `UserError` when it cannot be read as a whole, or holds no row.
    """
    name = "stdin" if place == STDIN else place
    data = sys.stdin.buffer.read() if place == STDIN else _bytes(Path(place).expanduser())
    kind = kind or (_sniffed(data) if place == STDIN else _format(Path(place)))
    sheet = sheet_of(read_rows(data, kind, name), name)
    if not sheet.questions and not sheet.bad:
        raise UserError(f"{name} holds no question", cure="write one a line")
    return sheet


def sheet_of(rows: Iterable[Raw], name: str) -> Sheet:
    """Make questions of raw rows; a row without an id is called by its line."""
    questions: list[Question] = []
    bad: list[BadRow] = []
    lines: dict[str, int] = {}
    unused: dict[str, None] = {}
    for raw in rows:
        unused.update(dict.fromkeys(_unused(raw.values)))
        read = _question(raw)
        if isinstance(read, Question) and read.id in lines:
            read = BadRow(raw.line, read.id, f"the id {read.id!r} is that of line {lines[read.id]}")
        if isinstance(read, BadRow):
            bad.append(read)
        else:
            lines[read.id] = raw.line
            questions.append(read)
    return Sheet(name, tuple(questions), tuple(bad), tuple(unused))


def _unused(values: Mapping[str, Any]) -> list[str]:
    known = {alias for names in _ALIASES.values() for alias in names}
    return [str(name) for name in values if name not in known]


def _question(raw: Raw) -> Question | BadRow:
    if raw.fault:
        return BadRow(raw.line, "", raw.fault)
    given = {name: _given(raw.values, names) for name, names in _ALIASES.items()}
    try:
        id = _text(given["id"], "id") or str(raw.line)
    except ValueError as error:
        return BadRow(raw.line, "", str(error))
    try:
        asked = _text(given["question"], "question")
        collections = _texts(given["collections"], "collection")
        sources = _texts(given["sources"], "sources")
        gold = _texts(given["gold"], "gold", empty=True)
    except ValueError as error:
        return BadRow(raw.line, id, str(error))
    if not asked:
        return BadRow(raw.line, id, "the row has no question")
    if len(asked) > _LONGEST:
        return BadRow(raw.line, id, f"the question has {len(asked):,} characters")
    return Question(id, asked, collections, sources, gold, raw.line)


def _given(values: Mapping[str, Any], names: Iterable[str]) -> Any:
    """Return the first value that stands under one of the names; None if there is none."""
    return next((values[name] for name in names if values.get(name) is not None), None)


def _text(value: Any, name: str) -> str:
    """Return a value as text without the space around it; numbers count as written."""
    match value:
        case None:
            return ""
        case bool() | list() | dict():
            raise ValueError(f"its {name} is no text")
        case _:
            text = str(value).strip()
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError(f"its {name} holds half a character (a lone surrogate)")
    return text


def _texts(value: Any, name: str, empty: bool = False) -> tuple[str, ...]:
    """Return one or several texts: a list, a JSON list in a cell, or one a line of a cell.

    With `empty` an empty text counts where a list or object of JSON holds it.
    """
    match value:
        case None | "":
            return ()
        case list():
            found = [_text(item, name) for item in value]
            return tuple(dict.fromkeys(text for text in found if text or empty))
        case str() if (several := _listed(value)) is not None:
            return _texts(several, name, empty)
        case str():
            lines = (_text(line, name) for line in re.split(r"\r\n|[\r\n]", value))
            return tuple(dict.fromkeys(line for line in lines if line))
        case _:
            return (_text(value, name),)


def _listed(cell: str) -> list[Any] | None:
    if not cell.strip().startswith("["):
        return None
    try:
        value = json.loads(cell)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, list) else None


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(
            f"cannot read {path}: {error.strerror}", cure="give a file of questions, or - for stdin"
        ) from error


def _format(path: Path) -> Format:
    kind = _SUFFIXES.get(path.suffix.lower())
    if kind is None:
        raise UserError(
            f"the format of {path} is not told by its name",
            cure=f"say it with --from {'|'.join(FORMATS)}",
        )
    return kind


def _sniffed(data: bytes) -> Format:
    """Guess what comes in on stdin: JSON objects, or a question a line."""
    return "jsonl" if data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{" else "txt"
