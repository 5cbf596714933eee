"""One HTTP request to addresses that were checked, through sockets that heed a deadline.

httpcore speaks the protocol; it gets no name to look up, no proxy, no cookies and no redirect to
follow. Only `retrieval.web.fetch` uses this file: there the addresses are checked.
"""

import socket
import ssl
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from retrieval.web.deadline import Deadline
from retrieval.web.decoding import Unpacker
from retrieval.web.rules import Rules
from retrieval.web.types import CouldNotFetch
from retrieval.web.urls import Url

Connect = Callable[[str, int, float], socket.socket]
"""Opens a TCP connection to an IP address and a port, within so many seconds."""

MOST_ADDRESSES = 4
_CALL_SECONDS = 5.0
_HEAD_PIECE = 1 << 14


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent: `headers` without Host and Content-Length, which follow from the rest."""

    method: str
    url: Url
    headers: tuple[tuple[str, str], ...]
    content: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came: header names in lower case; the body unpacked, empty if it was not wanted."""

    status: int
    headers: dict[str, str]
    body: bytes = field(repr=False)


def look_up(host: str, port: int) -> list[str]:
    """Return the IP addresses of a name, as the system knows them; raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def connect(address: str, port: int, seconds: float) -> socket.socket:
    """Open a TCP connection to an IP address; raises OSError."""
    opened = socket.create_connection((address, port), seconds)
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return opened


@cache
def _trusted() -> ssl.SSLContext:
    """The authorities that httpx trusts: SSL_CERT_FILE or SSL_CERT_DIR, else those of certifi."""
    import httpx

    return httpx.create_ssl_context()


def exchange(
    request: Request,
    addresses: Sequence[str],
    rules: Rules,
    deadline: Deadline,
    wanted: Callable[[int], bool],
    opening: Connect = connect,
    cut: int | None = None,
) -> Answer:
    """Send a request to the first of `addresses` that answers the call, and read the answer.

    The body is read only if `wanted` says so of the status; of one longer than `cut` bytes the
    beginning is returned. Raises `CouldNotFetch`.
    """
    import httpcore

    what = request.url.authority
    lines = _Lines(addresses, rules, deadline, opening, what)
    origin = httpcore.Origin(
        request.url.scheme.encode(), request.url.host.encode(), request.url.port
    )
    context = _trusted() if request.url.scheme == "https" else None
    call: Any = lines
    try:
        with httpcore.HTTPConnection(origin, context, network_backend=call) as connection:
            response = connection.handle_request(_core(request))
            lines.reading_head = False
            headers = _headers(response.headers, rules, what)
            body = b""
            if request.method != "HEAD" and wanted(response.status):
                body = _body(response.iter_stream(), headers, rules, what, cut)
            return Answer(response.status, headers, body)
    except httpcore.ProtocolError as error:
        raise _broken(what, error) from None
    except (OSError, httpcore.NetworkError) as error:
        raise CouldNotFetch(f"{what} broke off: {_why(error)}.", "broken") from None


def _core(request: Request) -> Any:
    import httpcore

    url = httpcore.URL(
        scheme=request.url.scheme,
        host=request.url.host,
        port=request.url.port,
        target=request.url.target,
    )
    headers = [("Host", request.url.authority), *request.headers, ("Connection", "close")]
    if request.content or request.method in ("POST", "PUT", "PATCH"):
        headers.append(("Content-Length", str(len(request.content))))
    sent = [(name.encode("ascii"), value.encode("latin-1")) for name, value in headers]
    return httpcore.Request(request.method, url, headers=sent, content=request.content)


def _headers(raw: Iterable[tuple[bytes, bytes]], rules: Rules, what: str) -> dict[str, str]:
    """Return the headers; of one that comes twice the first counts, but encodings add up."""
    pairs = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in raw]
    if len(pairs) > rules.header_count:
        raise CouldNotFetch(f"{what} sent more than {rules.header_count} headers.", "too big")
    headers: dict[str, str] = {}
    for name, value in pairs:
        if name == "content-encoding" and name in headers:
            headers[name] += f", {value}"
        headers.setdefault(name, value)
    return headers


def _body(
    pieces: Iterator[bytes], headers: dict[str, str], rules: Rules, what: str, cut: int | None
) -> bytes:
    unpacker = Unpacker(headers.get("content-encoding", ""), rules, f"The answer of {what}")
    told = headers.get("content-length", "")
    if cut is None and told.isdigit() and len(told) < 20 and int(told) > rules.wire_bytes:
        raise CouldNotFetch(f"The answer of {what} is too large to be read.", "too big")
    body = bytearray()
    for piece in pieces:
        for plain in unpacker.feed(piece):
            body += plain
            if cut is not None and len(body) >= cut:
                return bytes(body[:cut])
    unpacker.end()
    return bytes(body)


class _Lines:
    """The network as httpcore wants it: only to addresses that were given, whatever the name."""

    def __init__(
        self,
        addresses: Sequence[str],
        rules: Rules,
        deadline: Deadline,
        opening: Connect,
        what: str,
    ) -> None:
        self._addresses, self._rules, self._deadline = addresses, rules, deadline
        self._opening, self._what = opening, what
        self.reading_head, self._came = True, 0

    def connect_tcp(self, host: str, port: int, **_: Any) -> "_Line":
        """Connect to the first address that takes the call; `host` is not looked at."""
        tried = self._addresses[:MOST_ADDRESSES]
        for place, address in enumerate(tried):
            seconds = min(_CALL_SECONDS, self._deadline.left() / (len(tried) - place))
            try:
                return _Line(
                    self._opening(address, port, seconds), self._deadline, self, self._what
                )
            except OSError as error:
                self._deadline.left()
                fault = _why(error)
        what = f"{self._what} cannot be reached: {fault}."
        raise CouldNotFetch(what, "unreachable")

    def count(self, data: bytes) -> bytes:
        """Note what came over the wire, packing of the protocol included."""
        self._came += len(data)
        if self.reading_head and self._came > self._rules.header_bytes + _HEAD_PIECE:
            raise CouldNotFetch(f"{self._what} sent headers without end.", "too big")
        if self._came > self._rules.wire_bytes + self._rules.header_bytes + _HEAD_PIECE:
            raise CouldNotFetch(f"The answer of {self._what} is too large to be read.", "too big")
        return data


class _Line:
    """An open connection; waits in slices, so that it ends in time and when told to stop."""

    def __init__(self, opened: socket.socket, deadline: Deadline, lines: _Lines, what: str) -> None:
        self._socket, self._deadline, self._lines, self._what = opened, deadline, lines, what

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        del timeout
        size = min(max_bytes, _HEAD_PIECE) if self._lines.reading_head else max_bytes
        while True:
            self._socket.settimeout(self._deadline.slice())
            with suppress(TimeoutError):
                return self._lines.count(self._socket.recv(size))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send; a fault is left to the reading, since a server may answer before it heard all."""
        import httpcore

        del timeout
        try:
            while buffer:
                self._socket.settimeout(self._deadline.slice())
                with suppress(TimeoutError):
                    buffer = buffer[self._socket.send(buffer) :]
        except OSError as error:
            raise httpcore.WriteError(_why(error)) from None

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, **_: Any
    ) -> "_Line":
        """Check the certificate for the real name, though the connection went to an address."""
        try:
            safe = ssl_context.wrap_socket(
                self._socket, server_hostname=server_hostname, do_handshake_on_connect=False
            )
            _shake_hands(safe, self._deadline)
        except OSError as error:
            self._deadline.left()
            what = f"{self._what} cannot be reached safely: {_why(error)}."
            raise CouldNotFetch(what, "unreachable") from None
        return _Line(safe, self._deadline, self._lines, self._what)

    def close(self) -> None:
        self._socket.close()

    def get_extra_info(self, info: str) -> Any:
        return self._socket if info == "socket" else None


def _shake_hands(safe: ssl.SSLSocket, deadline: Deadline) -> None:
    while True:
        safe.settimeout(deadline.slice())
        with suppress(TimeoutError):
            return safe.do_handshake()


def _broken(what: str, error: Exception) -> CouldNotFetch:
    if "too much data" in str(error).lower() or "too long" in str(error).lower():
        return CouldNotFetch(f"{what} sent headers without end.", "too big")
    return CouldNotFetch(f"{what} does not keep to HTTP: {_why(error)}.", "broken")


def _why(error: BaseException) -> str:
    """Return the system's reason in a few words, without what a server may have put there."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate does not hold ({error.verify_message.rstrip('.')})"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.rstrip(".")[:120]
    return type(error).__name__
