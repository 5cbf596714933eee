"""How runs stand, told from a few of their entries: for lists that must not read whole runs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Engine, select

from app.store.sessions import reading
from app.store.tables import EntryRow, RunRow

State = Literal["new", "open", "answered", "stopped"]

BATCH = 500
"""Runs that are looked up at a time; databases bound the parameters of a statement."""

_TELLING = ("asked", "forked", "rephrased", "answered", "stopped")


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a run came, the question in force, made to stand alone, and the answer that was
    shown; None before there is one.

    "open" is a run that has begun and not ended: somebody works on it, or it was cut off.
    """

    state: State = "new"
    asked: str | None = None
    answer: str | None = None


def standings(engine: Engine, runs: Sequence[str]) -> dict[str, Standing]:
    """How each run stands; a name that no run has yet is "new"."""
    found: dict[str, Standing] = {}
    with reading(engine) as connection:
        for start in range(0, len(runs), BATCH):
            found |= _standings(connection, runs[start : start + BATCH])
    return {run: found.get(run, Standing()) for run in runs}


def _standings(connection: Connection, runs: Sequence[str]) -> dict[str, Standing]:
    rows = connection.execute(
        select(EntryRow.run, EntryRow.seq, EntryRow.kind, EntryRow.event, RunRow.length)
        .join(RunRow, RunRow.id == EntryRow.run)
        .where(EntryRow.run.in_(runs), EntryRow.kind.in_(_TELLING))
        .order_by(EntryRow.run, EntryRow.seq)
    )
    telling: dict[str, list[Any]] = {}
    for row in rows:
        telling.setdefault(row.run, []).append(row)
    return {
        run: Standing(_state(told), _asked(told), _answer(told)) for run, told in telling.items()
    }


def _state(told: Sequence[Any]) -> State:
    """A stop ends browsing, and an answer follows; a cancel or a failure ends the run for good,
    and so does nothing but the last entry."""
    if any(row.kind == "answered" for row in told):
        return "answered"
    last = told[-1]
    if last.kind != "stopped" or last.seq != last.length - 1:
        return "open"
    ended = json.loads(last.event)["reason"] in ("cancelled", "failed")
    return "stopped" if ended else "open"


def _asked(told: Sequence[Any]) -> str | None:
    """What `view.asked` says: made to stand alone, else as the start or the last fork has it."""
    newest = {row.kind: row for row in told}
    for kind in ("rephrased", "forked", "asked"):
        if kind in newest:
            event = json.loads(newest[kind].event)
            return str((event["asked"] if kind == "forked" else event)["question"])
    return None


def _answer(told: Sequence[Any]) -> str | None:
    events = (json.loads(row.event) for row in told if row.kind == "answered")
    return next((str(event["answer"]["text"]) for event in events), None)
