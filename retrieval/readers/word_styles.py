"""What a Word document says apart from its text: levels of headings and numbers of lists."""

import re
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from docx.document import Document as Word
    from lxml.etree import _Element

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"

_HEADING = re.compile(r"heading (\d)", re.IGNORECASE)
_ROMAN = ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))


def child(element: "_Element | None", name: str) -> "_Element | None":
    """Return the first child of that name in Word's namespace, None if there is none."""
    return element.find(W + name) if element is not None else None


def value(element: "_Element | None") -> str:
    """Return the attribute `val` of an element, "" if it or the element is missing."""
    return element.get(W + "val", "") if element is not None else ""


class Styles:
    """Levels and numbers of the paragraphs of one document, asked for in their order."""

    def __init__(self, word: "Word") -> None:
        from docx.opc.constants import RELATIONSHIP_TYPE
        from docx.oxml.parser import parse_xml

        self._formats = {s.style_id: s.element for s in word.styles}
        self._counts: dict[str, dict[int, int]] = defaultdict(dict)
        self._lists: dict[str, tuple[str, dict[int, _Element]]] = {}
        for relation in word.part.rels.values():
            if relation.reltype == RELATIONSHIP_TYPE.NUMBERING and not relation.is_external:
                self._lists = _lists(parse_xml(relation.target_part.blob))

    def level(self, paragraph: "_Element") -> int | None:
        """Return the level of a heading (0 for a document's title), None for other paragraphs."""
        format_ = child(paragraph, "pPr")
        own = value(child(format_, "outlineLvl"))
        if own:
            return _outline(own)
        for style in self._chain(value(child(format_, "pStyle"))):
            name = value(child(style, "name"))
            heading = _HEADING.fullmatch(name)
            if heading:
                return int(heading[1])
            if name.lower() == "title":
                return 0
            level = value(child(child(style, "pPr"), "outlineLvl"))
            if level:
                return _outline(level)
        return None

    def number(self, paragraph: "_Element") -> str:
        """Return "1.", "(b)" or "2.1" as Word shows it, "-" for a bullet, "" outside of lists."""
        found = self._list(paragraph)
        if found is None or found[0] not in self._lists:
            return ""
        name, at = found
        abstract, levels = self._lists[name]
        counts = self._counts[abstract]
        counts[at] = counts.get(at, _start(levels.get(at)) - 1) + 1
        for deeper in [level for level in counts if level > at]:
            del counts[deeper]
        if value(child(levels.get(at), "numFmt")) == "bullet":
            return "-"
        return re.sub(
            r"%(\d)",
            lambda mark: _written(int(mark[1]) - 1, counts, levels),
            value(child(levels.get(at), "lvlText")),
        ).strip()

    def _list(self, paragraph: "_Element") -> tuple[str, int] | None:
        """Return the list and the level, 0 to 8, that a paragraph or its style belongs to."""
        format_ = child(paragraph, "pPr")
        places = [format_]
        places += [child(s, "pPr") for s in self._chain(value(child(format_, "pStyle")))]
        marks = [mark for mark in (child(place, "numPr") for place in places) if mark is not None]
        name = next((v for v in (value(child(mark, "numId")) for mark in marks) if v), "")
        level = next((v for v in (value(child(mark, "ilvl")) for mark in marks) if v), "0")
        # Number 0 takes a paragraph out of the list of its style.
        return (name, int(level)) if name not in ("", "0") and level.isdecimal() else None

    def _chain(self, style: str) -> list["_Element"]:
        """Return a style and those that it is based on."""
        chain: list[_Element] = []
        while style in self._formats and self._formats[style] not in chain:
            chain.append(self._formats[style])
            style = value(child(chain[-1], "basedOn"))
        return chain


def _lists(numbering: "_Element") -> dict[str, tuple[str, dict[int, "_Element"]]]:
    """Return, by number, the abstract list of each list and the formats of its levels."""
    kinds = {kind.get(W + "abstractNumId", ""): kind for kind in numbering.iter(W + "abstractNum")}
    made = {}
    for each in numbering.iter(W + "num"):
        abstract = value(child(each, "abstractNumId"))
        kind = kinds.get(abstract)
        levels = {} if kind is None else {_level(lvl): lvl for lvl in kind.iter(W + "lvl")}
        number = each.get(W + "numId", "")
        # A list that starts anew counts for itself, others of one kind count on.
        anew = each.find(f".//{W}startOverride") is not None
        made[number] = (f"{abstract}/{number}" if anew else abstract, levels)
    return made


def _level(element: "_Element") -> int:
    text = element.get(W + "ilvl", "0")
    return int(text) if text.isdecimal() else 0


def _outline(text: str) -> int | None:
    """Word counts outline levels from 0; 9 stands for body text."""
    return int(text) + 1 if text.isdecimal() and int(text) < 9 else None


def _start(level: "_Element | None") -> int:
    start = value(child(level, "start"))
    return min(int(start), 10_000) if start.isdecimal() else 1


def _written(at: int, counts: dict[int, int], levels: dict[int, "_Element"]) -> str:
    number = counts.get(at, _start(levels.get(at)))
    form = value(child(levels.get(at), "numFmt"))
    if "Letter" in form and number > 0:
        made = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
    elif "Roman" in form and 0 < number < 40:
        made = _roman(number)
    else:
        return str(number)
    return made.upper() if form.startswith("upper") else made


def _roman(number: int) -> str:
    made = ""
    for worth, sign in _ROMAN:
        while number >= worth:
            made, number = made + sign, number - worth
    return made
