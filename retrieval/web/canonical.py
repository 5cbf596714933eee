"""Tells which addresses name the same page, and which addresses may be opened at all.

`www.` is kept: with and without it are two hosts, which two owners may answer, and the law that a
canonical address never changes its host is worth more than one result too many. So are mobile hosts
and the slash at the end of a path, except that of the root.
"""

import re
from urllib.parse import SplitResult, urlsplit

LONGEST = 4_096
"""Characters of an address that is opened; longer ones are no link that anyone wrote."""

_PORTS = {"http": 80, "https": 443}
_SCHEME = re.compile(r"(https?)://", re.I)
_UNFIT = re.compile(
    r"[\s\x00-\x20\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\\\ud800-\udfff]"
)
"""White space, controls, marks of direction, backslashes: readers of addresses differ on them."""

_TRACKING = re.compile(
    r"(utm_\w+|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|igshid"
    r"|mc_cid|mc_eid|_hsenc|_hsmi|mkt_tok|oly_anon_id|oly_enc_id|vero_id|srsltid)",
    re.I,
)
"""Parameters that tell who sent the visitor and never which page is meant."""


def opens(url: str) -> bool:
    """Say whether an address may be opened: http or https, a host, no user, no odd characters."""
    if len(url) > LONGEST or _UNFIT.search(url) or not _SCHEME.match(url):
        return False
    parts = _split(url)
    return parts is not None and bool(parts.hostname) and "@" not in parts.netloc


def begins(url: str) -> bool:
    """Say whether the addresses of an API may begin with this one: no query, no fragment."""
    parts = _split(url)
    return opens(url) and parts is not None and not (parts.query or parts.fragment)


def canonical(url: str) -> str:
    """Return the address under which results are compared; the page is opened at its real one.

    Scheme and host are in lower case; the default port, an empty path, the fragment and parameters
    of tracking are gone; the other parameters keep their order. An address that does not open is
    returned as it is. Laws: canonical(canonical(u)) == canonical(u), and the host stays the same.
    """
    if not opens(url) or (parts := _split(url)) is None:
        return url
    scheme = parts.scheme.lower()
    host, colon, port = _host_and_port(parts.netloc.lower())
    if colon and port in ("", str(_PORTS[scheme])):
        colon = port = ""
    query = "&".join(pair for pair in parts.query.split("&") if pair and not _tracks(pair))
    return f"{scheme}://{host}{colon}{port}{parts.path or '/'}{'?' if query else ''}{query}"


def _split(url: str) -> SplitResult | None:
    """Return the parts of an address, None if it has no valid host or port."""
    try:
        parts = urlsplit(url)
        # Read for the error alone: a port that is no number makes it raise.
        _ = parts.port
    except ValueError:
        return None
    return parts


def _host_and_port(netloc: str) -> tuple[str, str, str]:
    """Split at the colon of the port; those of an IPv6 address in brackets are none."""
    bracket = netloc.rfind("]")
    at = netloc.find(":", bracket + 1)
    return (netloc, "", "") if at < 0 else (netloc[:at], ":", netloc[at + 1 :])


def _tracks(pair: str) -> bool:
    return _TRACKING.fullmatch(pair.partition("=")[0]) is not None
