"""A small HTTP server on loopback that notes each request, and a door for tests that asks it."""

import http.client
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlencode, urlsplit

from retrieval.web.types import CouldNotFetch, Fetched

NOW = 1_767_225_600.0
"""1 January 2026, 00:00:00 UTC: the time of every answer."""


@dataclass(frozen=True)
class Seen:
    """A request as it came; `fields` are those of the query, a form or a JSON body."""

    method: str
    path: str
    fields: dict
    headers: dict


@dataclass(frozen=True)
class Reply:
    status: int = 200
    body: bytes = b""
    headers: dict = field(default_factory=dict)


def as_json(data: object, status: int = 200, **headers: str) -> Reply:
    return Reply(status, json.dumps(data).encode(), {"content-type": "application/json", **headers})


def as_page(text: str, status: int = 200, **headers: str) -> Reply:
    return Reply(status, text.encode(), {"content-type": "text/html; charset=utf-8", **headers})


class Loopback(ThreadingHTTPServer):
    """`reply` makes the answer to each request; `base` is the address."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.seen: list[Seen] = []
        self.reply: Callable[[Seen], Reply] = lambda seen: Reply(404)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def __enter__(self) -> "Loopback":
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class _Conversation(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        fields = dict(parse_qsl(parts.query, keep_blank_values=True))
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if body and "json" in self.headers.get("content-type", ""):
            fields = json.loads(body)
        elif body:
            fields |= dict(parse_qsl(body.decode(), keep_blank_values=True))
        headers = {name.lower(): value for name, value in self.headers.items()}
        seen = Seen(self.command, parts.path, fields, headers)
        self.server.seen.append(seen)
        try:
            self._say(self.server.reply(seen))
        except (BrokenPipeError, ConnectionResetError):
            return

    do_POST = do_GET

    def _say(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("content-length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, *_: object) -> None:
        return


class Door:
    """Sends a request to loopback and returns the answer of whatever status, unfollowed."""

    def __init__(self) -> None:
        self.trusted: list[bool] = []

    def send(
        self, method, url, *, headers=None, params=None, json=None, cancel=None, trusted=False
    ) -> Fetched:
        self.trusted.append(trusted)
        if cancel is not None and cancel.is_set():
            raise CouldNotFetch("the fetch was stopped", "cancelled")
        parts = urlsplit(url)
        path = parts.path + (f"?{urlencode(params)}" if params else "")
        body, told = None, dict(headers or {})
        if json is not None:
            body, told["Content-Type"] = _dumped(json), "application/json"
        line = http.client.HTTPConnection(parts.hostname, parts.port, timeout=10)
        line.request(method, path, body, told)
        answer = line.getresponse()
        media = (answer.getheader("content-type") or "").partition(";")[0].strip().lower()
        kept = tuple((name.lower(), value) for name, value in answer.getheaders())
        fetched = Fetched(url, url, answer.status, media, "", answer.read(), at=NOW, headers=kept)
        line.close()
        return fetched


_dumped = json.dumps


class Canned:
    """A door that always returns the same body, without any network."""

    def __init__(self, body: bytes, media: str = "application/json", status: int = 200) -> None:
        self.answer = Fetched("", "", status, media, "", body, at=NOW)

    def send(self, method, url, **_: object) -> Fetched:
        return self.answer


class Shut:
    """A door that fails in a way of the test's choice; its sentence quotes what was sent."""

    def __init__(self, reason: str = "timeout", retry_after: float | None = None) -> None:
        self.reason, self.retry_after = reason, retry_after

    def send(self, method, url, *, headers=None, **_: object) -> Fetched:
        what = f"no answer within 10 seconds, sent {dict(headers or {})}"
        raise CouldNotFetch(what, self.reason, retry_after=self.retry_after)


class Wish:
    """A wish to stop that stands from the beginning."""

    def is_set(self) -> bool:
        return True
