"""The figures of one system on one set, by name."""

import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.evaluation.answers import Scored

NAMES = (
    "n", "right", "wrong", "declined", "F1", "unsupported", "of claims", "prose", "lost", "AURC",
    "declining", "seconds",
)  # fmt: skip


def summary(rows: Sequence["Scored"]) -> dict[str, float | int | None]:
    """Return the figures of `NAMES` over all answers: shares, means, the median of seconds. What
    there is nothing to count for is None."""
    from app.evaluation.answers import aurc, balanced, share

    n = len(rows)
    found: tuple[float | int | None, ...] = (
        n,
        sum(row.right for row in rows) / n,
        sum(row.wrong for row in rows) / n,
        sum(row.declined for row in rows) / n,
        statistics.mean(row.f1 for row in rows),
        share(rows, lambda row: row.absent, lambda row: row.claims),
        sum(row.claims for row in rows),
        sum(row.prose for row in rows) / n,
        share(rows, lambda row: row.lost, lambda row: row.correct),
        aurc(rows),
        balanced(rows),
        statistics.median(row.seconds for row in rows),
    )
    named = zip(NAMES, found, strict=True)
    # No number is equal to itself that is none.
    return {name: value if value == value else None for name, value in named}
