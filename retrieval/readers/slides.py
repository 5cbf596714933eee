"""Reads presentations: a page a slide, under its title, with tables, charts and notes."""

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from retrieval.documents import Document
from retrieval.readers import archive
from retrieval.readers.broken import sound
from retrieval.readers.outline import Outline
from retrieval.readers.slides_drawn import chart, diagram
from retrieval.readers.tables import rows
from retrieval.readers.text import titled

if TYPE_CHECKING:
    from pptx.slide import Slide

MEDIA = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
KIND = "presentation"

_MARGINS = ("DATE", "FOOTER", "HEADER", "SLIDE_NUMBER", "SLIDE_IMAGE")
_LISTS = ("BODY", "OBJECT", "VERTICAL_BODY", "VERTICAL_OBJECT")


def read(data: bytes, source: str, title: str, collection: str) -> Document:
    """Read a .pptx; its title is that of its first slide, else of its metadata, else `title`.

    Pages are slides by their number, hidden ones too. What a presenter noted follows its slide.
    """
    from pptx import Presentation
    from pptx.exc import PythonPptxError

    archive.opened(data, source, KIND).close()
    outline = Outline()
    named = ""
    with sound(source, KIND, PythonPptxError):
        shown = Presentation(io.BytesIO(data))
        for number, slide in enumerate(shown.slides, start=1):
            heading = _slide(slide, number, outline)
            named = named or heading
        named = named or titled(shown.core_properties.title or "")
        text, marks = outline.done()
    return Document(source, named or title, text, MEDIA, collection, marks)


def _slide(slide: "Slide", number: int, outline: Outline) -> str:
    """Write a slide; return its title."""
    named = slide.shapes.title
    heading = " ".join(named.text_frame.text.split()) if named is not None else ""
    outline.page(number)
    outline.heading(1, heading)
    for shape in _shapes(slide.shapes):
        if named is None or shape.shape_id != named.shape_id:
            _shape(shape, outline)
    if slide.has_notes_slide:
        frame = slide.notes_slide.notes_text_frame
        notes = frame.text.replace("\v", "\n").strip() if frame is not None else ""
        outline.paragraph(f"Notes: {notes}" if notes else "")
    return heading


def _shapes(shapes: Any) -> Iterator[Any]:
    """Yield shapes in their order, those of groups one by one."""
    for shape in shapes:
        inner = getattr(shape, "shapes", None)
        if inner is None:
            yield shape
        else:
            yield from _shapes(inner)


def _shape(shape: Any, outline: Outline) -> None:
    kind = shape.placeholder_format.type.name if _placed(shape) else ""
    if kind in _MARGINS:
        return
    outline.pause()
    if shape.has_text_frame:
        texts = [p.text.replace("\v", " ").strip() for p in shape.text_frame.paragraphs]
        texts = [text for text in texts if text]
        bullet = "- " if kind in _LISTS and len(texts) > 1 else ""
        for text in texts:
            outline.line(bullet + text)
    elif getattr(shape, "has_table", False):
        _lines(([cell.text for cell in row.cells] for row in shape.table.rows), outline)
    elif getattr(shape, "has_chart", False):
        name, values = chart(shape.chart_part.blob)
        outline.line(name)
        _lines(values, outline)
    else:
        for text in diagram(shape):
            outline.line(text)
    outline.pause()


def _placed(shape: Any) -> bool:
    return bool(shape.is_placeholder) and shape.placeholder_format.type is not None


def _lines(table: Any, outline: Outline) -> None:
    for line, _ in rows(table):
        outline.line(line)
