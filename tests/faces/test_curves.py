"""Curves are drawn where their points are, named, told apart, and never as markup."""

from xml.etree import ElementTree as ET

import pytest

from ui.curves import SIDE, Panel, drawing

SVG = "{http://www.w3.org/2000/svg}"


def drawn(*panels: Panel, title: str = "Risk") -> ET.Element:
    return ET.fromstring(drawing(title, "coverage", "risk", panels))


def points(line: ET.Element) -> list[tuple[float, float]]:
    return [tuple(map(float, pair.split(","))) for pair in line.attrib["points"].split()]  # type: ignore[misc]


def test_points_stand_where_they_are_with_zero_at_the_lower_left() -> None:
    svg = drawn(Panel("a", {"one": [(0.0, 0.0), (0.5, 0.25), (1.0, 1.0)]}))
    line, legend = svg.iter(f"{SVG}polyline")
    assert line.attrib["stroke"] == legend.attrib["stroke"]
    assert points(line) == [(0, SIDE), (SIDE / 2, SIDE * 0.75), (SIDE, 0)]


def test_a_curve_looks_the_same_in_every_panel_and_unlike_the_others() -> None:
    svg = drawn(Panel("a", {"one": [(0, 0)], "two": [(1, 1)]}), Panel("b", {"two": [(0.5, 0.5)]}))
    one, two, again, *_ = svg.iter(f"{SVG}polyline")
    look = ("stroke", "stroke-dasharray")
    assert [two.attrib[name] for name in look] == [again.attrib[name] for name in look]
    assert all(one.attrib[name] != two.attrib[name] for name in look)


@pytest.mark.parametrize("count", [1, 3, 4, 7])
def test_no_panel_lies_outside_the_drawing_or_on_another(count: int) -> None:
    svg = drawn(*(Panel(str(n), {"one": [(0, 0)]}) for n in range(count)))
    width, height = map(float, svg.attrib["viewBox"].split()[2:])
    places = [
        tuple(map(float, group.attrib["transform"][10:-1].split())) for group in svg.iter(f"{SVG}g")
    ]
    assert len(set(places)) == count
    assert all(x > 0 and x + SIDE < width and y > 0 and y + SIDE < height for x, y in places)


def test_names_are_text_and_no_markup() -> None:
    svg = drawn(Panel("<b>", {"a & b": [(0, 0)]}), title='"<script>')
    texts = [one.text for one in svg.iter(f"{SVG}text")]
    assert '"<script>' in texts
    assert "<b>" in texts
    assert "a & b" in texts
