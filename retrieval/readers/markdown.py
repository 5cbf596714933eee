"""Reads Markdown: the text stays as it is in the file, its headings become marks."""

import re
from collections.abc import Iterator

from retrieval.documents import Document, Mark
from retrieval.readers.text import decode

HEADING = 200
"""Characters of a heading that its marks repeat at most: each mark carries the whole path."""

_LINE = re.compile(r"[^\n]*\n?")
_ATX = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*\r?\n?$")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*\r?\n?$")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_MARKUP = re.compile(r"\[([^\]]*)\]\([^)]*\)|[*`]+")


def read(data: bytes, source: str, title: str, collection: str) -> Document:
    """Read Markdown; its title is its first heading, else `title`."""
    text = decode(data, source)
    headings = list(_headings(text))
    first = next((name for _, _, name in headings if name), title)
    return Document(source, first, text, "text/markdown", collection, marks(headings))


def marks(headings: list[tuple[int, int, str]]) -> tuple[Mark, ...]:
    """Turn (offset, level, name) triples, in order, into marks that carry the path of headings."""
    path: list[tuple[int, str]] = []
    made = []
    for start, level, name in headings:
        short = (level, name[:HEADING])
        path = [(above, title) for above, title in path if above < level] + [short]
        made.append(Mark(start, " > ".join(title for _, title in path)))
    return tuple(made)


def _headings(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield (offset, level, name) of each heading outside fenced code."""
    fence = ""
    before: tuple[int, str] | None = None
    for found in _LINE.finditer(text):
        line = found[0]
        mark = _FENCE.match(line)
        if mark and (not fence or line.strip().startswith(fence)):
            fence, before = "" if fence else mark[1], None
            continue
        if fence:
            continue
        heading = _heading(found.start(), line, before)
        if heading:
            yield heading
        paragraph = line.strip() and not heading and not line.startswith(("    ", "\t"))
        before = (found.start(), line) if paragraph else None


def _heading(start: int, line: str, before: tuple[int, str] | None) -> tuple[int, int, str] | None:
    """Read a heading out of a line, or out of the line before it if this one underlines it."""
    atx = _ATX.match(line)
    if atx:
        return start, len(atx[1]), _plain(atx[2])
    underline = _UNDERLINE.match(line)
    if underline and before and not before[1].lstrip().startswith((">", "-", "*", "+", "|")):
        return before[0], 1 if underline[1].startswith("=") else 2, _plain(before[1])
    return None


def _plain(name: str) -> str:
    return " ".join(_MARKUP.sub(lambda m: m[1] or "", name).split())
