"""Makes findings of what engines send: plain short text, and addresses that may be opened."""

import re
import unicodedata
from collections.abc import Iterable
from html import unescape

from retrieval.web.canonical import canonical, opens
from retrieval.web.types import Finding

TITLE, SNIPPET = 200, 600
"""Most characters of a title and of a snippet."""

_ROWS = 1_000
"""Rows of an answer that are looked at: no engine is asked for so many."""

_SCRIPT = re.compile(r"<(script|style)\b[^<>]*>[^<]*(</\1\s*>|$)", re.I)
_TAG = re.compile(r"</?[a-z][a-z0-9:-]*(\s[^<>]*)?/?>|<!--[^<>]*-->|<![a-z][^<>]*>", re.I)
_HALF = re.compile(r"<[a-z/!][^<>]*$", re.I)
"""A tag that the cut left without its end."""

_APART = re.compile(r"<(?=/?(?:br|p|div|li|t[rdh]|h[1-6])\b)", re.I)
"""The start of a tag that parts words."""

_JOINERS = "\u200c\u200d"
"""Unseen, but letters of some scripts and emoji are wrong without them."""

Row = tuple[object, object, object]
"""Address, title and snippet, of whatever type they came."""


def plain(text: object, longest: int) -> str:
    """Return text without tags, entities and control characters, cut to `longest` characters.

    What is no text is empty.
    """
    if not isinstance(text, str):
        return ""
    # Cut before the patterns run: an engine decides how long this is.
    bare = text[: 8 * longest]
    for _ in range(2):
        bare = unescape(_stripped(bare))
    bare = _stripped(bare)
    if len(text) > 8 * longest:
        bare = _HALF.sub("", bare)
    kept = "".join(c if _visible(c) else " " if c in "\t\n\r\x0b\x0c\x85" else "" for c in bare)
    return _cut(" ".join(kept.split()), longest)


def findings(engine: str, rows: Iterable[Row], k: int) -> tuple[Finding, ...]:
    """Return the first `k` rows that can be opened, each address once, best first as they came."""
    found: dict[str, Finding] = {}
    for (url, title, snippet), _ in zip(rows, range(_ROWS), strict=False):
        if len(found) >= k:
            break
        if not isinstance(url, str) or not opens(url := url.strip()):
            continue
        name = plain(title, TITLE) or _cut(url, TITLE)
        found.setdefault(canonical(url), Finding(url, name, plain(snippet, SNIPPET), (engine,)))
    return tuple(found.values())


def shortened(query: str, characters: int, words: int = 1_000) -> str:
    """Return a query that an engine takes: white space is single, and the end is cut at a word."""
    text = " ".join(plain_words(query)[:words])
    return (
        text
        if len(text) <= characters
        else text[:characters].rpartition(" ")[0] or text[:characters]
    )


def plain_words(query: str) -> list[str]:
    """Return the words of a query without a leading "!".

    That is a command to send the query on to another host ("bang"), which nobody has allowed.
    """
    words = "".join(c if _visible(c) else " " for c in query).split()
    return [bare for word in words if (bare := word.lstrip("!"))]


def _stripped(text: str) -> str:
    return _TAG.sub("", _APART.sub(" <", _SCRIPT.sub(" ", text)))


def _visible(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] != "C" or character in _JOINERS


def _cut(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    head = text[: longest - 1]
    return (head.rpartition(" ")[0] if " " in head[-40:] else head).rstrip() + "…"
