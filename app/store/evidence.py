"""Every answered run, read for preference data: the events that tell, without the pages."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, select

from app.feedback.cases import Case, case
from app.store.chain import unpack
from app.store.sessions import reading
from app.store.tables import LOCAL, EntryRow
from app.store.tables_talk import TurnRow

PASSED_OVER = ("opened", "found", "moved", "returned", "used", "claimed", "judged")
"""Kinds that say nothing of what was asked, quoted, measured, written or shown."""


def answered(engine: Engine, runs: Sequence[str] | None = None) -> tuple[dict[str, Case], int]:
    """Return the answered runs by name, and how many could not be read (damaged or redacted).

    With `runs` only those are looked at, each named in full.
    """
    ended = select(EntryRow.run).where(EntryRow.kind == "answered")
    if runs is not None:
        ended = ended.where(EntryRow.run.in_(runs))
    with reading(engine) as connection:
        askers = {row.run: row.by for row in connection.execute(select(TurnRow.run, TurnRow.by))}
        read = _read(connection, EntryRow.run.in_(ended), askers)
    cases = {run: one for run, one in read.items() if one is not None}
    return cases, len(read) - len(cases)


def _read(
    connection: Connection, wanted: ColumnElement[bool], askers: Mapping[str, str]
) -> dict[str, Case | None]:
    """The runs of these entries by name; None for one that could not be read."""
    asked = (
        select(EntryRow.run, EntryRow.seq, EntryRow.at, EntryRow.event)
        .where(wanted, EntryRow.kind.not_in(PASSED_OVER))
        .order_by(EntryRow.run, EntryRow.seq)
    )
    rows = connection.execution_options(yield_per=500).execute(asked)
    return {
        run: _case(run, entries, askers.get(run, LOCAL))
        for run, entries in groupby(rows, key=attrgetter("run"))
    }


def _case(run: str, rows: Iterator[Any], by: str) -> Case | None:
    kept = list(rows)
    try:
        events = [unpack(row.event, {}) for row in kept]
        return case(run, events, kept[-1].at, by)
    except (ValueError, KeyError, AssertionError):
        return None
