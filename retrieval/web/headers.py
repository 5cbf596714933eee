"""Reads the few headers of an answer that matter here; nonsense in them counts as silence."""

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from retrieval.web.types import CouldNotFetch

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_MEDIA = re.compile(r"\s*([\w.+-]+/[\w.+-]+)\s*(?:;|$)", re.A)
_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([\w.:+-]{1,40})", re.A | re.I)
_LONGEST_WAIT = 86_400.0
_OURS = {
    "host", "connection", "content-length", "transfer-encoding", "accept-encoding", "te", "trailer",
    "upgrade", "expect", "proxy-authorization", "proxy-connection", "keep-alive",
}  # fmt: skip


def media(headers: Mapping[str, str]) -> tuple[str, str]:
    """Return the media type in lower case and the charset as told, empty where not told."""
    told = headers.get("content-type", "")
    kind, charset = _MEDIA.match(told), _CHARSET.search(told)
    return (kind[1].lower() if kind else ""), (charset[1] if charset else "")


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds to wait (RFC 9110, section 10.2.3), at most a day; `now` is UTC."""
    told = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", told):
        return min(float(told), _LONGEST_WAIT)
    try:
        seconds = parsedate_to_datetime(told).timestamp() - now
    except (ValueError, OverflowError, OSError):
        return None
    return min(max(seconds, 0.0), _LONGEST_WAIT)


def sendable(headers: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the headers that a caller may set; `CouldNotFetch` for one that it may not."""
    for name, value in headers.items():
        bad = any(ord(char) < 32 or ord(char) == 127 or ord(char) > 255 for char in value)
        if not _TOKEN.fullmatch(name) or name.lower() in _OURS or bad:
            raise CouldNotFetch(f"The header {name[:40]!r} cannot be sent.", "forbidden")
    return tuple(headers.items())


def location(headers: Mapping[str, str]) -> str:
    """Return where a redirect leads; many servers send UTF-8, as which it is tried first."""
    told = headers.get("location", "")
    try:
        return told.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return told
