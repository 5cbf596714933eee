"""The words and numbers in charts and diagrams of presentations."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from retrieval.readers.xml import parsed

if TYPE_CHECKING:
    from lxml.etree import _Element

_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_D = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_POINTS = 10_000


def chart(xml: bytes) -> tuple[str, list[list[str]]]:
    """Return a chart's title, and its numbers as a table with a column a series."""
    root = parsed(xml)
    title = root.find(f".//{_C}title")
    name = "" if title is None else "".join(t.text or "" for t in title.iter(_A + "t"))
    series = list(root.iter(_C + "ser"))
    if not series:
        return name, []
    names = [
        _points(each.find(_C + "tx")).get(0, f"Series {n}") for n, each in enumerate(series, 1)
    ]
    labels = {at: t for each in series for at, t in _points(_first(each, "cat", "xVal")).items()}
    columns = [_points(_first(each, "val", "yVal")) for each in series]
    table = [["Category", *names]]
    for at in sorted(set(labels).union(*columns)):
        table.append([labels.get(at, str(at + 1)), *(column.get(at, "") for column in columns)])
    return name, table


def diagram(shape: Any) -> Iterator[str]:
    """Yield the texts of a SmartArt diagram."""
    place = shape._element.find(f".//{_D}relIds")
    name = place.get(_R + "dm", "") if place is not None else ""
    if name not in shape.part.rels:
        return
    for paragraph in parsed(shape.part.related_part(name).blob).iter(_A + "p"):
        text = "".join(t.text or "" for t in paragraph.iter(_A + "t")).strip()
        if text:
            yield text


def _first(series: "_Element", *names: str) -> "_Element | None":
    found = (series.find(_C + name) for name in names)
    return next((element for element in found if element is not None), None)


def _points(holder: "_Element | None") -> dict[int, str]:
    """Return the values that a chart keeps of its sheet, by their place."""
    made: dict[int, str] = {}
    for point in holder.iter(_C + "pt") if holder is not None else ():
        place, value = point.get("idx", ""), point.find(_C + "v")
        if place.isdecimal() and value is not None and len(made) < _POINTS:
            made[int(place)] = value.text or ""
    return made
