"""Decodes text of any usual charset, and refuses binary that poses as text."""

import codecs
import re
from typing import Final

from retrieval.documents import Document
from retrieval.errors import UserError

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_HAN = re.compile(r"[\u3400-\u9fff\u3000-\u303f\uff00-\uffef]")
_UNUSED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]|[\ud800-\udfff]")
_NO_TITLE = re.compile(
    r"\.\w{2,4}$|^untitled|^(powerpoint presentation|word document|presentation|document)\W*\d*$",
    re.IGNORECASE,
)


def decode(data: bytes, source: str) -> str:
    """Return the text of `data`, its line ends as they are.

    Tried in turn: a byte-order mark, UTF-16 without a mark (by its zero bytes), UTF-8, UTF-8 with a
    few broken bytes, GB 18030 (if nearly all that is not ASCII comes out Chinese), and Latin-1 in
    its Windows form (if most of it is ASCII). Raises `UserError` if none fits or what comes out
    holds control characters, as only binary data does.
    """
    text = _marked(data) or _wide(data) or _utf8(data) or _others(data)
    if text is None or len(_CONTROL.findall(text)) > len(text) // 500:
        raise UserError(
            f"{source!r} is not text but binary data",
            cure="add it under its proper ending (.pdf, .html), or save it as UTF-8 text",
        )
    return text


def looks_like_text(head: bytes) -> bool:
    """Whether the first bytes of a file are UTF-8 text, or carry the mark of UTF-16."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return True
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        text = decoder.decode(head)
    except UnicodeDecodeError:
        return False
    return bool(text.strip()) and not _CONTROL.search(text)


def clean(text: str) -> str:
    """Return text with "\\n" at the ends of lines and without characters that nobody can see."""
    return _UNUSED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def titled(name: str) -> str:
    """Return a title from a file's metadata, or "" for what an office program left there."""
    name = " ".join(clean(name).split())
    return "" if _NO_TITLE.search(name) else name


def read(data: bytes, source: str, title: str, collection: str) -> Document:
    """Read plain text; its title is the file's name."""
    return Document(source, title, decode(data, source), "text/plain", collection)


def _marked(data: bytes) -> str | None:
    for mark, charset in _MARKS:
        if data.startswith(mark):
            return _try(data, charset)
    return None


def _utf8(data: bytes) -> str | None:
    return _try(data, "utf-8")


def _wide(data: bytes) -> str | None:
    """UTF-16 without a mark betrays itself by zeros in every other byte of its ASCII characters."""
    even, odd = data[0:4096:2], data[1:4096:2]
    for half, other, charset in ((odd, even, "utf-16-le"), (even, odd, "utf-16-be")):
        if len(half) > 1 and half.count(0) > len(half) * 0.2 and other.count(0) == 0:
            return _try(data, charset)
    return None


def _others(data: bytes) -> str | None:
    return _damaged(data) or _chinese(data) or _western(data)


def _damaged(data: bytes) -> str | None:
    """UTF-8 in which broken bytes are rare beside whole characters outside ASCII."""
    text = data.decode("utf-8", "replace")
    foreign = sum(1 for c in text if c > "\x7f")
    return text if foreign > 20 * text.count("\ufffd") else None


def _chinese(data: bytes) -> str | None:
    text = _try(data, "gb18030")
    foreign = [c for c in text or "" if ord(c) > 127]
    han = sum(1 for c in foreign if _HAN.match(c))
    return text if foreign and han >= 0.9 * len(foreign) and len(foreign) >= 4 else None


def _western(data: bytes) -> str | None:
    """Any bytes are Latin-1, so text in it must show itself by being ASCII for the most part."""
    if sum(byte > 127 for byte in data[:65536]) > 0.4 * len(data[:65536]):
        return None
    return _try(data, "cp1252") or _try(data, "latin-1")


def _try(data: bytes, charset: str) -> str | None:
    try:
        return data.decode(charset)
    except UnicodeDecodeError:
        return None
