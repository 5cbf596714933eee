"""Reads a web page: its main text with links, headings, tables and code, or why it has none.

This is work for the process that reads files (`retrieval.parsing`): what comes from the web is
hostile until shown otherwise.
"""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from retrieval.documents import Document
from retrieval.errors import UserError
from retrieval.readers import delimited, html, markdown, pdf, records, text
from retrieval.web import flow, main_text, markup
from retrieval.web.hrefs import Hrefs
from retrieval.web.notices import NOTICES, Notice, notice
from retrieval.web.typeset import Typeset, typeset

if TYPE_CHECKING:
    from lxml.html import HtmlElement

__all__ = ["NOTICES", "Notice", "Page", "read_page"]

Reader = Callable[[bytes, str, str, str], Document]

_HTML = ("text/html", "application/xhtml+xml")
_READERS: dict[str, Reader] = {
    "application/pdf": pdf.read,
    "application/x-pdf": pdf.read,
    "text/markdown": markdown.read,
    "text/x-markdown": markdown.read,
    "application/json": records.read,
    "application/ld+json": records.read,
    "application/geo+json": records.read,
    "application/x-ndjson": records.read,
    "text/csv": delimited.read,
    "text/tab-separated-values": delimited.read,
}
_TEXTUAL = re.compile(r"text/|application/([\w.-]+\+)?(xml|yaml|x-yaml|toml|javascript|x-sh)\b")
_UNSTATED = ("", "application/octet-stream", "binary/octet-stream", "application/unknown")
_MARKUP = re.compile(rb"<(!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Page:
    """A web page as it was read.

    Where `notice` is not "", the page stands in the way of a text: it is recorded as not read, and
    its document has a title but no text, so that nothing of it can be quoted.
    """

    document: Document
    notice: Notice = ""


def read_page(data: bytes, url: str, media: str, charset: str) -> Page:
    """Read the body of an answer that came from `url`.

    `media` is the bare media type and `charset` the charset that its header states, "" if it does
    not. What the bytes begin with counts for more than a media type that says nothing. Raises
    `UserError` for what is no page to read: pictures, archives, and files that are broken.
    """
    reader = _reader(data, media.strip().lower(), url)
    named = _named(url)
    if not data.strip():
        return Page(Document(url, named, "", "text/plain"), "empty")
    if reader is None:
        return _page(data, url, charset)
    if reader is text.read:
        words = markup.decoded(data, charset, url)
        document = Document(url, named, words, "text/plain")
    else:
        document = reader(data, url, named, "default")
    if not document.text.strip():
        return Page(Document(url, document.title, "", document.media), "empty")
    return Page(document)


def _reader(data: bytes, media: str, url: str) -> Reader | None:
    """Return the reader of a media type, None for HTML."""
    if data[:1024].lstrip().startswith(b"%PDF-"):
        return pdf.read
    if media in _HTML or (media in _UNSTATED and _MARKUP.search(data[:2048])):
        return None
    if media in _READERS:
        return _READERS[media]
    if media.endswith("+json"):
        return records.read
    if media.endswith("xml") and b"<html" in data[:1024]:
        return None
    if _TEXTUAL.match(media) or media in _UNSTATED:
        return text.read
    raise UserError(
        f"{url!r} is no text but {media!r}", cure="open a page, a PDF or a text instead"
    )


def _page(data: bytes, url: str, charset: str) -> Page:
    words = markup.decoded(data, charset, url)
    root, stopped = markup.parsed(words, url)
    if root is None or stopped:
        # Nested deeper than the parser goes: that reader knows how to flatten it.
        document = html.read(data, url, _named(url), "default")
        return Page(document, "" if document.text.strip() else "empty")
    title = markup.titled(root)
    every = flow.blocks(root)
    main = _main(root, every, url)
    found = notice(root, words, url, title, main, every)
    if found:
        return Page(Document(url, title or _named(url), "", "text/html"), found)
    set_ = _set(main, Hrefs(url, root), title)
    first = next((mark.heading for mark in set_.marks), "")
    name = title or first.partition(" > ")[0] or _named(url)
    return Page(Document(url, name, set_.text, "text/html", marks=set_.marks, links=set_.links))


def _main(root: "HtmlElement", every: list[flow.Block], url: str) -> list[flow.Block]:
    """Return the blocks of the main text."""
    marked = main_text.marked(every)
    if main_text.listing(root, url):
        return marked
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    chosen = main_text.chosen(every, main_text.extracted(root, url))
    return chosen if main_text.enough(chosen, marked) else marked


def _set(main: list[flow.Block], hrefs: Hrefs, title: str) -> Typeset:
    """Set the main text; a page that holds nothing but its title as a heading has that."""
    whole = typeset(main, hrefs, title)
    return whole if whole.text else typeset(main, hrefs)


def _named(url: str) -> str:
    """Return a name for what has no title: the last part of its address, else the host."""
    parts = urlsplit(url)
    last = unquote(parts.path.rstrip("/").rpartition("/")[2])
    return " ".join(text.clean(last).split()) or parts.hostname or url
