"""What people said of runs, as rows: marks and comparisons are only ever added."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, select

from app.feedback.marks import Comparison, Mark, latest
from app.store.kept import find
from app.store.sessions import reading, writing
from app.store.tables import EntryRow, RunRow
from app.store.tables_feedback import ComparisonRow, FeedbackRow
from retrieval.errors import UserError

STEP = 0.001
"""Seconds between two marks of one person on one run, should the clock stand or go back."""


class Opinions:
    """Keeps marks and comparisons; every call that writes is one committed transaction.

    `clock` gives UTC in seconds. A run may be named by its beginning; an unknown one raises
    `UserError`, and so does an edit or a comparison of one without an answer.
    """

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._clock = clock

    def mark(self, mark: Mark) -> tuple[Mark, bool]:
        """Keep a mark; return the one kept under its id, and whether it is new.

        `UserError` if the id is of another mark: one that was sent must not be lost without a word.
        """
        with writing(self._engine) as connection:
            kept = connection.execute(select(FeedbackRow).where(FeedbackRow.id == mark.id)).first()
            if kept is not None:
                known = _mark(kept)
                _refuse_other(known, replace(mark, run=_full(known.run, mark.run), at=known.at))
                return known, False
            run, owner = _run(connection, mark.run, answered=mark.mark == "edit")
            now = max(self._clock(), _last(connection, run, mark.by) + STEP)
            mark = replace(mark, run=run, at=now)
            connection.execute(insert(FeedbackRow), _mark_row(mark) | {"owner": owner})
        return mark, True

    def marks(self, runs: Sequence[str] | None = None, by: str | None = None) -> list[Mark]:
        """Every mark, or those on `runs` and of one person; oldest first."""
        query = select(FeedbackRow).order_by(FeedbackRow.at, FeedbackRow.id)
        if by is not None:
            query = query.where(FeedbackRow.by == by)
        with reading(self._engine) as connection:
            if runs is None:
                return [_mark(row) for row in connection.execute(query)]
            found: list[Mark] = []
            for start in range(0, len(runs), 500):
                some = query.where(FeedbackRow.run.in_(runs[start : start + 500]))
                found += [_mark(row) for row in connection.execute(some)]
        return found

    def of(self, runs: Sequence[str], by: str) -> dict[str, Mark]:
        """The marks of one person that count, by run."""
        return {run: mark for (run, _), mark in latest(self.marks(runs, by)).items()}

    def compare(self, comparison: Comparison) -> tuple[Comparison, bool]:
        """Keep a comparison; return the one kept under its id, and whether it is new; `UserError`
        as `mark`."""
        wanted = select(ComparisonRow).where(ComparisonRow.id == comparison.id)
        with writing(self._engine) as connection:
            kept = connection.execute(wanted).first()
            if kept is not None:
                known = _comparison(kept)
                left = _full(known.left, comparison.left)
                right = _full(known.right, comparison.right)
                sent = replace(comparison, left=left, right=right)
                _refuse_other(known, replace(sent, prompt=known.prompt, at=known.at))
                return known, False
            left, owner = _run(connection, comparison.left, answered=True)
            right, _ = _run(connection, comparison.right, answered=True)
            comparison = replace(comparison, left=left, right=right, at=self._clock())
            row = _comparison_row(comparison) | {"owner": owner}
            connection.execute(insert(ComparisonRow), row)
        return comparison, True

    def comparisons(self, by: str | None = None) -> list[Comparison]:
        """Every comparison, or those of one person; oldest first."""
        query = select(ComparisonRow).order_by(ComparisonRow.at, ComparisonRow.id)
        if by is not None:
            query = query.where(ComparisonRow.by == by)
        with reading(self._engine) as connection:
            return [_comparison(row) for row in connection.execute(query)]


def _refuse_other(kept: Mark | Comparison, sent: Mark | Comparison) -> None:
    if kept != sent:
        raise UserError(
            "something else was kept under this id before", cure="load the page again, then say it"
        )


def _full(kept: str, sent: str) -> str:
    """The full name of the run that was sent, if it is the kept one or its beginning."""
    return kept if kept.startswith(sent) else sent


def _run(connection: Connection, name: str, answered: bool) -> tuple[str, str]:
    """The full name and the owner of a run, which must have an answer if `answered`."""
    run = find(connection, name)
    owner = connection.scalar(select(RunRow.owner).where(RunRow.id == run))
    wanted = select(EntryRow.seq).where(EntryRow.run == run, EntryRow.kind == "answered")
    if answered and connection.scalar(wanted.limit(1)) is None:
        raise UserError(f"the run {run} has no answer", cure="wait for it, or ask again")
    return run, str(owner)


def _last(connection: Connection, run: str, by: str) -> float:
    wanted = select(func.max(FeedbackRow.at)).where(FeedbackRow.run == run, FeedbackRow.by == by)
    return float(connection.scalar(wanted) or 0.0)


def _mark_row(mark: Mark) -> dict[str, Any]:
    return {
        "id": mark.id, "run": mark.run, "by": mark.by, "face": mark.face, "mark": mark.mark,
        "tags": json.dumps(mark.tags), "comment": mark.comment, "text": mark.text, "at": mark.at,
    }  # fmt: skip


def _mark(row: Any) -> Mark:
    return Mark(
        id=row.id,
        run=row.run,
        mark=row.mark,
        tags=tuple(json.loads(row.tags)),
        comment=row.comment,
        text=row.text,
        by=row.by,
        face=row.face,
        at=row.at,
    )


def _comparison_row(one: Comparison) -> dict[str, Any]:
    unsupported = {"left": one.unsupported_left, "right": one.unsupported_right}
    return {
        "id": one.id, "prompt": one.prompt, "left": one.left, "right": one.right,
        "order": one.order, "unsupported": json.dumps(unsupported), "core": one.core,
        "coherence": one.coherence, "overall": one.overall, "by": one.by, "face": one.face,
        "at": one.at,
    }  # fmt: skip


def _comparison(row: Any) -> Comparison:
    unsupported = json.loads(row.unsupported)
    return Comparison(
        id=row.id,
        left=row.left,
        right=row.right,
        order=row.order,
        core=row.core,
        coherence=row.coherence,
        overall=row.overall,
        unsupported_left=tuple(unsupported["left"]),
        unsupported_right=tuple(unsupported["right"]),
        prompt=row.prompt,
        by=row.by,
        face=row.face,
        at=row.at,
    )
