"""Writes how whole systems answered: a Markdown table a set, and plain values for JSON."""

import statistics
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.evaluation.answers import Measured, Scored

HEAD = (
    "system", "n", "right", "wrong", "declined", "F1", "unsupported", "of claims", "prose", "lost",
    "AURC", "declining", "seconds",
)  # fmt: skip


def table(found: Sequence["Measured"]) -> str:
    """Return a part for each set: a row a system, and how Vouch compares with plain RAG."""
    return "\n\n".join("\n".join(_part(one)) for one in found)


def plain(measured: "Measured") -> dict[str, Any]:
    """Return the figures as values of JSON, each system's by the names of the columns."""
    rows = {name: dict(zip(HEAD[1:], _row(rows), strict=True))
            for name, rows in measured.systems.items()}  # fmt: skip
    return {"set": measured.name, "half": measured.half, "systems": rows}


def _part(measured: "Measured") -> Iterator[str]:
    some = next(iter(measured.systems.values()))
    answerable = sum(row.answerable for row in some)
    told = f"{len(some)} questions, {answerable} answerable"
    yield f"**{measured.name}**, {measured.half} half: {told}."
    yield ""
    yield f"| {' | '.join(HEAD)} |"
    yield "|---" * len(HEAD) + "|"
    for name, rows in measured.systems.items():
        yield f"| {name} | {' | '.join(map(_figure, _row(rows)))} |"
    yield from _compared(measured.systems)


def _row(rows: Sequence["Scored"]) -> list[float | int | None]:
    from app.evaluation.answers import aurc, balanced, share

    n = len(rows)
    return [
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
    ]


def _compared(systems: "dict[str, tuple[Scored, ...]]") -> Iterator[str]:
    from app.evaluation.answers import difference

    if not {"Vouch", "plain RAG"} <= set(systems):
        return
    yield ""
    pair = systems["Vouch"], systems["plain RAG"]
    for word, found in (
        ("right", difference(*pair, lambda row: row.right)),
        ("wrong", difference(*pair, lambda row: row.wrong)),
    ):
        gap, low, high = found
        yield f"{word}: Vouch less plain RAG {gap:+.3f} [{low:+.3f}, {high:+.3f}]"


def _figure(value: float | int | None) -> str:
    if value is None or value != value:
        return ""
    return str(value) if isinstance(value, int) else f"{value:.3f}"
