"""What the door to the network lets through, and how much of it."""

from collections.abc import Iterator
from dataclasses import dataclass

from retrieval.errors import UserError
from retrieval.web.urls import BadUrl, Url, parse

AGENT = "Vouch"
VERSION = "0.1"


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of the door; sizes in bytes, times in seconds.

    `contact` is a mail or web address that stands in the User-Agent. `private` lists hosts, or
    hosts with ports, that may lie in a private network: `wiki.lan` opens the usual ports there,
    `127.0.0.1:8888` that port. `ports` are the two of the web: what else listens on a public
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

    def inside(self) -> tuple[str, ...]:
        """Return the names of the listed hosts, each once."""
        return tuple(dict.fromkeys(host for host, _ in self._listed()))

    def _listed(self) -> Iterator[tuple[str, int]]:
        """Yield each listed host with its port, 0 for the usual ones."""
        for entry in self.private:
            bare = f"[{entry}]" if entry.count(":") > 1 and "[" not in entry else entry
            try:
                if set(bare) & set("/?#\\ "):
                    raise BadUrl("it is more than that")
                url = parse(f"http://{bare}/")
            except BadUrl as error:
                what = f"{entry!r} in the list of private hosts is no host: {error}"
                raise UserError(what, cure="write it as host or host:port") from None
            yield url.host, url.port if ":" in bare.rpartition("]")[2] else 0
