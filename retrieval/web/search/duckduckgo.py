"""Asks DuckDuckGo through the package ddgs, which reads its page of results without JavaScript.

The package speaks HTTP with a client of its own (primp), so what the door promises is seen to here:
no proxy from the environment, no redirect, a time limit, a cap, one host. Of its engines only this
one is used, and itself: the package's front asks all others when it does not know a name.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import unquote

from retrieval.web.search.asking import rest
from retrieval.web.search.cleaning import Row, findings, shortened
from retrieval.web.types import Cancelled, CouldNotFetch, Finding, SearchFault

if TYPE_CHECKING:
    import primp
    from ddgs.engines.duckduckgo import Duckduckgo

NAME = "duckduckgo"
_CHARACTERS = 400
_BYTES = 2_000_000
_NOTHING = re.compile(r"no-results?\b|no\s+results", re.I)
_CHALLENGE = re.compile(r"anomaly[-_.]?modal|bots use DuckDuckGo|challenge-form", re.I)
_PASSED_ON = re.compile(r"(?:https?:)?//duckduckgo\.com/l/\?uddg=(.+?)(?:&rut=.*)?$")
"""A link that counts the click first; ddgs has decoded it once already."""


@dataclass(frozen=True, slots=True)
class DuckDuckGo:
    """DuckDuckGo; `url` takes the place of its address, `now` is UTC in seconds."""

    now: Callable[[], float] = field(repr=False)
    url: str = ""
    seconds: float = 10.0
    offline: bool = False

    @property
    def name(self) -> str:
        return NAME

    def search(self, query: str, k: int, cancel: Cancelled | None = None) -> Sequence[Finding]:
        """Return at most `k` results of the first page; raises `SearchFault`."""
        if self.offline:
            raise _fault("is not asked: Vouch is offline")
        _heed(cancel)
        wire = _Wire(self.now, self.seconds)
        engine = _engine(wire, self.url)
        rows = _read(engine, wire, shortened(query, _CHARACTERS))
        _heed(cancel)
        found = findings(NAME, rows, k)
        if not found and not _NOTHING.search(wire.page):
            raise _fault("answered with a page that is no list of results")
        return found


class _Wire:
    """What stands in for the package's HTTP client, and keeps the page it got."""

    def __init__(self, now: Callable[[], float], seconds: float) -> None:
        import primp

        self.page = ""
        self._now = now
        self._seconds = seconds
        self._client = primp.Client(
            timeout=seconds, impersonate="random", follow_redirects=False, cookie_store=False
        )
        # The client has taken a proxy from the environment, unless told so after it is built.
        self._client.proxy = None

    def request(self, method: str, url: str, **what: Any) -> "_Page":
        """Return the page; raises `SearchFault` for any status but 200."""
        import primp

        try:
            answer = self._client.request(method, url, stream=True, **what)
            body = _body(answer)
        except primp.TimeoutError:
            raise _fault(f"gave no answer in {self._seconds:g} seconds") from None
        except primp.PrimpError as error:
            raise _fault(f"was not reached ({type(error).__name__})") from None
        self.page = body.decode("utf-8", "replace")
        if answer.status_code != 200 or _CHALLENGE.search(self.page):
            _refuse(answer.status_code, answer.headers, self._now())
        return _Page(self.page)


@dataclass(frozen=True, slots=True)
class _Page:
    text: str
    status_code: int = 200


def _body(answer: "primp.Response") -> bytes:
    body = bytearray()
    for piece in answer.iter_bytes():
        body += piece
        if len(body) > _BYTES:
            raise _fault("answered with a page that is too big")
    return bytes(body)


def _engine(wire: _Wire, url: str) -> "Duckduckgo":
    from ddgs.engines.duckduckgo import Duckduckgo

    engine = Duckduckgo(timeout=1)
    engine.http_client = wire  # type: ignore[assignment]
    if url:
        engine.search_url = url
    return engine


def _read(engine: "Duckduckgo", wire: _Wire, query: str) -> list[Row]:
    from lxml.etree import LxmlError

    try:
        results = engine.search(query, region="wt-wt")
    except (LxmlError, ValueError, LookupError, TypeError):
        raise _fault("answered with a page that could not be read") from None
    return [(_target(one.href), one.title, one.body) for one in results or ()]


def _target(href: str) -> str:
    passed = _PASSED_ON.match(href)
    return (
        unquote(passed[1]) if passed and "%3A" in passed[1][:12] else passed[1] if passed else href
    )


def _refuse(status: int, headers: dict[str, str], now: float) -> NoReturn:
    wait = next(
        (rest(v, now) for name, v in headers.items() if name.lower() == "retry-after"), None
    )
    if status in (200, 202):
        raise _fault("asks to be shown that one is no robot", wait)
    if status in (403, 429):
        raise _fault(f"asks for fewer questions (status {status})", wait)
    raise _fault(f"failed (status {status})", wait)


def _fault(what: str, retry_after: float | None = None) -> SearchFault:
    return SearchFault(f"{NAME} {what}.", retry_after=retry_after)


def _heed(cancel: Cancelled | None) -> None:
    if cancel is not None and cancel.is_set():
        raise CouldNotFetch("the search was stopped", "cancelled")
