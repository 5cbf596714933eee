"""Reads a kept e-mail: who wrote to whom and when, its text, and the names of what it carries."""

from collections.abc import Iterator
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage
from typing import cast

from retrieval.documents import Document
from retrieval.readers import html
from retrieval.readers.broken import BREAKAGE, sound
from retrieval.readers.outline import Outline
from retrieval.readers.text import decode

_HEADERS = ("Subject", "From", "To", "Cc", "Date")
_DEPTH = 5


def read(data: bytes, source: str, title: str, collection: str) -> Document:
    """Read an .eml; its title is its subject, else `title`.

    The plain text is read where there is one, else the HTML as any page. Letters forwarded as
    attachments are read under their subjects; other attachments are only named.
    """
    outline = Outline()
    with sound(source, "e-mail", MessageError):
        letter = message_from_bytes(data, policy=policy.default)
        _letter(letter, outline, source, depth=1)
        subject = _header(letter, "Subject")
        text, marks = outline.done()
    return Document(source, subject or title, text, "message/rfc822", collection, marks)


def _letter(letter: EmailMessage, outline: Outline, source: str, depth: int) -> None:
    outline.heading(depth, _header(letter, "Subject"), written=False)
    outline.pause()
    for name in _HEADERS:
        value = _header(letter, name)
        outline.line(f"{name}: {value}" if value else "")
    body = letter.get_body(preferencelist=("plain", "html"))
    if isinstance(body, EmailMessage):
        _text(body, outline, source)
    carried = []
    for part in _others(letter, body):
        if part.get_content_type() == "message/rfc822" and depth < _DEPTH:
            for inner in part.iter_parts():
                _letter(cast(EmailMessage, inner), outline, source, depth + 1)
        elif part.get_filename():
            carried.append(" ".join(str(part.get_filename()).split()))
        elif part.get_content_maintype() == "text":
            _text(part, outline, source)
    if carried:
        outline.heading(depth, _header(letter, "Subject"), written=False)
        outline.paragraph(f"Attachments: {', '.join(carried)}")


def _header(letter: EmailMessage, name: str) -> str:
    """Return a header as one line, "" for one that breaks what reads it."""
    try:
        return " ".join(str(letter.get(name, "")).split())
    except BREAKAGE:
        return ""


def _others(letter: EmailMessage, body: object) -> Iterator[EmailMessage]:
    """Yield the parts beside the text: attachments, forwarded letters, further texts."""
    if letter.is_multipart() and letter.get_content_type() != "multipart/alternative":
        for part in letter.iter_parts():
            inner = cast(EmailMessage, part)
            if inner is not body and inner.get_content_maintype() == "multipart":
                yield from _others(inner, body)
            elif inner is not body:
                yield inner


def _text(part: EmailMessage, outline: Outline, source: str) -> None:
    try:
        text = str(part.get_content())
    except LookupError:
        # A charset that nobody knows.
        text = decode(cast(bytes, part.get_payload(decode=True)), source)
    if part.get_content_type() == "text/html":
        outline.include(html.read(text.encode("utf-8", "replace"), source, "", ""))
    else:
        outline.paragraph(text.strip())
