"""Reads the address of a page once, so that what is checked is what is connected to.

The rules are those of browsers (https://url.spec.whatwg.org/) where they give a meaning, and a
refusal where programs are known to differ: user names, blanks, backslashes or escapes in a host.
"""

import re
from dataclasses import dataclass
from urllib.parse import quote, urljoin

from retrieval.web import addresses
from retrieval.web.addresses import Address

LONGEST = 8_000
"""Characters of an address; RFC 9110 asks of everyone to cope with as many."""

PORTS = {"http": 80, "https": 443}
_PARTS = re.compile(r"(https?)://([^/?#\\]*)([^?#]*)(?:\?([^#]*))?(?:#.*)?", re.I)
_AUTHORITY = re.compile(r"(\[[0-9a-f:.]+\]|[^:\[\]@]+)(?::([0-9]{0,5}))?", re.I)
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_KEPT_IN_PATHS = "/%:@!$&'()*+,;=-._~[]"
_KEPT_IN_QUERIES = _KEPT_IN_PATHS + "?{}|^`\\"


class BadUrl(ValueError):
    """A text that is no address of a page; says why in a few words."""


@dataclass(frozen=True, slots=True)
class Url:
    """An address taken apart. `host` is in lower case, an IP address in its usual form.

    `target` is the path with the query, in ASCII, as it is sent.
    """

    scheme: str
    host: str
    port: int
    target: str

    @property
    def address(self) -> Address | None:
        """The IP address, if the host is one."""
        return addresses.read(self.host)

    @property
    def authority(self) -> str:
        """The host, in brackets where that is needed, and the port where it is unusual."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.authority}"

    def __str__(self) -> str:
        return self.origin + self.target


def parse(text: str) -> Url:
    """Read an address; the part after `#` is dropped. Raises `BadUrl`."""
    text = text.strip("".join(map(chr, range(33))))
    if len(text) > LONGEST:
        raise BadUrl(f"it has more than {LONGEST:,} characters")
    if any(ord(char) < 32 or ord(char) == 127 for char in text):
        raise BadUrl("it holds control characters")
    if (parts := _PARTS.fullmatch(text)) is None:
        raise BadUrl("only http:// and https:// are read")
    scheme, authority, path, query = parts.groups()
    if "@" in authority:
        raise BadUrl("it holds a user name")
    if path.startswith("\\") or (found := _AUTHORITY.fullmatch(authority)) is None:
        raise BadUrl("its host cannot be read")
    port = int(found[2]) if found[2] else PORTS[scheme.lower()]
    target = _path(path) + ("" if query is None else "?" + _encoded(query, _KEPT_IN_QUERIES))
    return Url(scheme.lower(), read_host(found[1]), port, target)


def join(base: Url, link: str) -> Url:
    """Return the address that a link or a redirect on the page `base` means; raises `BadUrl`."""
    try:
        return parse(urljoin(str(base), link.strip()))
    except BadUrl:
        raise
    except ValueError:
        raise BadUrl("it cannot be read") from None


def read_host(text: str) -> str:
    """Return a host as it is compared and connected to; raises `BadUrl`."""
    if text.startswith("["):
        found = addresses.read(text[1:-1]) if ":" in text else None
        if found is None:
            raise BadUrl("its IPv6 address is malformed")
        return str(found)
    host = _ascii(text).removesuffix(".")
    labels = host.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        return _ipv4(labels)
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise BadUrl("its host is no name")
    return host


def _ascii(host: str) -> str:
    if host.isascii():
        return host.lower()
    import idna

    if len(host) > 253:
        raise BadUrl("its host is no name")
    try:
        return idna.encode(host, uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        raise BadUrl("its host is no name") from None


def _ipv4(labels: list[str]) -> str:
    """Read an IPv4 address as browsers do: 127.1, 0x7f.0.0.1, 0177.0.0.1 and 2130706433 too."""
    numbers = [_number(label) for label in labels]
    *first, last = numbers
    if len(numbers) > 4 or any(n > 255 for n in first) or last >= 256 ** (5 - len(numbers)):
        raise BadUrl("its IP address is malformed")
    whole = sum(n << 8 * (3 - place) for place, n in enumerate(first)) + last
    return ".".join(str(byte) for byte in whole.to_bytes(4, "big"))


def _number(label: str) -> int:
    if not _NUMBER.fullmatch(label) or len(label) > 16:
        raise BadUrl("its IP address is malformed")
    if label.startswith("0x"):
        return int(label[2:] or "0", 16)
    try:
        return int(label, 8 if len(label) > 1 and label[0] == "0" else 10)
    except ValueError:
        raise BadUrl("its IP address is malformed") from None


def _path(path: str) -> str:
    """Encode a path and take out `.` and `..`, so that no rule of a site is written around."""
    kept: list[str] = []
    segments = _encoded(path.replace("\\", "/"), _KEPT_IN_PATHS).split("/")[1:]
    for place, segment in enumerate(segments):
        dots = re.sub("%2e", ".", segment, flags=re.I)
        if dots == "..":
            kept = kept[:-1]
        elif dots != ".":
            kept.append(segment)
        if dots in (".", "..") and place == len(segments) - 1:
            kept.append("")
    return "/" + "/".join(kept)


def _encoded(text: str, kept: str) -> str:
    return quote(text, safe=kept, errors="replace")
