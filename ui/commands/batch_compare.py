"""`vouch batch compare`: two outputs question by question, with intervals."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from ui.escape import json_text
from ui.house_port import Visit
from ui.lines import counted, line, table

if TYPE_CHECKING:
    from app.batch.compare import Comparison, Difference

_PLAIN = ("seconds", "tokens")


def comparison(visit: Visit, first: Path, second: Path) -> int:
    """Print the paired differences of two outputs."""
    from app.batch.compare import LEVEL, SAMPLES, SEED, compare

    found = compare(first.expanduser(), second.expanduser())
    if visit.arguments.json:
        bootstrap = {"samples": SAMPLES, "level": LEVEL, "seed": SEED}
        differences = [{**asdict(one), "clear": one.clear} for one in found.differences]
        value = {**asdict(found), "differences": differences, "bootstrap": bootstrap}
        visit.screen.raw(json_text(value))
        return 0
    head = ("", first.name, second.name, "difference", f"{LEVEL:.0%} interval", "questions")
    visit.screen.show(table([head, *map(_row, found.differences)]))
    drawn = f"paired bootstrap of {SAMPLES:,} samples; * the interval leaves out zero"
    visit.screen.show([line((drawn, "dim"))])
    if told := _left_out(found, first, second):
        visit.screen.step(line(("left out: ", "note"), told))
    return 0


def _row(one: "Difference") -> tuple[str, ...]:
    form = "{:,.1f}" if one.metric in _PLAIN else "{:.3f}"
    signed = form.replace("{:", "{:+")
    low, high = signed.format(one.low), signed.format(one.high)
    return (
        one.metric,
        form.format(one.first),
        form.format(one.second),
        signed.format(one.difference),
        f"{low} .. {high}{' *' if one.clear else ''}",
        f"{one.count:,}",
    )


def _left_out(found: "Comparison", first: Path, second: Path) -> str:
    parts = [
        f"{counted(count, 'question')} of {path.name} alone"
        for count, path in zip(found.only, (first, second), strict=True)
        if count
    ]
    if found.other:
        parts.append(f"{counted(found.other, 'id')} with another question")
    return ", ".join(parts)
