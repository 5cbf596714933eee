"""What the door to the network lets through, and how much of it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from retrieval.errors import UserError
from retrieval.web import addresses
from retrieval.web.urls import BadUrl, Url, parse

AGENT = "Vouch"
VERSION = "0.1"


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of the door; sizes in bytes, times in seconds.

    `contact` is a mail or web address that stands in the User-Agent. `private` lists hosts, or
    hosts with ports, that may lie in a private network: `wiki.lan` opens the usual ports there,
    `127.0.0.1:8888` that port. `offline` leaves those of them that are this machine itself.
    `ports` are the two of the web: what else listens on a public
    address is seldom a page and often a service that was not meant to be reached.

    One deadline of `seconds` covers all of a call: names, robots.txt, waiting and redirects.
    A body is read whole into memory, so `wire` and `decoded` are kept so low that a call stays
    within 64 MB. From `ratio_from` decoded bytes on a body may not be `ratio` times what came over
    the wire (text packs 3 to 20 times, a bomb 1,000 times).
    """

    contact: str = ""
    private: tuple[str, ...] = ()
    offline: bool = False
    ports: tuple[int, ...] = (80, 443)
    wire_bytes: int = 24_000_000
    decoded_bytes: int = 24_000_000
    ratio: int = 100
    ratio_from: int = 4_000_000
    header_bytes: int = 64_000
    header_count: int = 200
    hops: int = 8
    seconds: float = 20.0
    per_host_seconds: float = 1.0
    longest_gap: float = 10.0
    cache_seconds: float = 3_600.0

    def __post_init__(self) -> None:
        """Refuse what could never be sent or found, with a `UserError`."""
        if not (self.contact.isascii() and self.contact.isprintable()):
            what = f"the contact {self.contact!r} cannot stand in a request"
            raise UserError(what, cure="give a mail or web address in plain letters")
        list(self._listed())

    @property
    def agent(self) -> str:
        contact = f" (+{self.contact})" if self.contact else ""
        return f"{AGENT}/{VERSION}{contact}"

    def lists(self, url: Url) -> bool:
        """Say whether the owner lists this host, at this port, as one of a private network."""
        for host, port in self._listed():
            if url.host == host and (url.port == port or (not port and url.port in self.ports)):
                return True
        return False

    def shuts(self, url: Url) -> bool:
        """Say whether a host is not asked because Vouch works offline."""
        return self.offline and not (addresses.is_here(url.host) and self.lists(url))

    def inside(self) -> tuple[str, ...]:
        """Return the names of the listed hosts, each once."""
        return tuple(dict.fromkeys(host for host, _ in self._listed()))

    def _listed(self) -> Iterator[tuple[str, int]]:
        """Yield each listed host with its port, 0 for the usual ones."""
        for entry in self.private:
            try:
                yield _read(entry)
            except BadUrl as error:
                what = f"{entry!r} is no host of a private network: {error}"
                cure = "write each host by itself, as wiki.lan, wiki.lan:8080 or 10.0.0.5"
                raise UserError(what, cure=cure) from None


def _read(entry: str) -> tuple[str, int]:
    """Return the host and the port of an entry. Patterns and ranges are none: what is opened is
    what the owner knows by name. Raises `BadUrl`."""
    if "*" in entry:
        raise BadUrl("it is a pattern")
    if re.fullmatch(r"[0-9a-f.:]+/[0-9]+", entry, re.IGNORECASE):
        raise BadUrl("it is a range of addresses")
    if set(entry) & set("/?#\\ "):
        raise BadUrl("it holds more than a name and a port")
    bare = f"[{entry}]" if entry.count(":") > 1 and "[" not in entry else entry
    url = parse(f"http://{bare}/")
    told = bare.rpartition("]")[2].partition(":")[2]
    if told and not 0 < url.port < 65_536:
        raise BadUrl("there is no such port")
    return url.host, url.port if told else 0
