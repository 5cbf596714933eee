"""The pages that a site lists of itself (https://www.sitemaps.org/protocol.html)."""

import html
import re
from collections import deque
from collections.abc import Iterable
from contextlib import suppress

from retrieval.web.decoding import Unpacker
from retrieval.web.fetch import Door
from retrieval.web.rules import Rules
from retrieval.web.types import Cancelled, CouldNotFetch
from retrieval.web.urls import BadUrl, Url, join

MOST_MAPS = 50
_LOC = re.compile(r"<loc\s*>\s*(?:<!\[CDATA\[)?\s*([^<]{1,8000})")
_GZIP = b"\x1f\x8b"


def listed(door: Door, start: Url, most: int, cancel: Cancelled | None = None) -> list[Url]:
    """Return at most `most` pages of the site of `start` which its maps list.

    The maps are those that robots.txt names, else /sitemap.xml; what cannot be read is passed over.
    Raises `CouldNotFetch` only if stopped.
    """
    maps = deque(_named(door, start, cancel))
    tried: set[str] = set()
    pages: dict[str, Url] = {}
    while maps and len(tried) < MOST_MAPS and len(pages) < most:
        here = maps.popleft()
        if str(here) in tried:
            continue
        tried.add(str(here))
        text = _fetched(door, here, cancel)
        found = [url for url in _urls(text, here) if url.authority == start.authority]
        if "<sitemapindex" in text[:2_000]:
            maps.extend(found)
        else:
            pages |= {str(url): url for url in found}
    return list(pages.values())[:most]


def _named(door: Door, start: Url, cancel: Cancelled | None) -> list[Url]:
    try:
        told = door.sitemaps(str(start), cancel)
    except CouldNotFetch as fault:
        if fault.reason == "cancelled":
            raise
        return []
    own = [url for url in _joined(start, told) if url.authority == start.authority]
    return own or [join(start, "/sitemap.xml")]


def _fetched(door: Door, here: Url, cancel: Cancelled | None) -> str:
    """Return the text of a map, unpacked if the file itself is packed; empty at any fault."""
    try:
        body = door.fetch(str(here), cancel, fresh=True).body
        if body.startswith(_GZIP):
            unpacker = Unpacker("gzip", Rules(), "A site map")
            body = b"".join(unpacker.feed(body))
    except CouldNotFetch as fault:
        if fault.reason == "cancelled":
            raise
        return ""
    return body.decode("utf-8-sig", "replace")


def _urls(text: str, here: Url) -> list[Url]:
    """Read the addresses of a map: in XML, or one in each line."""
    if text.lstrip()[:1] == "<":
        told = [
            html.unescape(found[1]).strip().removesuffix("]]>") for found in _LOC.finditer(text)
        ]
    else:
        told = [line for line in text.splitlines() if line.startswith(("http://", "https://"))]
    return _joined(here, told)


def _joined(base: Url, links: Iterable[str]) -> list[Url]:
    """Return the addresses that can be read."""
    found = []
    for link in links:
        with suppress(BadUrl):
            found.append(join(base, link))
    return found
