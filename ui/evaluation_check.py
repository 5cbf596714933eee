"""Writes what the evaluation of the self-check came to, as Markdown."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from ui.lines import counted

if TYPE_CHECKING:
    from app.evaluation.check import Fit, Measured, Row
    from app.evaluation.judging import Shown

HEADS = ("AUROC", "balanced", "precision", "recall", "F1", "AUROC above word overlap")


def table(found: Sequence["Measured"]) -> str:
    """Return a part for each set: what it holds, and the figures of every way to judge."""
    return "\n\n".join("\n".join(_part(one)) for one in found)


def confidence_table(found: "Shown") -> str:
    """Return how far the confidence of the verdicts is right, by bins of it."""
    lines = [
        f"**Confidence** of all rulings above: ECE {found.ece:.3f}, Brier score {found.brier:.3f}, "
        f"AUROC for the ruling being right {found.auroc:.3f}.",
        "",
        "| confidence | rulings | mean confidence | right |",
        "|---|---|---|---|",
    ]
    for start, count, said, was in found.bins:
        lines.append(f"| {start:.1f} to {start + 0.1:.1f} | {count:,} | {said:.3f} | {was:.3f} |")
    return "\n".join(lines)


def fit_text(fit: "Fit") -> str:
    """Return fitted weights as the source of `agents.check.blend_weights` has them."""
    return "\n".join(
        [
            f"LIMIT = {fit.limit:.3f}",
            "WEIGHTS = Blend(",
            f"    support={_weights(fit.blend.support)},",
            f"    contradiction={_weights(fit.blend.contradiction)},",
            ")",
        ]
    )


def _weights(given: Mapping[str, float]) -> str:
    lines = (f'        "{name}": {weight:.3f},' for name, weight in given.items())
    return "\n".join(["{", *lines, "    }"])


def _part(found: "Measured") -> Iterator[str]:
    claims, documents = counted(found.claims, "claim"), counted(found.documents, "document")
    told = f"{claims}, {found.unsupported:,} not supported, {documents}"
    yield f"**{found.name}**, report half: {told}."
    yield ""
    yield f"| judged by | {' | '.join(HEADS)} |"
    yield "|---" * (len(HEADS) + 1) + "|"
    yield from map(_row, found.rows)


def _row(row: "Row") -> str:
    one = row.figures
    told = [one.auroc, one.balanced, one.precision, one.recall, one.f1]
    gain = f"{row.gain:+.3f} ({row.low:+.3f} to {row.high:+.3f})"
    return f"| {row.name} | {' | '.join(f'{value:.3f}' for value in told)} | {gain} |"
