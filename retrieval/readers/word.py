"""Reads Word documents: headings, paragraphs, numbered lists, tables and notes in their order."""

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

from retrieval.documents import Document
from retrieval.readers import archive
from retrieval.readers.broken import sound
from retrieval.readers.outline import Outline
from retrieval.readers.tables import rows
from retrieval.readers.text import titled
from retrieval.readers.word_styles import Styles, W, child, value

if TYPE_CHECKING:
    from docx.document import Document as Word
    from lxml.etree import _Element

MEDIA = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
KIND = "Word document"

_COMPATIBLE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_HOLDERS = {W + name for name in ("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag")}
_GONE = {_COMPATIBLE, *(W + name for name in ("del", "moveFrom", "pPr", "rPr", "rPrChange"))}
_LETTERS = {W + "tab": "\t", W + "br": "\n", W + "cr": "\n", W + "noBreakHyphen": "-"}
_NOTES = {W + "footnoteReference": "footnotes", W + "endnoteReference": "endnotes"}
_PROSE = 600
"""A cell longer than this, in characters, belongs to a page laid out by a table, not to data."""


def read(data: bytes, source: str, title: str, collection: str) -> Document:
    """Read a .docx; its title is its line in the style Title, that of its metadata, or a heading.

    What is marked as deleted is left out, what is marked as inserted is read. Pages have no
    number: a Word file has none until a program lays it out.
    """
    from docx import Document as word_document
    from docx.exceptions import PythonDocxError
    from docx.opc.exceptions import OpcError

    archive.opened(data, source, KIND).close()
    with sound(source, KIND, PythonDocxError, OpcError):
        body = _Body(word_document(io.BytesIO(data)))
        body.read()
        text, marks = body.outline.done()
    return Document(source, body.title or title, text, MEDIA, collection, marks)


class _Body:
    """One pass over the body of a document."""

    def __init__(self, word: "Word") -> None:
        self.outline = Outline()
        self._word = word
        self._styles = Styles(word)
        self._notes = _notes(word)
        self._title = self._first = ""

    @property
    def title(self) -> str:
        return self._title or titled(self._word.core_properties.title or "") or self._first

    def read(self) -> None:
        self._blocks(self._word.element.body)

    def _blocks(self, parent: "_Element") -> None:
        for block in _inside(parent):
            if block.tag == W + "p":
                self._paragraph(block)
            else:
                self._table(block)

    def _paragraph(self, paragraph: "_Element") -> None:
        boxes: list[_Element] = []
        cited: list[tuple[str, str]] = []
        text = "".join(_pieces(paragraph, boxes, cited)).strip()
        number = self._styles.number(paragraph) if text else ""
        level = self._styles.level(paragraph)
        if level is None and number:
            self.outline.line(f"{number} {text}")
        elif level is None:
            self.outline.paragraph(text)
        else:
            self._heading(level, f"{number} {text}" if number not in ("", "-") else text)
        for box in boxes:
            self._blocks(box)
        for kind, number in cited:
            note = self._notes.get((kind, number), "")
            self.outline.paragraph(f"[{number}] {note}" if note else "")

    def _heading(self, level: int, text: str) -> None:
        if level == 0 and not self._title:
            self._title = text
        self._first = self._first or text
        self.outline.heading(level, text)

    def _table(self, table: "_Element") -> None:
        grid = [_cells(row) for row in _found(table, "tr")]
        cells = [cell for row in grid for cell, _ in row if cell is not None]
        texts = {cell: _flat(cell) for cell in cells}
        laid_out = any(len(text) > _PROSE for text in texts.values()) or any(
            cell.find(f".//{W}tbl") is not None for cell in cells
        )
        self.outline.pause()
        if laid_out or all(len(row) < 2 for row in grid):
            for cell in cells:
                self._blocks(cell)
        else:
            for line, _ in rows(_filled(grid, texts)):
                self.outline.line(line)
        self.outline.pause()


def _inside(parent: "_Element") -> Iterator["_Element"]:
    """Yield paragraphs and tables, those in content controls and insertions too."""
    for element in parent:
        if element.tag in (W + "p", W + "tbl"):
            yield element
        elif element.tag in _HOLDERS:
            yield from _inside(element)


def _found(parent: "_Element", name: str) -> Iterator["_Element"]:
    for element in parent:
        if element.tag == W + name:
            yield element
        elif element.tag in _HOLDERS:
            yield from _found(element, name)


def _pieces(
    parent: "_Element", boxes: list["_Element"], cited: list[tuple[str, str]]
) -> Iterator[str]:
    """Yield the text of a paragraph; text boxes and notes met on the way are put aside."""
    for element in parent:
        tag = element.tag
        if tag in (W + "t", _MATH_TEXT):
            yield element.text or ""
        elif tag in _LETTERS:
            yield _LETTERS[tag]
        elif tag == W + "txbxContent":
            boxes.append(element)
        elif tag in _NOTES:
            cited.append((_NOTES[tag], element.get(W + "id", "")))
            yield f"[{cited[-1][1]}]"
        elif tag not in _GONE:
            yield from _pieces(element, boxes, cited)


def _flat(parent: "_Element") -> str:
    """Return the text of everything inside an element, paragraphs parted by blanks."""
    return " ".join("".join(_pieces(p, [], [])) for p in parent.iter(W + "p")).strip()


def _cells(row: "_Element") -> list[tuple["_Element | None", bool]]:
    """Return (cell, whether it goes on from the row above) by columns; None where a cell spans."""
    made: list[tuple[_Element | None, bool]] = []
    for cell in _found(row, "tc"):
        format_ = child(cell, "tcPr")
        merge = child(format_, "vMerge")
        made.append((cell, merge is not None and value(merge) in ("", "continue")))
        width = value(child(format_, "gridSpan"))
        made += [(None, False)] * (min(int(width), 64) - 1 if width.isdecimal() else 0)
    return made


def _filled(
    grid: list[list[tuple["_Element | None", bool]]], texts: dict["_Element", str]
) -> Iterator[list[str]]:
    """Yield the texts of rows; a cell merged with the one above it says the same again."""
    above: list[str] = []
    for row in grid:
        line = [texts[cell] if cell is not None else "" for cell, _ in row]
        for at, (_, continued) in enumerate(row):
            if continued and at < len(above):
                line[at] = above[at]
        yield line
        above = line


def _notes(word: "Word") -> dict[tuple[str, str], str]:
    """Return the texts of foot- and endnotes by (kind, id)."""
    from docx.oxml.parser import parse_xml

    found = {}
    for relation in word.part.rels.values():
        kind = relation.reltype.rpartition("/")[2]
        if kind in _NOTES.values() and not relation.is_external:
            for note in parse_xml(relation.target_part.blob):
                found[kind, note.get(W + "id", "")] = _flat(note)
    return found
