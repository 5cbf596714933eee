"""Writes what an evaluation came to: a Markdown table, and plain values for JSON."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ui.lines import counted

if TYPE_CHECKING:
    from app.evaluation.retrieval import Comparison, Measured


def table(found: Sequence["Measured"]) -> str:
    """Return a part for each set: what it holds, its rankings, and how they compare."""
    return "\n\n".join("\n".join(_part(one)) for one in found)


def plain(measured: "Measured") -> dict[str, Any]:
    """Return the same as values of JSON; each comparison tells the share of misses avoided."""
    told = asdict(measured)
    for written, comparison in zip(told["comparisons"], measured.comparisons, strict=True):
        written["fewer"] = comparison.fewer
    return told


def _part(measured: "Measured") -> Iterator[str]:
    parts = [
        counted(measured.questions, "question"),
        counted(measured.documents, "document"),
        counted(measured.passages, "passage"),
    ]
    yield f"**{measured.name}**, {measured.half} half: {', '.join(parts)}."
    yield ""
    names = list(measured.rows[0].figures)
    yield f"| ranking | {' | '.join(names)} |"
    yield "|---" * (len(names) + 1) + "|"
    for row in measured.rows:
        yield f"| {row.ranking} | {' | '.join(map(_figure, row.figures.values()))} |"
    yield ""
    yield from map(_compared, measured.comparisons)


def _figure(value: float) -> str:
    return f"{value:.3f}" if value < 10 else f"{value:,.0f}"


def _compared(comparison: "Comparison") -> str:
    misses = (1 - comparison.before, 1 - comparison.after)
    gain = comparison.after - comparison.before
    share = f", {abs(comparison.fewer):.0%} {'fewer' if comparison.fewer >= 0 else 'more'}"
    return (
        f"- {comparison.ranking} against {comparison.against}, {comparison.measure}: "
        f"misses {misses[0]:.3f} to {misses[1]:.3f}{share}; "
        f"difference {gain:+.3f} ({comparison.low:+.3f} to {comparison.high:+.3f})"
    )
