"""The one door to the network: every page and every API of the web is asked for through here.

A call is taken apart once, each host is looked up once and every address checked, and connections
go to addresses that were checked; each redirect is checked anew, under the same deadline. Cookies
are not kept, proxies of the environment not used.
"""

import hashlib
import json as jsons
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from retrieval.web import headers as heads
from retrieval.web import names, robots, wire
from retrieval.web.deadline import Deadline
from retrieval.web.decoding import ENCODINGS
from retrieval.web.pace import Pace
from retrieval.web.robots import Robots, RobotsByHost
from retrieval.web.rules import Rules
from retrieval.web.store import Kept, PageStore
from retrieval.web.types import Cancelled, CouldNotFetch, Fetched
from retrieval.web.urls import BadUrl, Url, join, parse

Params = Mapping[str, str] | Sequence[tuple[str, str]]
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_REDIRECTS = (301, 302, 303, 307, 308)
_PAGES = "text/html,application/xhtml+xml,application/pdf,text/plain;q=0.9,*/*;q=0.5"
_LONGEST_REST = 3_600.0


@dataclass(frozen=True, slots=True)
class _Call:
    """What holds for all hops of a call. `inside`: it began at a host that the owner lists."""

    deadline: Deadline
    inside: bool
    polite: bool = False
    found: dict[str, list[str]] = field(default_factory=dict)


