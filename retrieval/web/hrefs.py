"""Resolves what the links of a page point to into addresses that may be asked for."""

import re
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urljoin, urlsplit

if TYPE_CHECKING:
    from lxml.html import HtmlElement

LONGEST = 4_000
"""Characters of an address at most."""

_BREAKS = re.compile(r"[\t\r\n]")
_UNSAFE = re.compile(r"[\x00-\x20\x7f\"<>`\\^{|}]")


class Hrefs:
    """Resolves once, against the page's address and its first `<base>`."""

    def __init__(self, url: str, root: "HtmlElement | None" = None) -> None:
        self._page = urldefrag(url)[0]
        based = root.xpath("//base/@href") if root is not None else []
        self._base = (_joined(url, based[0]) if based else "") or url
        self._known: dict[str, str] = {}

    def resolved(self, href: str) -> str:
        """Return the absolute address of a link.

        It is "" for what leads to a place on this page itself, or is no address of the web
        (`mailto:`, `javascript:`).
        """
        if href not in self._known:
            self._known[href] = self._resolve(href.strip())
        return self._known[href]

    def _resolve(self, href: str) -> str:
        # An empty href means this page; and so does a bare fragment, whatever <base> says:
        # it is written for the page that it stands on.
        if not href or href.startswith("#"):
            return ""
        url = _joined(self._base, href)
        return "" if "#" in url and urldefrag(url)[0] == self._page else url


def _joined(base: str, href: str) -> str:
    """Resolve as browsers do, without line ends and white space around; "" if that fails."""
    if len(href) > LONGEST:
        return ""
    try:
        url = urljoin(base, _BREAKS.sub("", href.strip()))
        parts = urlsplit(url)
        # Whether a port is a number is told only when it is asked for.
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
            return ""
    except ValueError:
        return ""
    return _UNSAFE.sub(lambda found: f"%{ord(found[0]):02X}", url)
