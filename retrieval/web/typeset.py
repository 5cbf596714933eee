"""Sets blocks as one text, and notes where its headings and links stand."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from retrieval.documents import Link, Mark
from retrieval.readers.markdown import marks
from retrieval.web.flow import Block, Piece
from retrieval.web.hrefs import Hrefs

_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Typeset:
    """Law: every mark begins inside the text, and `text[link.start:link.end]` are link's words."""

    text: str
    marks: tuple[Mark, ...]
    links: tuple[Link, ...]


def typeset(blocks: Iterable[Block], hrefs: Hrefs, title: str = "") -> Typeset:
    """Return the text of blocks, a blank line between them, with its marks and links in order.

    A heading before all others that only repeats `title` is told by marks, and not by the text.
    """
    parts: list[str] = []
    length = 0
    headings: list[tuple[int, int, str]] = []
    links: list[Link] = []
    for block in blocks:
        text, spans = _set(block)
        if not text:
            continue
        gap = ("\n" if block.close else "\n\n") if parts else ""
        start = length + len(gap) + len(block.prefix)
        if block.kind == "heading":
            silent = not headings and _repeats(text, title)
            headings.append((length if silent else start, block.level, _line(text)))
            if silent:
                continue
        parts += (gap, block.prefix, text)
        found = [(start + first, start + last, hrefs.resolved(href)) for first, last, href in spans]
        links += [Link(*link) for link in found if link[2]]
        length = start + len(text)
    # Of headings that begin at one place the innermost one carries the path of all.
    rising = {mark.start: mark for mark in marks(headings) if mark.start < length}
    return Typeset("".join(parts), tuple(rising.values()), tuple(links))


def _line(text: str) -> str:
    return " ".join(text.split())


def _repeats(text: str, title: str) -> bool:
    """Whether a page's title holds a heading word for word, the name of its site perhaps beside."""
    words = _bare(text)
    return bool(words) and f" {words} " in f" {_bare(title)} "


def _bare(text: str) -> str:
    return " ".join(_WORD.findall(text.casefold()))


def _set(block: Block) -> tuple[str, list[tuple[int, int, str]]]:
    """Return the words of a block and (start, end, href) of its links."""
    parts: list[str] = []
    length, spans, anchor = 0, list[tuple[int, int, str]](), 0
    ending = "\n"
    for piece in block.pieces:
        text = _spaced(piece, ending, block)
        if not text:
            continue
        if piece.hard and text == "\n" and block.kind != "code" and ending == " ":
            # No spaces at the ends of lines.
            parts[-1] = parts[-1][:-1]
            length -= 1
        if piece.anchor and piece.anchor == anchor:
            spans[-1] = (spans[-1][0], length + len(text), piece.href)
        elif piece.anchor:
            spans.append((length, length + len(text), piece.href))
        anchor = piece.anchor
        parts.append(text)
        length += len(text)
        ending = text[-1]
    return _trimmed("".join(parts), spans, block)


def _spaced(piece: Piece, ending: str, block: Block) -> str:
    """Return the text of a piece as it follows a text that ends with `ending`."""
    if piece.hard:
        return piece.text
    text = _SPACE.sub(" ", piece.text)
    return text[1:] if text.startswith(" ") and ending.isspace() else text


def _trimmed(
    text: str, spans: list[tuple[int, int, str]], block: Block
) -> tuple[str, list[tuple[int, int, str]]]:
    """Take white space from both ends of a block and of its links."""
    body = text.rstrip()
    if block.kind == "code":
        body = body.lstrip("\r\n")
        first = len(text.rstrip()) - len(body)
    else:
        body = body.lstrip()
        first = len(text.rstrip()) - len(body)
    kept = []
    for start, end, href in spans:
        start, end = max(start - first, 0), min(end - first, len(body))
        words = body[start:end]
        start += len(words) - len(words.lstrip())
        end -= len(words) - len(words.rstrip())
        if start < end:
            kept.append((start, end, href))
    return body, kept
