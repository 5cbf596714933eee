"""Reads HTML: the main text of a page by blocks, with its headings marked."""

import re
from typing import TYPE_CHECKING

from retrieval.documents import Document
from retrieval.errors import UserError
from retrieval.readers.layout import Layout
from retrieval.readers.markdown import marks
from retrieval.readers.text import decode

if TYPE_CHECKING:
    from lxml.etree import _Element

ATTRIBUTES = 5_000

DEPTH = 1_000
"""Elements nested deeper than this are taken for line breaks where the parser gives up."""


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_DROPPED = _names(
    "script style noscript template nav footer aside form svg math iframe object canvas button"
    " select textarea input dialog menu video audio map head"
)
_ROLES = frozenset(("navigation", "banner", "contentinfo", "complementary", "search", "dialog"))
_PARAGRAPHS = _names(
    "p div section article main header blockquote figure figcaption address details summary"
    " ul ol dl table pre hr fieldset center"
)
_LINES = frozenset(("li", "dt", "dd", "tr", "br", "caption", "option"))
_BLOCKS_IN_CELLS = ".//table|.//p|.//div|.//h1|.//h2|.//h3|.//ul|.//ol"
_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w-]{2,20})", re.IGNORECASE)
_LONG_TAG = re.compile(r"<[^<>]{20000,}")
_TAG = re.compile(r"<(/?)([a-zA-Z][\w:-]*)[^<>]*>")
_VOID = _names("br hr img input meta link area base col embed source track wbr param")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")


def read(data: bytes, source: str, title: str, collection: str) -> Document:
    """Read a page without its navigation, scripts and hidden parts.

    Its title is that of its `<title>`, else its first heading, else `title`. A paragraph ends with
    a blank line, a list item begins with "- " or its number, a row of a table with "| ".
    """
    markup = _DECLARATION.sub("", _decoded(data, source)).replace("\x00", "")
    _bounded(markup, source)
    root = _parsed(markup)
    if root is None:
        return Document(source, title, "", "text/html", collection)
    layout = Layout()
    _walk(_main(root), layout)
    text, headings = layout.done()
    named = " ".join("".join(root.xpath("//head/title[1]//text()")).split())
    first = next((name for _, _, name in headings if name), title)
    return Document(source, named or first, text, "text/html", collection, marks(headings))


def _parsed(markup: str) -> "_Element | None":
    root, cut = _tree(markup)
    return _tree(_flattened(markup))[0] if cut else root


def _tree(markup: str) -> "tuple[_Element | None, bool]":
    """Parse markup; tell also whether the parser stopped at elements nested too deep for it."""
    from lxml import etree

    # Without huge_tree the parser stops at 256 elements in each other, with it at 2,048.
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, huge_tree=True
    )
    root = etree.fromstring((markup or " ").encode("utf-8", "replace"), parser)
    return root, any(fault.type_name == "ERR_RESOURCE_LIMIT" for fault in parser.error_log)


def _flattened(markup: str) -> str:
    """Put line breaks for the tags of elements that are nested deeper than `DEPTH`."""
    depth = 0

    def shallow(tag: re.Match[str]) -> str:
        nonlocal depth
        name = tag[2].lower()
        # What is left out with all that it holds keeps its tags, or its text would come in.
        if name in _DROPPED or name in _VOID:
            return tag[0]
        depth = max(0, depth - 1) if tag[1] else depth + 1
        return tag[0] if depth + bool(tag[1]) <= DEPTH else "<br>"

    return _TAG.sub(shallow, markup)


def _bounded(markup: str, source: str) -> None:
    """Refuse tags with thousands of attributes: the parser's time grows with their square."""
    if any(tag[0].count("=") > ATTRIBUTES for tag in _LONG_TAG.finditer(markup)):
        raise UserError(
            f"{source!r} holds a tag with more than {ATTRIBUTES} attributes",
            cure="it is no page to read; leave it out",
        )


def _decoded(data: bytes, source: str) -> str:
    """Decode by UTF-8 where that fits, then by the charset that the page states, then by guess."""
    stated = _CHARSET.search(data[:4096])
    for charset in ("utf-8", stated[1].decode("ascii") if stated else ""):
        try:
            if not data.startswith((b"\xff\xfe", b"\xfe\xff")):
                return data.decode(charset).removeprefix("\ufeff")
        except (LookupError, UnicodeDecodeError):
            continue
    return decode(data, source)


def _main(root: "_Element") -> "_Element":
    """Return the element marked as the main one, if it holds a fair part of the text."""
    body = root.find("body")
    whole = body if body is not None else root
    marked = whole.xpath(".//main|.//article|.//*[@role='main']")
    best = max(marked, key=_length, default=None)
    return best if best is not None and 3 * _length(best) > _length(whole) else whole


def _length(element: "_Element") -> int:
    return sum(len(text.strip()) for text in element.xpath(".//p//text()|.//li//text()"))


def _walk(root: "_Element", layout: Layout) -> None:
    from lxml import etree

    # Markup may nest deeper than Python recurses, so the walk keeps no stack of its own.
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            if element is not root and _hidden(element, tag):
                walk.skip_subtree()
                continue
            _enter(element, tag, layout)
            layout.write(element.text or "")
        else:
            if element is root:
                continue
            if not _hidden(element, tag):
                _leave(element, tag, layout)
            layout.write(element.tail or "")


def _hidden(element: "_Element", tag: str) -> bool:
    """Whether an element is no part of what a reader of the page is meant to read."""
    if not tag or tag in _DROPPED or element.get("role") in _ROLES:
        return True
    if element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return True
    if tag == "header" and (
        element.find(".//nav") is not None or element.find(".//form") is not None
    ):
        return True
    return bool(_HIDING.search(element.get("style") or ""))


def _enter(element: "_Element", tag: str, layout: Layout) -> None:
    if re.fullmatch("h[1-6]", tag):
        layout.heading(int(tag[1]))
    elif tag == "pre":
        layout.paragraph()
        layout.verbatim = True
    elif tag in ("td", "th"):
        _cell(element, layout)
    elif tag == "li":
        layout.line(_bullet(element))
    elif tag == "tr":
        layout.line("| " if _data(element) else "")
    elif tag in _PARAGRAPHS and not (tag in ("ul", "ol") and _inside_item(element)):
        layout.paragraph()
    elif tag in _LINES:
        layout.line()


def _leave(element: "_Element", tag: str, layout: Layout) -> None:
    if re.fullmatch("h[1-6]", tag):
        layout.heading_ends()
    elif tag == "pre":
        layout.verbatim = False
        layout.paragraph()
    elif tag in _PARAGRAPHS and not (tag in ("ul", "ol") and _inside_item(element)):
        layout.paragraph()
    elif tag in _LINES and tag != "br":
        layout.line()


def _inside_item(element: "_Element") -> bool:
    parent = element.getparent()
    return parent is not None and parent.tag == "li"


def _bullet(item: "_Element") -> str:
    parent = item.getparent()
    if parent is None or parent.tag != "ol":
        return "- "
    return f"{1 + sum(1 for _ in item.itersiblings('li', preceding=True))}. "


def _cell(cell: "_Element", layout: Layout) -> None:
    if not _data(cell):
        layout.paragraph()
    elif cell.getprevious() is not None:
        layout.inline(" | ")


def _data(element: "_Element") -> bool:
    """Whether the table around a row or cell holds data, rather than laying out a page."""
    table = next(element.iterancestors("table"), None)
    return table is not None and not table.xpath(_BLOCKS_IN_CELLS)
