"""What a site lets programs read: its robots.txt, kept for an hour (RFC 9309)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from retrieval.web.rules import AGENT
from retrieval.web.urls import Url

LONGEST = 500 * 1024
"""Bytes of the file that are read; RFC 9309 asks for no less."""

_KEPT_SECONDS, _FAULT_SECONDS, _MANY = 3_600.0, 300.0, 500


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules of one site. `closed` says why nothing may be read, empty if rules say what."""

    parsed: Any = field(default=None, repr=False)
    closed: str = ""

    def allow(self, url: Url) -> bool:
        if self.closed:
            return False
        return self.parsed is None or bool(self.parsed.can_fetch(str(url), AGENT))

    @property
    def gap(self) -> float:
        """Seconds that the site wants between two requests, 0 if it does not say."""
        delay = self.parsed.crawl_delay(AGENT) if self.parsed is not None else None
        return float(delay or 0)

    @property
    def sitemaps(self) -> list[str]:
        return list(self.parsed.sitemaps) if self.parsed is not None else []


def read(status: int, body: bytes) -> Robots:
    """Return the rules that an answer to the request for robots.txt means.

    Not found, or not for us to read, means no rules; a fault of the server, that it is to be left
    alone (RFC 9309, section 2.3.1).
    """
    if status == 429 or status >= 500:
        return Robots(closed=f"its robots.txt answers with status {status}")
    if not 200 <= status < 300:
        return Robots()
    from protego import Protego

    return Robots(Protego.parse(body.decode("utf-8", "replace")))


class RobotsByHost:
    """The rules of the sites seen lately. Threads may share one."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock, self._lock = clock, Lock()
        self._kept: dict[str, tuple[float, Robots]] = {}

    def of(self, url: Url, ask: Callable[[], Robots]) -> Robots:
        """Return the rules for an address, by `ask` if they are not known or too old."""
        with self._lock:
            until, known = self._kept.get(url.origin, (0.0, None))
        if known is not None and self._clock() < until:
            return known
        robots = ask()
        seconds = _FAULT_SECONDS if robots.closed else _KEPT_SECONDS
        with self._lock:
            self._kept.pop(url.origin, None)
            self._kept[url.origin] = (self._clock() + seconds, robots)
            while len(self._kept) > _MANY:
                del self._kept[next(iter(self._kept))]
        return robots
