"""Turns the bytes of a web page into a tree, within limits, and tells its title."""

import codecs
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from retrieval.errors import UserError
from retrieval.readers.html import ATTRIBUTES
from retrieval.readers.text import clean, decode

if TYPE_CHECKING:
    from lxml.html import HtmlElement

LARGEST = 20_000_000
"""Characters of markup at most: more is no page that anybody reads."""


_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_META = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w:-]{2,30})", re.IGNORECASE)
_CHARSETS = re.compile(
    r"utf-?8|(iso-?8859|windows|cp|koi8|gb|big5|euc|shift|s?jis|ks_c|x-sjis|x-gbk|x-euc|mac|tis"
    r"|iso-2022|latin|us-ascii|ascii)[\w:-]*",
    re.IGNORECASE,
)
_MEANT = {
    # What browsers take these names for: https://encoding.spec.whatwg.org/#names-and-labels
    **dict.fromkeys(("iso-8859-1", "iso8859-1", "latin1", "us-ascii", "ascii"), "cp1252"),
    **dict.fromkeys(("gb2312", "gbk", "x-gbk", "gb_2312-80"), "gb18030"),
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis", "windows-31j"), "cp932"),
    **dict.fromkeys(("ks_c_5601-1987", "euc-kr", "windows-949"), "cp949"),
    **dict.fromkeys(("iso-8859-9", "latin5"), "cp1254"),
    "big5": "big5hkscs",
    "tis-620": "cp874",
}
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_LONG_TAG = re.compile(r"<[^<>]{20000,}")
_BROKEN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ufffd]")
_DAMAGE, _GARBAGE = 0.01, 0.2


def decoded(data: bytes, charset: str, source: str) -> str:
    """Return the markup of a page.

    Tried in turn: a byte-order mark, UTF-8 where it fits, the charset of the answer's header, that
    of the page's `<meta>`, both of these once more with a few broken bytes, a guess, and UTF-8 with
    more broken ones. Raises `UserError` for what is no text.
    """
    marked = next((name for mark, name in _MARKS if data.startswith(mark)), "")
    if marked:
        return clean(data.decode(marked, "replace").removeprefix("\ufeff"))
    meta = _META.search(data[:4096])
    stated = [_known(charset), _known(meta[1].decode("ascii")) if meta else ""]
    # Bytes of these are ASCII, so they would pass for UTF-8; and so would UTF-16 with its zeros.
    shifting = [name for name in stated if name.lower().startswith("iso-2022")]
    utf8 = ["utf-8"] if b"\0" not in data[:4096] else []
    for name in (*shifting, *utf8, *stated):
        text = _strict(data, name) if name else None
        if text is not None:
            return clean(text)
    return clean(_damaged(data, stated) or _guessed(data, source))


def parsed(markup: str, source: str) -> "tuple[HtmlElement | None, bool]":
    """Return the root, None if there is none, and whether the parser had to stop half-way.

    Raises `UserError` for a page that is too long, or a tag with thousands of attributes: the
    parser's time grows with the square of their number.
    """
    from lxml import etree, html

    if len(markup) > LARGEST:
        raise UserError(
            f"{source!r} has more than {LARGEST:,} characters", cure="open another page"
        )
    if any(tag[0].count("=") > ATTRIBUTES for tag in _LONG_TAG.finditer(markup)):
        raise UserError(
            f"{source!r} holds a tag with more than {ATTRIBUTES} attributes",
            cure="it is no page to read; open another one",
        )
    parser = html.HTMLParser(
        encoding="utf-8",
        no_network=True,
        remove_comments=True,
        remove_pis=True,
        huge_tree=True,
    )
    text = _DECLARATION.sub("", markup) or " "
    root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    stopped = any(fault.type_name == "ERR_RESOURCE_LIMIT" for fault in parser.error_log)
    return root, stopped


def titled(root: "HtmlElement") -> str:
    """Return the text of `<title>`, else the title that the page offers for sharing, else ""."""
    named = " ".join("".join(root.xpath("//head/title[1]//text()")).split())
    shared = root.xpath("//meta[@property='og:title']/@content")
    return (named or " ".join(" ".join(shared[:1]).split()))[:200]


def _known(charset: str) -> str:
    name = charset.strip().strip("\"'").lower()
    return _MEANT.get(name, name) if _CHARSETS.fullmatch(name) else ""


def _strict(data: bytes, charset: str) -> str | None:
    try:
        return data.decode(charset)
    except (LookupError, UnicodeDecodeError):
        return None


def _damaged(data: bytes, stated: list[str]) -> str | None:
    """Decode by a charset that is stated, if nearly everything fits it."""
    for name in stated:
        try:
            text = data.decode(name, "replace") if name else ""
        except LookupError:
            continue
        if text and text.count("\ufffd") <= _DAMAGE * len(text) and "\0" not in text:
            return text
    return None


def _guessed(data: bytes, source: str) -> str:
    with suppress(UserError):
        return decode(data, source)
    text = data.decode("utf-8", "replace")
    if len(_BROKEN.findall(text)) > _GARBAGE * len(text):
        raise UserError(
            f"{source!r} is not text but binary data", cure="open a page, a PDF or a text instead"
        )
    return text
