"""The journal: every event of every run, on the disk before anyone hears of it."""

import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, insert, select, update

from agents.events import Entry, Event
from app.store import transcript
from app.store.chain import START, Packed, link, pack, unpack
from app.store.kept import find, keep_texts, texts_of, unknown, whole
from app.store.names import RunNames
from app.store.sessions import alone, reading, writing
from app.store.tables import EntryRow, RunRow
from retrieval.errors import UserError

# Built once: making a statement anew costs about as much as running it.
_HEAD = select(RunRow.length, RunRow.head).where(RunRow.id == bindparam("run")).with_for_update()
_ENTRY = insert(EntryRow)
_GROWN = (
    update(RunRow)
    .where(RunRow.id == bindparam("key"))
    .values(length=bindparam("grown"), head=bindparam("link"))
)


@dataclass(frozen=True, slots=True)
class RunLine:
    """One line of the list of runs. `started` is UTC in seconds; `outcome` is the answer's outcome,
    "stopped: <reason>", or "unfinished" (still going, or cut off); `seconds` is from the question
    to the end, None without one."""

    id: str
    started: float
    question: str
    outcome: str
    policy: str
    model: str
    parent: str | None
    seconds: float | None


class Journal:
    """Appends and reads back. Usable from several threads; entries of a run are numbered from 0.

    `clock` gives UTC in seconds. Wherever a run is named, an unambiguous beginning of its name will
    do; one that is unknown or ambiguous raises UserError. Only `append` wants it in full.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Callable[[], float] = time.time,
        names: RunNames | None = None,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._names = names or RunNames()

    def begin(self, run_id: str | None = None, parent: str | None = None) -> str:
        """Begin a run and return its name. ValueError if `run_id` is taken."""
        now = self._clock()
        run = run_id or self._names.make(now)
        with writing(self._engine) as connection:
            alone(connection, f"run {run}")
            if connection.scalar(select(RunRow.id).where(RunRow.id == run)):
                raise ValueError(f"the run {run} stands already")
            row = {"id": run, "parent": parent, "started": now, "head": START}
            connection.execute(insert(RunRow), row)
        return run

    def append(self, run: str, event: Event) -> Entry:
        """Add an event to a run, named in full; it is committed to the disk on return."""
        packed = pack(event)
        with writing(self._engine) as connection:
            at = self._clock()
            seq = _append(connection, run, at, packed)
        return Entry(run, seq, at, event)

    def entries(self, run: str, after: int = -1) -> list[Entry]:
        """The entries of a run with numbers above `after`, in order."""
        with reading(self._engine) as connection:
            run = find(connection, run)
            rows = connection.execute(
                select(EntryRow.seq, EntryRow.at, EntryRow.event)
                .where(EntryRow.run == run, EntryRow.seq > after)
                .order_by(EntryRow.seq)
            ).all()
            texts = texts_of(connection, (row.event for row in rows))
        return [_entry(run, row, texts) for row in rows]

    def events(self, run: str, kind: str) -> list[Event]:
        """The events of one kind of a run, in order."""
        with reading(self._engine) as connection:
            run = find(connection, run)
            rows = connection.execute(
                select(EntryRow.seq, EntryRow.at, EntryRow.event)
                .where(EntryRow.run == run, EntryRow.kind == kind)
                .order_by(EntryRow.seq)
            ).all()
            texts = texts_of(connection, (row.event for row in rows))
        return [_entry(run, row, texts).event for row in rows]

    def length(self, run: str) -> int:
        """How many entries a run has, named in full; 0 if it has not begun."""
        with reading(self._engine) as connection:
            return connection.scalar(select(RunRow.length).where(RunRow.id == run)) or 0

    def runs(self, limit: int = 20) -> list[RunLine]:
        """The latest runs, newest first."""
        newest = select(RunRow).order_by(RunRow.started.desc(), RunRow.id.desc()).limit(limit)
        with reading(self._engine) as connection:
            rows = connection.execute(newest).all()
            tellings = _tellings(connection, [row.id for row in rows])
        return [_line(row, tellings.get(row.id, {})) for row in rows]

    def verify(self, run: str) -> int | None:
        """The number of the first entry that was changed, is missing or out of place; else None."""
        with reading(self._engine) as connection:
            run = find(connection, run)
            wanted = select(RunRow.length, RunRow.head).where(RunRow.id == run)
            length, last = connection.execute(wanted).one()
            rows = connection.execute(
                select(EntryRow).where(EntryRow.run == run).order_by(EntryRow.seq)
            ).all()
            texts = texts_of(connection, (row.event for row in rows))
        head = START
        for seq, row in enumerate(rows):
            head = link(head, seq, row.at, row.event)
            if row.seq != seq or row.chain != head or not whole(row.event, texts):
                return seq
        if len(rows) != length:
            return min(len(rows), length)
        return None if head == last else max(length - 1, 0)

    def export(self, run: str) -> Iterator[str]:
        """The run as JSON lines, each with its line end; `restore` reads them."""
        return transcript.export(self._engine, run)

    def restore(self, lines: Iterable[str]) -> str:
        """Read a run that `export` wrote and return its name here; see `transcript.restore`."""
        return transcript.restore(self._engine, lines, lambda: self._names.make(self._clock()))


def _append(connection: Connection, run: str, at: float, packed: Packed) -> int:
    found = connection.execute(_HEAD, {"run": run}).first()
    if found is None:
        raise unknown(run)
    seq, head = found
    chain = link(head, seq, at, packed.event)
    keep_texts(connection, packed.texts)
    row = {"run": run, "seq": seq, "at": at, "kind": packed.kind, "event": packed.event}
    connection.execute(_ENTRY, row | {"chain": chain})
    connection.execute(_GROWN, {"key": run, "grown": seq + 1, "link": chain})
    return int(seq)


def _entry(run: str, row: Any, texts: dict[str, str]) -> Entry:
    try:
        return Entry(run, row.seq, row.at, unpack(row.event, texts))
    except (ValueError, KeyError) as error:
        raise UserError(
            f"entry {row.seq} of the run {run} is damaged",
            cure="put a backup of the database in its place, or import the run from an export",
        ) from error


def _tellings(connection: Connection, runs: list[str]) -> dict[str, dict[str, Any]]:
    """For each run the last entry of each kind that tells how it went."""
    rows = connection.execute(
        select(EntryRow.run, EntryRow.seq, EntryRow.at, EntryRow.kind, EntryRow.event)
        .where(EntryRow.run.in_(runs), EntryRow.kind.in_(("asked", "answered", "stopped")))
        .order_by(EntryRow.run, EntryRow.seq)
    )
    tellings: dict[str, dict[str, Any]] = {}
    for row in rows:
        tellings.setdefault(row.run, {})[row.kind] = row
    return tellings


def _line(run: Any, told: dict[str, Any]) -> RunLine:
    asked = json.loads(told["asked"].event) if "asked" in told else {}
    outcome = _outcome(run.length, told)
    return RunLine(
        id=run.id,
        started=run.started,
        question=asked.get("question", ""),
        outcome=outcome,
        policy=asked.get("policy", ""),
        model=asked.get("model", ""),
        parent=run.parent,
        seconds=None if outcome == "unfinished" else _seconds(told),
    )


def _seconds(told: dict[str, Any]) -> float:
    times = [float(row.at) for row in told.values()]
    return max(times) - min(times)


def _outcome(length: int, told: dict[str, Any]) -> str:
    if "answered" in told:
        return str(json.loads(told["answered"].event)["answer"]["outcome"])
    # A stop ends browsing first and writing follows; only a last entry ends the run.
    if "stopped" in told and told["stopped"].seq == length - 1:
        reason = json.loads(told["stopped"].event)["reason"]
        return "unfinished" if reason == "finished" else f"stopped: {reason}"
    return "unfinished"
