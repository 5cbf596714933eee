"""Plots of a report as inline SVG: outcomes, and histograms whose bars may be stacked."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ui.escape import html

WIDTH, HEIGHT = 340, 168
_TOP, _BOTTOM, _LEFT = 14, 22, 6
_ROW = 36

Tone = str
"""A class of the style sheet: good, doubt, bad, mute or plain."""


@dataclass(frozen=True, slots=True)
class Series:
    """One kind of thing in a histogram: its name, tone and values."""

    name: str
    tone: Tone
    values: Sequence[float]


def bars(title: str, note: str, counts: Mapping[str, tuple[str, Tone, int]]) -> str:
    """Return a figure with a bar for each {name: (label, tone, count)}."""
    most = max((count for _, _, count in counts.values()), default=0) or 1
    whole = sum(count for _, _, count in counts.values()) or 1
    parts = []
    for number, (label, tone, count) in enumerate(counts.values()):
        y = 4 + number * _ROW
        width = 150 * count / most
        parts.append(
            f'<text x="0" y="{y + 16}">{html(label)}</text>'
            f'<rect class="{tone}" x="96" y="{y + 2}" width="{width:.1f}" height="19" rx="2"/>'
            f'<text x="{102 + width:.1f}" y="{y + 16}">{count:,} · {count / whole:.0%}</text>'
        )
    said = ", ".join(f"{count:,} {name}" for name, (_, _, count) in counts.items())
    return _figure(title, note, said, len(counts) * _ROW + 6, "".join(parts))


def histogram(
    title: str, note: str, series: Sequence[Series], low: float, high: float, bins: int = 12
) -> str:
    """Return a figure with the counts of values between `low` and `high`, series over series."""
    heights = [_counted(one.values, low, high, bins) for one in series]
    most = max(map(sum, zip(*heights, strict=True)), default=0) or 1
    step = (WIDTH - 2 * _LEFT) / bins
    scale = (HEIGHT - _TOP - _BOTTOM) / most
    base = HEIGHT - _BOTTOM
    parts = [f'<line x1="{_LEFT}" x2="{WIDTH - _LEFT}" y1="{base}" y2="{base}"/>']
    for place in range(bins):
        x, y = _LEFT + place * step, float(base)
        for one, counts in zip(series, heights, strict=True):
            tall = counts[place] * scale
            y -= tall
            parts.append(_bar(one.tone, x + 1, y, step - 2, tall))
        if total := sum(counts[place] for counts in heights):
            parts.append(
                f'<text class="axis" text-anchor="middle" x="{x + step / 2:.1f}" '
                f'y="{y - 3:.1f}">{total:,}</text>'
            )
    parts += _ticks(low, high, base)
    said = ", ".join(f"{len(one.values):,} {one.name}" for one in series)
    legend = _legend(series) if len(series) > 1 else ""
    return _figure(title, note, said, HEIGHT, "".join(parts), legend)


def ceiling(value: float) -> float:
    """Return the least round number that is not below `value`: an axis ends there."""
    power: float = 10.0 ** math.floor(math.log10(value)) if value > 0 else 1.0
    return next(power * step for step in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if power * step >= value)


def _counted(values: Sequence[float], low: float, high: float, bins: int) -> list[int]:
    counts = [0] * bins
    for value in values:
        place = int((value - low) / (high - low) * bins) if high > low else 0
        counts[min(max(place, 0), bins - 1)] += 1
    return counts


def _bar(tone: Tone, x: float, y: float, width: float, height: float) -> str:
    if not height:
        return ""
    return (
        f'<rect class="{tone}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"/>'
    )


def _ticks(low: float, high: float, base: int) -> list[str]:
    places = [("start", 0.0), ("middle", 0.5), ("end", 1.0)]
    return [
        f'<text class="axis" text-anchor="{anchor}" x="{_LEFT + share * (WIDTH - 2 * _LEFT):.1f}" '
        f'y="{base + 15}">{low + share * (high - low):.3g}</text>'
        for anchor, share in places
    ]


def _legend(series: Sequence[Series]) -> str:
    items = (f'<li><i class="{one.tone}"></i>{html(one.name)}</li>' for one in series)
    return f'<ul class="legend">{"".join(items)}</ul>'


def _figure(title: str, note: str, said: str, height: int, drawn: str, legend: str = "") -> str:
    return (
        f"<figure><figcaption>{html(title)}<span>{html(note)}</span></figcaption>"
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{html(f"{title}: {said}")}">'
        f"{drawn}</svg>{legend}</figure>"
    )
