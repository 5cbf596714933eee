"""A run as one file of JSON lines: a header, the long texts, then the entries.

{"vouch": "run", "format": 1, "run": ..., "parent": ..., "started": ..., "length": n, "head": chain}
{"sha256": digest, "text": ...}
{"seq": 0, "at": seconds, "event": {...}, "chain": chain}
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, insert, select

from app.store.chain import START, canonical, link, named, text_digest, unpack
from app.store.kept import find, keep_texts, texts_of
from app.store.names import NAME
from app.store.sessions import reading, writing
from app.store.tables import EntryRow, RunRow
from retrieval.errors import UserError

FORMAT = 1
_LINES = {
    "header": {"vouch", "format", "run", "parent", "started", "length", "head"},
    "text": {"sha256", "text"},
    "entry": {"seq", "at", "event", "chain"},
}


def export(engine: Engine, run: str) -> Iterator[str]:
    """Yield the lines of a run, each with its line end; the run may be named by its beginning."""
    with reading(engine) as connection:
        run = find(connection, run)
        header = connection.execute(
            select(RunRow.parent, RunRow.started, RunRow.length, RunRow.head).where(
                RunRow.id == run
            )
        ).one()
        rows = connection.execute(
            select(EntryRow.seq, EntryRow.at, EntryRow.event, EntryRow.chain)
            .where(EntryRow.run == run)
            .order_by(EntryRow.seq)
        ).all()
        texts = texts_of(connection, (row.event for row in rows))
    yield _line({"vouch": "run", "format": FORMAT, "run": run} | dict(header._mapping))
    for digest, text in texts.items():
        yield _line({"sha256": digest, "text": text})
    for row in rows:
        yield _line(dict(row._mapping) | {"event": json.loads(row.event)})


def restore(engine: Engine, lines: Iterable[str], name: Callable[[], str]) -> str:
    """Keep the run that the lines hold, all of it or nothing, and return its name here.

    A run that is here already, entry for entry, is not kept twice: its name is returned. A name
    that another run has is replaced by one from `name`. Raises UserError with the number of the
    line that is not what `export` wrote: damaged, changed, missing or of another format.
    """
    read = _read(lines)
    with writing(engine) as connection:
        here = _same(connection, read)
        if here is not None:
            return here
        taken = connection.scalar(select(RunRow.id).where(RunRow.id == read.run))
        run = name() if taken else read.run
        _keep(connection, run, read)
    return run


@dataclass(slots=True)
class _Read:
    """What has been read of a file so far."""

    run: str
    parent: str | None
    started: float
    length: int
    head: str
    chain: str = START
    texts: dict[str, str] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)


def _read(lines: Iterable[str]) -> _Read:
    read: _Read | None = None
    number = 0
    for number, line in enumerate(lines, 1):
        values = _values(number, line)
        if read is None:
            read = _header(number, values)
        elif values.keys() == _LINES["text"]:
            _text(number, values, read)
        elif values.keys() == _LINES["entry"]:
            _entry(number, values, read)
        else:
            raise _refused(number, "is neither a text nor an entry")
    if read is None:
        raise UserError("the file is empty, it holds no run", cure=_CURE)
    if len(read.rows) != read.length or read.chain != read.head:
        raise UserError(
            f"the file ends after line {number} with {len(read.rows)} of {read.length} entries",
            cure=_CURE,
        )
    return read


def _values(number: int, line: str) -> dict[str, Any]:
    try:
        values = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise _refused(number, "is not JSON") from error
    if not isinstance(values, dict):
        raise _refused(number, "is not a JSON object")
    return values


def _header(number: int, values: dict[str, Any]) -> _Read:
    if values.get("vouch") != "run":
        raise _refused(number, "does not begin an exported run")
    if values.get("format") != FORMAT:
        raise UserError(
            f"line {number} says format {values.get('format')!r}, this program reads {FORMAT}",
            cure="import it with the version of Vouch that wrote it",
        )
    if values.keys() != _LINES["header"] or not _fits(**values):
        raise _refused(number, "is not the header of an exported run")
    return _Read(**{key: values[key] for key in ("run", "parent", "started", "length", "head")})


def _fits(run: object, parent: object, started: object, length: object, **rest: object) -> bool:
    names = [run] if parent is None else [run, parent]
    named = all(isinstance(name, str) and NAME.fullmatch(name) for name in names)
    return named and _is_time(started) and type(length) is int and isinstance(rest["head"], str)


def _text(number: int, values: dict[str, Any], read: _Read) -> None:
    text = values["text"]
    if not isinstance(text, str) or text_digest(text) != values["sha256"]:
        raise _refused(number, "holds a text that was changed")
    read.texts[values["sha256"]] = text


def _entry(number: int, values: dict[str, Any], read: _Read) -> None:
    seq, at, event = values["seq"], values["at"], canonical(values["event"])
    if type(seq) is not int or seq != len(read.rows):
        raise _refused(number, f"should be entry {len(read.rows)} of the run")
    if not _is_time(at) or link(read.chain, seq, float(at), event) != values["chain"]:
        raise _refused(number, f"holds entry {seq}, which was changed")
    try:
        kind = unpack(event, read.texts).kind
    except KeyError as error:
        raise _refused(number, f"names a text that the file lacks ({named(event)[0]})") from error
    except ValueError as error:
        raise _refused(number, "holds an event that this program does not know") from error
    read.chain = str(values["chain"])
    row = {"seq": seq, "at": float(at), "kind": kind, "event": event, "chain": read.chain}
    read.rows.append(row)


def _is_time(value: object) -> bool:
    return type(value) in (int, float)


def _refused(number: int, fault: str) -> UserError:
    return UserError(f"line {number} {fault}", cure=_CURE)


_CURE = "export the run again; nothing was imported"


def _same(connection: Connection, read: _Read) -> str | None:
    """The run here that holds just these entries: by the same name, or kept under another one."""
    same = select(RunRow.id).where(RunRow.head == read.head, RunRow.length == read.length)
    found = connection.scalars(same.order_by(RunRow.id)).all()
    if read.run in found:
        return read.run
    return found[0] if found and read.length else None


def _keep(connection: Connection, run: str, read: _Read) -> None:
    keep_texts(connection, read.texts)
    row = {"id": run, "parent": read.parent, "started": read.started}
    connection.execute(insert(RunRow), row | {"length": read.length, "head": read.head})
    if read.rows:
        connection.execute(insert(EntryRow), [entry | {"run": run} for entry in read.rows])


def _line(values: dict[str, Any]) -> str:
    return canonical(values) + "\n"