class Door:
    """Fetches pages and calls APIs within `rules`. Threads may share one.

    `resolver` looks names up, `connect` opens connections to IP addresses; `clock` runs evenly,
    `now` is UTC, both in seconds.
    """

    def __init__(
        self,
        rules: Rules,
        *,
        store: PageStore | None = None,
        resolver: names.Resolver = wire.look_up,
        connect: wire.Connect = wire.connect,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.rules, self.store = rules, store
        self._resolver, self._connect = resolver, connect
        self._clock, self._now, self._sleep = clock, now, sleep
        self._pace, self._robots = Pace(clock), RobotsByHost(clock)

    def fetch(self, url: str, cancel: Cancelled | None = None, *, fresh: bool = False) -> Fetched:
        """Return a page: from the store if that is young, else from its site, and kept.

        With `fresh` the site is always asked, if only whether the page has changed. Where it cannot
        be, offline, a page of the store will do, however old. Raises `CouldNotFetch`, for a status
        of 400 and above too.
        """
        start = _parsed(url)
        kept = self._kept(start)
        young = kept and self._now() - kept.page.at <= self.rules.cache_seconds
        if kept and (self.rules.shuts(start) or (young and not fresh)):
            return replace(kept.page, asked=url)
        call = self._call(start, cancel, polite=True)
        request = self._request("GET", start, (("Accept", _PAGES),))
        answer, end, hops = self._follow(request, call, _is_read, kept)
        if answer.status == 304 and kept and self.store:
            with suppress(OSError, sqlite3.Error):
                self.store.touch(str(start), self._now())
            return replace(kept.page, asked=url, at=self._now())
        if not 200 <= answer.status < 300:
            raise self._refused(answer, end)
        page = self._fetched(url, answer, end, hops)
        return self._keep(page, str(start), answer.headers)

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Params | None = None,
        json: Any = None,
        content: bytes | None = None,
        cancel: Cancelled | None = None,
        trusted: bool = False,
    ) -> Fetched:
        """Call an API and return its answer, whatever its status; nothing is kept.

        Hosts of private networks are reached only if `trusted` (the settings name this API) and
        listed. Redirects are followed for GET and HEAD; to another origin no header of the caller
        goes along. Raises `CouldNotFetch` where there is no answer.
        """
        start = _parsed(_with_params(url, params))
        if method.upper() not in _METHODS:
            raise CouldNotFetch(f"The method {method[:20]!r} is not sent.", "forbidden")
        call = self._call(start, cancel, listed=trusted)
        sent = heads.sendable(headers or {})
        if json is not None:
            content = jsons.dumps(json).encode()
            sent = (*sent, ("Content-Type", "application/json"))
        request = self._request(method.upper(), start, sent)
        request = replace(request, content=content or b"")
        answer, end, hops = self._follow(request, call, lambda status: True)
        return self._fetched(url, answer, end, hops)

    def sitemaps(self, url: str, cancel: Cancelled | None = None) -> list[str]:
        """Return the addresses of site maps in the robots.txt of a page's site."""
        start = _parsed(url)
        return self._rules_of(start, self._call(start, cancel)).sitemaps

    def _call(
        self, start: Url, cancel: Cancelled | None, *, listed: bool = True, polite: bool = False
    ) -> _Call:
        inside = listed and self.rules.lists(start)
        self._heed_offline(start, inside)
        deadline = Deadline(start.authority, self.rules.seconds, self._clock, cancel)
        return _Call(deadline, inside, polite)

    def _heed_offline(self, url: Url, inside: bool) -> None:
        """Offline, refuse all but the hosts of this machine that the owner lists."""
        if self.rules.shuts(url) or (self.rules.offline and not inside):
            what = f"{url.authority} was not asked: Vouch works offline."
            raise CouldNotFetch(what, "offline")

    def _request(self, method: str, url: Url, sent: tuple[tuple[str, str], ...]) -> wire.Request:
        own = {"User-Agent": self.rules.agent, "Accept": "*/*", "Accept-Encoding": ENCODINGS}
        given = {name.lower() for name, _ in sent}
        rest = ((name, value) for name, value in own.items() if name.lower() not in given)
        return wire.Request(method, url, (*rest, *sent))

    def _follow(
        self,
        request: wire.Request,
        call: _Call,
        wanted: Callable[[int], bool],
        kept: Kept | None = None,
        cut: int | None = None,
    ) -> tuple[wire.Answer, Url, int]:
        """Send a request, go where the answers lead, and return the last with the hops so far."""
        seen: set[str] = set()
        follows = request.method in ("GET", "HEAD")
        for hops in range(self.rules.hops + 1):
            url = request.url
            seen.add(str(url))
            asked, own = _conditional(request, kept)
            answer = self._exchange(asked, call, wanted, cut)
            where = heads.location(answer.headers)
            if answer.status == 304 and call.polite and not own:
                raise CouldNotFetch(f"{url.authority} sent no page.", "broken")
            if not (follows and where and answer.status in _REDIRECTS):
                return answer, url, hops
            target = _target(url, where)
            if str(target) in seen:
                raise CouldNotFetch(f"{url.authority} leads in a circle.", "redirects")
            same = target.origin == url.origin
            stripped = self._request(request.method, target, (("Accept", "*/*"),))
            request = replace(request, url=target) if same or call.polite else stripped
        what = f"{url.authority} leads on more than {self.rules.hops} times."
        raise CouldNotFetch(what, "redirects")

    def _exchange(
        self, request: wire.Request, call: _Call, wanted: Callable[[int], bool], cut: int | None
    ) -> wire.Answer:
        """Send one request, if the rules, the addresses and the site allow it."""
        url = request.url
        listed = call.inside and self.rules.lists(url)
        self._heed_offline(url, listed)
        if url.port not in self.rules.ports and not listed:
            raise names.forbidden(url, "is at an unusual port")
        place = f"{url.host}:{url.port}"
        if place not in call.found:
            near = self.rules.offline
            found = names.checked(url, listed, self._resolver, call.deadline, near)
            call.found[place] = found
        if call.polite:
            self._be_polite(url, call, listed)
        return wire.exchange(
            request, call.found[place], self.rules, call.deadline, wanted, self._connect, cut
        )

    def _be_polite(self, url: Url, call: _Call, listed: bool) -> None:
        """Keep to robots.txt, and wait for the host's turn; hosts of the owner's need not wait."""
        allowed = self._rules_of(url, call)
        if not allowed.allow(url):
            why = allowed.closed or "its robots.txt says so"
            raise CouldNotFetch(
                f"{url.authority} does not let programs read this: {why}.", "robots"
            )
        wanted = max(self.rules.per_host_seconds, min(allowed.gap, self.rules.longest_gap))
        gap = 0.0 if listed else wanted
        taken, wait = self._pace.turn(url.host, gap, call.deadline.left())
        if not taken:
            what = f"{url.host} is to be left alone for another {wait:.0f} seconds."
            raise CouldNotFetch(what, "timeout", retry_after=wait)
        call.deadline.pause(wait, self._sleep)

    def _rules_of(self, url: Url, call: _Call) -> Robots:
        request = self._request("GET", replace(url, target="/robots.txt"), ())

        def ask() -> Robots:
            try:
                answer, *_ = self._follow(
                    request, replace(call, polite=False), _is_read, cut=robots.LONGEST
                )
            except CouldNotFetch as fault:
                if fault.reason not in ("redirects", "too big"):
                    raise
                return Robots()
            return robots.read(answer.status, answer.body)

        return self._robots.of(url, ask)

    def _refused(self, answer: wire.Answer, url: Url) -> CouldNotFetch:
        waits = heads.retry_after(answer.headers, self._now())
        if answer.status in (429, 503) and waits:
            self._pace.leave_alone(url.host, min(waits, _LONGEST_REST))
        what = f"{url.authority} answers with status {answer.status}."
        return CouldNotFetch(what, "status", status=answer.status, retry_after=waits)

    def _fetched(self, asked: str, answer: wire.Answer, url: Url, hops: int) -> Fetched:
        media, charset = heads.media(answer.headers)
        return Fetched(
            asked, str(url), answer.status, media, charset, answer.body,
            digest=hashlib.sha256(answer.body).hexdigest(),
            hops=hops, at=self._now(), headers=tuple(answer.headers.items()),
        )  # fmt: skip

    def _kept(self, url: Url) -> Kept | None:
        """Return what the store has; a store that cannot be read has nothing."""
        try:
            return self.store.get(str(url)) if self.store else None
        except (OSError, sqlite3.Error):
            return None

    def _keep(self, page: Fetched, key: str, headers: Mapping[str, str]) -> Fetched:
        if self.store is None:
            return page
        try:
            etag, modified = headers.get("etag", ""), headers.get("last-modified", "")
            self.store.put(replace(page, asked=key), etag, modified)
        except (OSError, sqlite3.Error) as error:
            what = f"The page was read but cannot be kept: {error}."
            raise CouldNotFetch(what, "broken") from None
        return page


def _parsed(url: str) -> Url:
    try:
        return parse(url)
    except BadUrl as error:
        raise CouldNotFetch(f"{url[:100]!r} cannot be opened: {error}.", "forbidden") from None


def _target(url: Url, where: str) -> Url:
    try:
        return join(url, where)
    except BadUrl as error:
        what = f"{url.authority} leads to an address that cannot be opened: {error}."
        raise CouldNotFetch(what, "forbidden") from None


def _is_read(status: int) -> bool:
    return 200 <= status < 300


def _conditional(request: wire.Request, kept: Kept | None) -> tuple[wire.Request, bool]:
    """Ask only for what has changed, of the very address that the kept page came from."""
    if kept is None or kept.page.url != str(request.url):
        return request, False
    tags = {"If-None-Match": kept.etag, "If-Modified-Since": kept.modified}
    extra = tuple((name, value) for name, value in tags.items() if value)
    return replace(request, headers=(*request.headers, *extra)), bool(extra)


def _with_params(url: str, params: Params | None) -> str:
    if not params:
        return url
    plain, mark, fragment = url.partition("#")
    return f"{plain}{'&' if '?' in plain else '?'}{urlencode(params)}{mark}{fragment}"
