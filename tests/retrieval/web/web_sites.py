"""Sites for the tests of the door: on loopback, or behind a connection that is intercepted."""

import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from retrieval.web.fetch import Door
from retrieval.web.rules import Rules
from retrieval.web.store import PageStore

Site = Callable[[str, Mapping[str, str]], bytes]
"""Takes the target and the headers (names in lower case) and returns the bytes to send."""


def answer(body: bytes = b"", status: int = 200, headers: Mapping[str, str] | None = None) -> bytes:
    """Return a plain HTTP answer; its length is told unless `headers` tell another."""
    told = {"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(body))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in {**told, **(headers or {})}.items())
    return f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode() + body


def moved(where: str, status: int = 302) -> bytes:
    return answer(status=status, headers={"Location": where})


def no_robots(site: Site) -> Site:
    """A site that has no robots.txt, whatever else it does."""

    def all_of_it(target: str, headers: Mapping[str, str]) -> bytes:
        return answer(status=404) if target == "/robots.txt" else site(target, headers)

    return all_of_it


@dataclass
class Clock:
    """A clock that only waiting moves; `rests` are the waits."""

    time: float = 1_000.0
    rests: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.rests.append(seconds)
        self.time += seconds


@dataclass
class Intercepted:
    """Stands in for the network: notes who would be called and answers for the site itself."""

    site: Site
    calls: list[tuple[str, int]] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)

    def connect(self, address: str, port: int, seconds: float) -> socket.socket:
        self.calls.append((address, port))
        ours, theirs = socket.socketpair()
        threading.Thread(target=self._serve, args=(theirs,), daemon=True).start()
        return ours

    def _serve(self, line: socket.socket) -> None:
        with line, suppress(OSError):
            if (request := read_request(line)) is not None:
                target, headers, _ = request
                self.asked.append((headers.get("host", ""), target))
                self.headers.append(headers)
                line.sendall(self.site(target, headers))

    def targets(self) -> list[str]:
        return [target for _, target in self.asked if target != "/robots.txt"]


class Asked(NamedTuple):
    """A request as a site got it, names of headers in lower case."""

    target: str
    headers: dict[str, str]
    body: bytes


def read_request(line: socket.socket) -> Asked | None:
    """Read a request; None for what is no HTTP, as the start of TLS."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = line.recv(65_536)
        data += piece
        if not piece or not data[:1].isalpha():
            return None
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
    while len(body) < int(headers.get("content-length", 0)):
        body += line.recv(65_536)
    return Asked(first.split(" ")[1], headers, body)


@dataclass
class Loopback:
    """A server of this machine that lets `site` write to the line as it likes."""

    port: int
    asked: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, target: str = "/") -> str:
        return f"http://{self.host}{target}"


Writer = Callable[[socket.socket, str], None]


@contextmanager
def loopback(site: Site | None = None, writer: Writer | None = None) -> Iterator[Loopback]:
    """Serve on loopback: `site` returns whole answers, `writer` writes pieces to the line."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = Loopback(listener.getsockname()[1])

    def speak(line: socket.socket) -> None:
        with line, suppress(OSError):
            if (request := read_request(line)) is None:
                return
            target, headers, body = request
            server.asked.append(target)
            server.bodies.append(body)
            server.headers.append(headers)
            if target == "/robots.txt" and writer is not None:
                line.sendall(answer(status=404))
            elif writer is not None:
                writer(line, target)
            elif site is not None:
                line.sendall(site(target, headers))

    def serve() -> None:
        with suppress(OSError):
            while True:
                line, _ = listener.accept()
                threading.Thread(target=speak, args=(line,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield server
    finally:
        listener.close()


def door_to(server: Loopback, store: PageStore | None = None, **rules: object) -> Door:
    """A door whose owner lists the loopback server."""
    return Door(Rules(private=(server.host,), **rules), store=store)  # type: ignore[arg-type]


def public_door(
    network: Intercepted, names: Mapping[str, Sequence[str]] | None = None, **rules: object
) -> Door:
    """A door to an intercepted network; names that are not given have a public address."""
    clock = Clock()

    def resolve(host: str, port: int) -> Sequence[str]:
        return (names or {}).get(host, ["93.184.216.34"])

    return Door(
        Rules(**rules),  # type: ignore[arg-type]
        resolver=resolve,
        connect=network.connect,
        clock=clock,
        sleep=clock.sleep,
    )
