"""Cuts a document into passages that are exact spans of its text."""

from bisect import bisect_right
from collections.abc import Iterator

from retrieval.blocks import blocks, header
from retrieval.cuts import pieces
from retrieval.documents import Document, Passage

SIZE = 1000
"""Default length of a passage at most, in characters."""

SMALL = 200
"""A section shorter than this, in characters, is joined to the one after it."""


def split(document: Document, *, size: int = SIZE) -> list[Passage]:
    """Return the passages of `document`, in order, disjoint, at most `size` characters each.

    Cuts fall at headings and paragraphs where they can, then between rows, sentences, lines of
    code, clauses and words. Each passage is trimmed of white space and carries the heading and page
    at its start; all text other than white space lies in some passage. Where one begins within a
    table, the names of the columns stand at the end of its heading.
    """
    return [
        passage
        for section in _sections(document, size)
        for passage in _cut(document, section, size)
    ]


def context(passage: Passage) -> str:
    """Return the line "title > heading" that places a passage when it is indexed."""
    title, heading = passage.title.strip(), passage.heading.strip()
    if not heading or heading == title or heading.startswith(f"{title} > "):
        return heading or title
    return f"{title} > {heading}" if title else heading


def in_context(passage: Passage) -> str:
    """Return the text under which a passage is embedded and indexed; it is never quoted."""
    line = context(passage)
    return f"{line}\n{passage.text}" if line else passage.text


def _sections(document: Document, size: int) -> Iterator[tuple[int, int]]:
    """Yield the spans between headings, small ones joined to the next."""
    heads = [""] + [mark.heading for mark in document.marks]
    starts = [
        m.start for m, before in zip(document.marks, heads, strict=False) if m.heading != before
    ]
    begin = 0
    ends = [*starts, len(document.text)]
    for index, end in enumerate(ends):
        following = ends[index + 1] if index + 1 < len(ends) else None
        if following is not None and end - begin < SMALL and following - begin <= size:
            continue
        yield begin, end
        begin = end


def _cut(document: Document, section: tuple[int, int], size: int) -> Iterator[Passage]:
    begin, end = section
    text = document.text[begin:end]
    spans = pieces(text, size)
    tables = [block for block in blocks(text) if block.kind == "table"] if len(spans) > 1 else []
    for start, stop in spans:
        at = bisect_right(tables, start, key=lambda table: table.lines[1]) - 1
        inside = at >= 0 and start < tables[at].end
        columns = header(text, tables[at]) if inside else ""
        yield _passage(document, begin + start, begin + stop, columns)


def _passage(document: Document, start: int, end: int, columns: str) -> Passage:
    mark = document.mark_at(start)
    return Passage(
        document=document.id,
        source=document.source,
        title=document.title,
        text=document.text[start:end],
        start=start,
        end=end,
        heading=" > ".join(filter(None, (mark.heading, columns))),
        page=mark.page,
    )
