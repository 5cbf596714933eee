"""Writes how whole systems answered: a Markdown table a set, and plain values for JSON."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.evaluation.answers import Measured, Scored


def table(found: Sequence["Measured"]) -> str:
    """Return a part for each set: a row a system, and how Vouch compares with plain RAG."""
    return "\n\n".join("\n".join(_part(one)) for one in found)


def plain(measured: "Measured") -> dict[str, Any]:
    """Return the figures as values of JSON, each system's by the names of the columns."""
    from app.evaluation.summary import summary

    rows = {name: summary(rows) for name, rows in measured.systems.items()}
    return {"set": measured.name, "half": measured.half, "systems": rows}


def _part(measured: "Measured") -> Iterator[str]:
    from app.evaluation.summary import NAMES, summary

    some = next(iter(measured.systems.values()))
    answerable = sum(row.answerable for row in some)
    told = f"{len(some)} questions, {answerable} answerable"
    yield f"**{measured.name}**, {measured.half} half: {told}."
    yield ""
    yield f"| system | {' | '.join(NAMES)} |"
    yield "|---" * (len(NAMES) + 1) + "|"
    for name, rows in measured.systems.items():
        yield f"| {name} | {' | '.join(map(_figure, summary(rows).values()))} |"
    yield from _compared(measured.systems)


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
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else f"{value:.3f}"
