"""Cuts a document into passages that are exact spans of its text."""

import math
from collections.abc import Iterator

from retrieval.documents import Document, Passage

SIZE = 900
"""Default length of a passage at most, in characters."""

SMALL = 200
"""A section shorter than this, in characters, is joined to the one after it."""

_SHORT_FORMS = ("Dr", "Mr", "Ms", "St", "vs", "No", "Mrs", "Fig", "e\\.g", "i\\.e", "U\\.S")
_SENTENCE = (
    "".join(rf"(?<!{form}\.\s)" for form in _SHORT_FORMS)
    + r"(?:(?<=[.!?…]\s)|(?<=[.!?][\"'”’)\]]\s))(?!\s)"
    + r"|(?<=[。！？｡])(?![。！？」』”’）])"
    + r"|(?<=[。！？][」』”’）])"
    + r"|(?<=\n)(?=[ \t]*(?:[-*+•|]|\d{1,3}[.)]\s))"
)
_SEPARATORS = [r"\n[^\S\n]*\n\s*", _SENTENCE, r"\n", r"(?<=[;:，；：、])", r"\s+", ""]


def split(document: Document, *, size: int = SIZE) -> list[Passage]:
    """Return the passages of `document`, in order, disjoint, at most `size` characters each.

    Cuts fall at headings and paragraphs where they can, then between sentences, lines, clauses and
    words. Each passage is trimmed of white space and carries the heading and page at its start; all
    text other than white space lies in some passage.
    """
    spans = (cut for section in _sections(document, size) for cut in _cuts(document, section, size))
    return [_passage(document, start, end) for start, end in spans if start < end]


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


def _cuts(document: Document, section: tuple[int, int], size: int) -> Iterator[tuple[int, int]]:
    """Cut one section into trimmed spans of about equal length."""
    start, end = section
    text = document.text[start:end]
    for chunk in _chunks(text, _even(len(text.strip()), size)):
        # The splitter keeps every character, so offsets are sums of lengths and never searched for.
        assert document.text.startswith(chunk, start)
        left = len(chunk) - len(chunk.lstrip())
        yield start + left, start + max(left, len(chunk.rstrip()))
        start += len(chunk)
    assert start == end


def _even(length: int, size: int) -> int:
    """Return a limit under which pieces come out alike, rather than full ones and a scrap."""
    pieces = math.ceil(length / size)
    return min(size, math.ceil(length / pieces * 1.15)) if pieces > 1 else size


def _chunks(text: str, size: int) -> list[str]:
    if len(text) <= size:
        return [text] if text else []
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(
        _SEPARATORS,
        keep_separator="end",
        is_separator_regex=True,
        chunk_size=size,
        chunk_overlap=0,
        strip_whitespace=False,
    )
    return splitter.split_text(text)


def _passage(document: Document, start: int, end: int) -> Passage:
    mark = document.mark_at(start)
    return Passage(
        document=document.id,
        source=document.source,
        title=document.title,
        text=document.text[start:end],
        start=start,
        end=end,
        heading=mark.heading,
        page=mark.page,
    )
