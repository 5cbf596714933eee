"""Walks through a site page by page: its maps first, then links; again, and only news are sent.

The walk is breadth first, keeps to one host and to limits, and can be broken off at any page: the
`Trail` says how far it came. A caller that saves the trail each time it has dealt with a page gets
every page at least once, whenever it is killed.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from retrieval.web import sitemaps
from retrieval.web.deadline import SLICE
from retrieval.web.fetch import Door
from retrieval.web.trail import Trail
from retrieval.web.types import Cancelled, CouldNotFetch, Fetched
from retrieval.web.urls import BadUrl, Url, join, parse

Links = Callable[[Fetched], Sequence[str]]
"""Returns the links of a page, absolute or against its address; never raises."""

_GONE = (404, 410)
_NETWORK = ("offline", "unresolved", "unreachable", "timeout")
_NO_PAGES = (
    ".7z", ".avi", ".bz2", ".css", ".dmg", ".exe", ".gif", ".gz", ".ico", ".iso", ".jpeg", ".jpg",
    ".js", ".mp3", ".mp4", ".png", ".rar", ".svg", ".tar", ".tgz", ".webm", ".webp", ".woff2",
    ".xz", ".zip",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far a walk goes: pages asked for, links from the start, addresses held in mind.

    `patience` is the longest rest in seconds, asked for by the server, that is waited for; after
    `faults` pages in a row that the network kept back the walk is broken off.
    """

    pages: int = 500
    depth: int = 8
    addresses: int = 50_000
    patience: float = 60.0
    faults: int = 10


@dataclass(frozen=True, slots=True)
class Step:
    """One page of a walk, `depth` links from the start. `url` is its address in the end.

    `unchanged` says that the page is as it was in an earlier round. A fault with status 404 or 410
    means that the page is gone.
    """

    url: str
    depth: int
    page: Fetched | CouldNotFetch
    unchanged: bool = False


def crawl(
    door: Door,
    start: str,
    links: Links,
    bounds: Bounds | None = None,
    trail: Trail | None = None,
    cancel: Cancelled | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Step]:
    """Yield the pages of a site; goes on where `trail` ends, or begins a new round there.

    In a new round pages that are known but no longer linked are asked for at the end, so that the
    caller hears of those that are gone. The trail is that of the page in hand when it is yielded.
    A wish to stop ends the walk, and so does a network that is gone. Raises `CouldNotFetch` if
    `start` is no address.
    """
    try:
        first = parse(start)
    except BadUrl as error:
        raise CouldNotFetch(f"{start[:100]!r} cannot be read: {error}.", "forbidden") from None
    walk = _Walk(door, links, bounds or Bounds(), trail or Trail(start), cancel, sleep)
    try:
        if not walk.trail.queue:
            walk.begin(first)
        yield from walk.steps()
    except CouldNotFetch as fault:
        if fault.reason != "cancelled":
            raise


class _Walk:
    def __init__(
        self,
        door: Door,
        links: Links,
        bounds: Bounds,
        trail: Trail,
        cancel: Cancelled | None,
        sleep: Callable[[float], None],
    ) -> None:
        self.door, self.links, self.bounds, self.trail = door, links, bounds, trail
        self.cancel, self.sleep = cancel, sleep

    def begin(self, first: Url) -> None:
        """Begin a round with the start and the maps; if stopped meanwhile, it has not begun."""
        found = sitemaps.listed(self.door, first, self.bounds.addresses, self.cancel)
        self.trail.begin(first.authority)
        self.trail.add(str(first), 0)
        for url in found:
            self._add(url, 0)

    def steps(self) -> Iterator[Step]:
        trail, lost = self.trail, list[tuple[str, int]]()
        while trail.asked < self.bounds.pages:
            if not trail.queue:
                for url in trail.known:
                    trail.add(url, self.bounds.depth)
                if not trail.queue:
                    break
            url, depth = trail.queue[0]
            if url in trail.done:
                trail.queue.popleft()
                continue
            page = self._ask(url)
            trail.queue.popleft()
            trail.asked += 1
            gone = isinstance(page, CouldNotFetch) and page.reason in _NETWORK
            lost = [*lost, (url, depth)] if gone else []
            if (step := self._step(url, depth, page)) is not None:
                yield step
            if len(lost) >= self.bounds.faults:
                trail.put_back(lost)
                return
        trail.end()

    def _step(self, url: str, depth: int, page: Fetched | CouldNotFetch) -> Step | None:
        """Note what came of an address; None if it led to a page that was seen in this round."""
        trail = self.trail
        trail.done.add(url)
        if isinstance(page, Fetched) and page.url != url:
            if page.url in trail.done:
                return None
            page = self._elsewhere(url, page)
        if isinstance(page, CouldNotFetch):
            if page.status in _GONE:
                trail.known.pop(url, None)
            return Step(url, depth, page)
        trail.done.add(page.url)
        unchanged = trail.known.get(page.url) == page.digest
        trail.known[page.url] = page.digest
        if depth < self.bounds.depth:
            self._follow(page, depth + 1)
        return Step(page.url, depth, page, unchanged)

    def _elsewhere(self, url: str, page: Fetched) -> Fetched | CouldNotFetch:
        """Judge a redirect: where the start leads is the site too, where others lead is not."""
        host = parse(page.url).authority
        if len(self.trail.done) == 1:
            self.trail.hosts.add(host)
        if host in self.trail.hosts:
            return page
        return CouldNotFetch(f"{url} leads to another site, {host}.", "redirects")

    def _follow(self, page: Fetched, depth: int) -> None:
        base = parse(page.url)
        for link in self.links(page):
            try:
                self._add(join(base, link), depth)
            except BadUrl:
                continue

    def _add(self, url: Url, depth: int) -> None:
        path = url.target.partition("?")[0].lower()
        room = len(self.trail.seen) < self.bounds.addresses
        if room and url.authority in self.trail.hosts and not path.endswith(_NO_PAGES):
            self.trail.add(str(url), depth)

    def _ask(self, url: str) -> Fetched | CouldNotFetch:
        """Ask whether a page has changed; once more if the server asks for a short rest."""
        for last in (False, True):
            try:
                return self.door.fetch(url, self.cancel, fresh=True)
            except CouldNotFetch as fault:
                rest = fault.retry_after
                if fault.reason == "cancelled":
                    raise
                if last or rest is None or rest > self.bounds.patience:
                    return fault
            self._rest(url, rest)
        raise AssertionError("the second try returned")

    def _rest(self, url: str, seconds: float) -> None:
        """Wait out what a server asked for."""
        while seconds > 0:
            if self.cancel is not None and self.cancel.is_set():
                raise CouldNotFetch(f"{url} was not fetched: it was stopped.", "cancelled")
            self.sleep(min(SLICE, seconds))
            seconds -= SLICE
