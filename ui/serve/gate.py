"""Who may ask, how often and how much: key, rate, host, origin and size."""

import hmac
import time
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response

from ui.serve.answers import fault

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

BODY = 1_000_000
"""Bytes of a request at most."""

_TOO_LARGE = f"the request has more than {BODY:,} bytes"

LOOPBACK = ("127.0.0.1", "localhost", "::1")
_OPEN = ("/health", "/docs", "/openapi.json", "/static-offline-docs")
_KEYS_KEPT = 10_000


class Rate:
    """At most `limit` questions of one asker in a minute of `clock` (seconds)."""

    def __init__(self, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._clock = clock
        self._asked: OrderedDict[str, deque[float]] = OrderedDict()

    def wait(self, asker: str) -> float:
        """Count a question; the seconds to wait if it is one too many, else 0."""
        now = self._clock()
        times = self._asked.setdefault(asker, deque())
        self._asked.move_to_end(asker)
        if len(self._asked) > _KEYS_KEPT:
            self._asked.popitem(last=False)
        while times and times[0] <= now - 60.0:
            times.popleft()
        if len(times) >= self._limit:
            return times[0] + 60.0 - now
        times.append(now)
        return 0.0


class Gate:
    """ASGI middleware: refuses what has no key, comes too often, is too large, or comes from a
    web page of another site (its Host or Origin names one: DNS rebinding, cross-site requests)."""

    def __init__(self, app: App, *, key: str, rate: Rate, hosts: tuple[str, ...]) -> None:
        self._app = app
        self._key = key.encode()
        self._rate = rate
        self._hosts = {host.lower() for host in (*LOOPBACK, *hosts)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refused = self._refuse(scope)
        if refused is not None:
            await refused(scope, receive, send)
            return
        await self._app(scope, _Measured(receive).receive, send)

    def _refuse(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if not self._at_home(headers):
            return fault(403, "this host or origin may not ask", "forbidden")
        if _length(headers) > BODY:
            return fault(413, _TOO_LARGE, "too_large")
        if scope["path"].startswith(_OPEN):
            return None
        if not self._admits(headers):
            cure = "send the header Authorization: Bearer KEY"
            return fault(401, f"the API key is missing or wrong; {cure}", "invalid_api_key")
        if scope["method"] == "POST" and (seconds := self._rate.wait(self._counted(scope))):
            said = f"too many questions in a minute; ask again in {seconds:.0f} s"
            after = {"Retry-After": str(int(seconds) + 1)}
            return fault(429, said, "rate_limit_exceeded", headers=after)
        return None

    def _at_home(self, headers: Headers) -> bool:
        origin = headers.get("origin", "")
        named = [headers.get("host", ""), *([origin.partition("://")[2]] if origin else [])]
        return "*" in self._hosts or all(_host(name) in self._hosts for name in named)

    def _admits(self, headers: Headers) -> bool:
        kind, _, given = headers.get("authorization", "").partition(" ")
        # Headers come as Latin-1 whatever was sent, so this gives back the bytes that were.
        right = hmac.compare_digest(given.strip().encode("latin-1"), self._key)
        return not self._key or (kind.lower() == "bearer" and right)

    def _counted(self, scope: Scope) -> str:
        """Name whose questions are counted: without a key to hold, a header says nothing."""
        return "key" if self._key else str((scope.get("client") or ("",))[0])


class _Measured:
    """Reads a body of unknown length no further than the limit."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._left = BODY

    async def receive(self) -> MutableMapping[str, Any]:
        message = await self._receive()
        body = message.get("body", b"")
        self._left -= len(body)
        if self._left < 0:
            raise HTTPException(413, _TOO_LARGE)
        return message


def asker(headers: Headers, address: str) -> str:
    """Name who asks, so that askers take turns: what they call themselves, else the address."""
    return headers.get("authorization", "") or address


def _host(name: str) -> str:
    """Return a Host header's name without its port."""
    name = name.strip().lower()
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name.rpartition(":")[0] if ":" in name else name


def _length(headers: Headers) -> int:
    length = headers.get("content-length", "0")
    return int(length) if length.isdigit() else 0
