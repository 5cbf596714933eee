"""Writes what a measurement of two sides came to: tables of both, differences, and the verdict."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ui.answers_table import table as answers_table
from ui.lines import Line, line, table

if TYPE_CHECKING:
    from app.learning.candidates import Card
    from app.learning.evaluating import Evaluation
    from app.learning.figures import Figure


def tables(result: "Evaluation") -> str:
    """Return the tables of both sides, set by set."""
    parts = []
    for at, name in enumerate(result.names):
        found = [both[at] for both in result.sets.values()]
        parts.append(f"### {name}\n\n{answers_table(found)}")
    return "\n\n".join(parts) + "\n"


def compared(names: tuple[str, str], found: "Mapping[str, Figure]") -> list[Line]:
    """Lay out each figure of both sides, with the difference and its interval."""
    rows: list[tuple[str, ...]] = [("", names[0], names[1], "difference, 95 %", "over")]
    for name, one in found.items():
        span = f"{one.difference:+.3f} [{one.low:+.3f}, {one.high:+.3f}]"
        rows.append((name, f"{one.first:.3f}", f"{one.second:.3f}", span, str(one.n)))
    return table(rows)


def verdict(card: "Card", found: "Mapping[str, Figure]") -> Iterator[Line]:
    """Say whether the candidate would be released, or what speaks against it."""
    from app.learning.releasing import against

    reasons = against(card.kind, found)
    if not reasons:
        yield line(("better, and nothing guarded is worse: ", "good"), "put it in use with")
        yield line((f"vouch learn release {card.name}", "dim"))
    for reason in reasons:
        yield line(("not to be released: ", "doubt"), reason)
