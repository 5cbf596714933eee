"""What parent and child say to each other on a pipe: a header in JSON and a body of bytes."""

import json
import re
import struct
from typing import Any, BinaryIO

from retrieval.documents import Document, Link, Mark

HEADER = 64 << 20
"""Bytes of a header at most."""

_LENGTHS = struct.Struct(">IQ")
_ADDRESS = re.compile(r"https?://[^\s\x00-\x20\x7f]{1,5000}")


class Torn(Exception):
    """The pipe ended inside a frame, or what came is no frame."""


def send(sink: BinaryIO, header: dict[str, Any], body: bytes = b"") -> None:
    """Write a frame; raises `OSError` if nobody reads it."""
    told = json.dumps(header).encode("ascii")
    sink.write(_LENGTHS.pack(len(told), len(body)) + told)
    sink.write(body)
    sink.flush()


def receive(source: BinaryIO, most: int) -> tuple[dict[str, Any], bytes] | None:
    """Read a frame with a body of `most` bytes at most; None at the end of the pipe."""
    lengths = source.read(_LENGTHS.size)
    if not lengths:
        return None
    if len(lengths) < _LENGTHS.size:
        raise Torn("a frame is cut short")
    header, body = _LENGTHS.unpack(lengths)
    if header > HEADER or body > most:
        raise Torn(f"a frame of {header:,} and {body:,} bytes is too long")
    told, data = source.read(header), source.read(body)
    if len(told) + len(data) < header + body:
        raise Torn("a frame is cut short")
    try:
        parsed = json.loads(told)
    except ValueError as error:
        raise Torn("a header is no JSON") from error
    if not isinstance(parsed, dict):
        raise Torn("a header is no object")
    return parsed, data


def packed(document: Document) -> tuple[dict[str, Any], bytes]:
    """Return header and body that carry a document, without source and collection."""
    marks = [[mark.start, mark.heading, mark.page] for mark in document.marks]
    links = [[link.start, link.end, link.url] for link in document.links]
    header = {"title": document.title, "media": document.media, "marks": marks, "links": links}
    return header, document.text.encode("utf-8", "surrogatepass")


def unpacked(
    header: dict[str, Any], body: bytes, source: str, collection: str, *, empty: bool = False
) -> Document:
    """Return the document that a frame carries; raises `Torn` if it breaks a document's laws.

    The frame may come from a process that a hostile file has taken over, so nothing of it is
    believed: kinds, that marks and links rise and stand inside the text, and that links lead into
    the web. A text may be `empty` only where that is said.
    """
    try:
        text = body.decode("utf-8", "surrogatepass")
        title, media, listed = header["title"], header["media"], header["marks"]
        marks = tuple(Mark(start, heading, page) for start, heading, page in listed)
        links = tuple(Link(start, end, url) for start, end, url in header.get("links", ()))
    except (LookupError, TypeError, ValueError) as error:
        raise Torn("a document is garbled") from error
    _lawful_marks(marks, len(text))
    _lawful_links(links, len(text))
    if not (isinstance(title, str) and isinstance(media, str) and (empty or text.strip())):
        raise Torn("a document is garbled")
    return Document(source, title, text, media, collection, marks, links)


def _lawful_marks(marks: tuple[Mark, ...], length: int) -> None:
    before = -1
    for mark in marks:
        page = mark.page is None or (type(mark.page) is int and mark.page > 0)
        if not (page and type(mark.start) is int and isinstance(mark.heading, str)):
            raise Torn("a mark is garbled")
        if not before < mark.start < length:
            raise Torn("marks do not rise inside the text")
        before = mark.start


def _lawful_links(links: tuple[Link, ...], length: int) -> None:
    before = 0
    for link in links:
        if not (type(link.start) is int and type(link.end) is int and isinstance(link.url, str)):
            raise Torn("a link is garbled")
        if not _ADDRESS.fullmatch(link.url):
            raise Torn("a link leads out of the web")
        if not before <= link.start < link.end <= length:
            raise Torn("links do not rise inside the text")
        before = link.end
