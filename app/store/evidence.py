"""Every answered run, read for preference data: the events that tell, without the pages."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Engine, select

from app.feedback.cases import Case, case
from app.store.chain import unpack
from app.store.sessions import reading
from app.store.tables import LOCAL, EntryRow
from app.store.tables_talk import TurnRow

PASSED_OVER = ("opened", "found", "moved", "returned", "measured", "used", "claimed", "judged")
"""Kinds that say nothing of what was asked, quoted, written or shown."""


def answered(engine: Engine, runs: Sequence[str] | None = None) -> tuple[dict[str, Case], int]:
    """Return the answered runs by name, and how many could not be read (damaged or redacted).

    With `runs` only those are looked at, each named in full.
    """
    ended = select(EntryRow.run).where(EntryRow.kind == "answered")
    if runs is not None:
        ended = ended.where(EntryRow.run.in_(runs))
    wanted = (
        select(EntryRow.run, EntryRow.seq, EntryRow.at, EntryRow.event)
        .where(EntryRow.run.in_(ended), EntryRow.kind.not_in(PASSED_OVER))
        .order_by(EntryRow.run, EntryRow.seq)
    )
    cases: dict[str, Case] = {}
    damaged = 0
    with reading(engine) as connection:
        askers = {row.run: row.by for row in connection.execute(select(TurnRow.run, TurnRow.by))}
        rows = connection.execution_options(yield_per=500).execute(wanted)
        for run, entries in groupby(rows, key=attrgetter("run")):
            read = _case(run, entries, askers.get(run, LOCAL))
            if read is None:
                damaged += 1
            else:
                cases[run] = read
    return cases, damaged


def _case(run: str, rows: Iterator[Any], by: str) -> Case | None:
    kept = list(rows)
    try:
        events = [unpack(row.event, {}) for row in kept]
        return case(run, events, kept[-1].at, by)
    except (ValueError, KeyError, AssertionError):
        return None
