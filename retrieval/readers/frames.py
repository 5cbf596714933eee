"""What parent and child say to each other on a pipe: a header in JSON and a body of bytes."""

import json
import struct
from typing import Any, BinaryIO

from retrieval.documents import Document, Mark

HEADER = 64 << 20
"""Bytes of a header at most."""

_LENGTHS = struct.Struct(">IQ")


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
    header = {"title": document.title, "media": document.media, "marks": marks}
    return header, document.text.encode("utf-8", "surrogatepass")


def unpacked(header: dict[str, Any], body: bytes, source: str, collection: str) -> Document:
    """Return the document that a frame carries; raises `Torn` if it breaks a document's laws.

    The frame may come from a process that a hostile file has taken over, so nothing of it is
    believed: kinds, and that marks rise and stand inside the text.
    """
    try:
        text = body.decode("utf-8", "surrogatepass")
        title, media, listed = header["title"], header["media"], header["marks"]
        marks = tuple(Mark(start, heading, page) for start, heading, page in listed)
    except (LookupError, TypeError, ValueError) as error:
        raise Torn("a document is garbled") from error
    before = -1
    for mark in marks:
        page = mark.page is None or (type(mark.page) is int and mark.page > 0)
        if not (page and type(mark.start) is int and isinstance(mark.heading, str)):
            raise Torn("a mark is garbled")
        if not before < mark.start < len(text):
            raise Torn("marks do not rise inside the text")
        before = mark.start
    if not (isinstance(title, str) and isinstance(media, str) and text.strip()):
        raise Torn("a document is garbled")
    return Document(source, title, text, media, collection, marks)
