"""Draws curves as an SVG file of its own, such as risk against coverage."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ui.escape import html

SIDE, GAP, TOP = 220, 64, 44
"""Of a square of curves, in units of the drawing: its side, what is between two, and above."""

COLUMNS = 3
COLOURS = ("#1f77b4", "#d95f02", "#7b7b7b", "#1b7f4d", "#8a4fa3")
DASHES = ("", "6 3", "2 3", "8 3 2 3", "1 3")
"""Curves are told apart by their dashes too, not by colour alone."""

_STYLE = (
    "text{font:11px system-ui,sans-serif;fill:#222}.name{font-weight:600}"
    ".axis{stroke:#888;stroke-width:1;fill:none}.ground{fill:#fff}"
    ".curve{fill:none;stroke-width:1.8}"
)

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Panel:
    """One square: its name and curves by theirs, both axes from 0 to 1."""

    name: str
    curves: Mapping[str, Sequence[Point]]


def drawing(title: str, across: str, up: str, panels: Sequence[Panel]) -> str:
    """Return the SVG of panels side by side, three in a row, with one legend below."""
    names = list(dict.fromkeys(name for panel in panels for name in panel.curves))
    columns = min(COLUMNS, max(1, len(panels)))
    rows = -(-len(panels) // columns) or 1
    width = columns * (SIDE + GAP) + GAP // 2
    height = TOP + rows * (SIDE + GAP) + 24
    parts = [f'<text class="name" x="{GAP // 2}" y="20">{html(title)}</text>']
    for number, panel in enumerate(panels):
        x = GAP - 12 + number % columns * (SIDE + GAP)
        y = TOP + number // columns * (SIDE + GAP)
        parts += _panel(panel, names, x, y, across, up)
    parts += _legend(names, height - 12)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{html(title)}"><style>{_STYLE}</style>'
        f'<rect class="ground" width="{width}" height="{height}"/>{"".join(parts)}</svg>\n'
    )


def _panel(
    panel: Panel, names: Sequence[str], x: int, y: int, across: str, up: str
) -> Iterator[str]:
    yield f'<g transform="translate({x} {y})">'
    yield f'<rect class="axis" width="{SIDE}" height="{SIDE}"/>'
    yield f'<text class="name" x="{SIDE / 2}" y="-6" text-anchor="middle">{html(panel.name)}</text>'
    yield f'<text x="{SIDE / 2}" y="{SIDE + 28}" text-anchor="middle">{html(across)}</text>'
    yield f'<text transform="translate(-28 {SIDE / 2}) rotate(-90)" text-anchor="middle">'
    yield f"{html(up)}</text>"
    for step in (0.0, 0.5, 1.0):
        yield f'<text x="{step * SIDE}" y="{SIDE + 14}" text-anchor="middle">{step:g}</text>'
        yield f'<text x="-6" y="{SIDE - step * SIDE + 4}" text-anchor="end">{step:g}</text>'
    for name, points in panel.curves.items():
        yield _curve(points, names.index(name))
    yield "</g>"


def _curve(points: Sequence[Point], number: int) -> str:
    placed = " ".join(f"{a * SIDE:.1f},{SIDE - b * SIDE:.1f}" for a, b in points)
    return f'<polyline class="curve" {_stroke(number)} points="{placed}"/>'


def _stroke(number: int) -> str:
    colour, dash = COLOURS[number % len(COLOURS)], DASHES[number % len(DASHES)]
    return f'stroke="{colour}" stroke-dasharray="{dash}"'


def _legend(names: Sequence[str], y: int) -> Iterator[str]:
    x = GAP // 2
    for number, name in enumerate(names):
        yield f'<polyline class="curve" {_stroke(number)} points="{x},{y} {x + 26},{y}"/>'
        yield f'<text x="{x + 32}" y="{y + 4}">{html(name)}</text>'
        x += 52 + 6 * len(name)
