"""What the door does with well-meaning and with broken servers."""

import gzip
import re
import socket
import threading
import zlib
from collections.abc import Mapping
from pathlib import Path

import pytest
from web_sites import (
    Intercepted,
    Loopback,
    answer,
    door_to,
    loopback,
    moved,
    no_robots,
    public_door,
)

from retrieval.web.fetch import Door
from retrieval.web.rules import Rules
from retrieval.web.types import CouldNotFetch

PAGE = b"<p>Vouch</p>" * 300
SHORT = gzip.compress(PAGE, mtime=0)[:-9]


def _fault(door: Door, url: str) -> CouldNotFetch:
    with pytest.raises(CouldNotFetch) as caught:
        door.fetch(url)
    return caught.value


def _pages(target: str, headers: Mapping[str, str]) -> bytes:
    raw = zlib.compressobj(wbits=-15)
    match target:
        case "/gzip":
            return answer(gzip.compress(PAGE), headers={"Content-Encoding": "gzip"})
        case "/two":
            two = gzip.compress(PAGE[:7]) + gzip.compress(PAGE[7:]) + b"\0\0"
            return answer(two, headers={"Content-Encoding": "x-gzip"})
        case "/zlib":
            return answer(zlib.compress(PAGE), headers={"Content-Encoding": "deflate"})
        case "/raw":
            packed = raw.compress(PAGE) + raw.flush()
            return answer(packed, headers={"Content-Encoding": "deflate"})
    return answer(PAGE, headers={"Content-Type": 'Text/HTML; Charset="ISO-8859-1"; x=y'})


@pytest.mark.parametrize("target", ["/", "/gzip", "/two", "/zlib", "/raw"])
def test_a_page_is_fetched_and_unpacked(target: str) -> None:
    with loopback(_pages) as server:
        page = door_to(server, contact="me@x.test").fetch(server.url(target + "#part"))
    assert page.body == PAGE and page.status == 200 and page.hops == 0
    assert (page.asked, page.url) == (server.url(target + "#part"), server.url(target))
    assert page.media == "text/html"
    sent = server.headers[-1]
    assert sent["user-agent"] == "Vouch/0.1 (+me@x.test)"
    assert sent["accept-encoding"] == "gzip, deflate" and sent["host"] == server.host
    assert "cookie" not in sent


def test_the_charset_is_told_as_it_came() -> None:
    sites = {
        'text/html; charset="ISO-8859-1"': ("text/html", "ISO-8859-1"),
        "TEXT/Plain;charset=klingon;": ("text/plain", "klingon"),
        "text/html; charset=": ("text/html", ""),
        "nonsense; charset=\x80": ("", ""),
    }
    for told, expected in sites.items():
        lied = answer(b"\xff\xfe", headers={"Content-Type": told})
        page = public_door(Intercepted(no_robots(lambda *_, lied=lied: lied))).fetch(
            "http://a.test"
        )
        assert (page.media, page.charset, page.body) == (*expected, b"\xff\xfe")


@pytest.mark.parametrize(("sent", "reason"), [
    (b"", "broken"),
    (b"SSH-2.0-OpenSSH_9.2\r\n", "broken"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort", "broken"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx", "broken"),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "broken"),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "broken"),
    (b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\nxx", "broken"),
    (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip\r\n\r\nxx", "broken"),
    (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nno gzip", "broken"),
    (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + SHORT, "broken"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", "too big"),
    (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 90_000 + b"\r\n\r\n", "too big"),
    (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 300 + b"\r\n", "too big"),
    (b"HTTP/1.1 103 Early\r\n\r\n" * 6_000, "too big"),
    (b"HTTP/1.1 304 Not Modified\r\n\r\n", "broken"),
    (b"HTTP/1.1 302 Found\r\n\r\n", "status"),
    (b"HTTP/1.1 302 Found\r\nLocation: http://[\r\n\r\n", "forbidden"),
    (b"HTTP/1.1 404 Not Found\r\nContent-Length: 99\r\n\r\n", "status"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 600\r\n\r\n" + b"x" * 600, "too big"),
])  # fmt: skip
def test_broken_answers_are_faults_of_one_sentence(sent: bytes, reason: str) -> None:
    network = Intercepted(no_robots(lambda *_: sent))
    fault = _fault(public_door(network, wire_bytes=500, seconds=5), "http://a.test/")
    assert fault.reason == reason, fault
    assert str(fault).count(".") >= 1 and str(fault).endswith(".") and "\n" not in str(fault)


def test_what_follows_the_told_length_is_not_read() -> None:
    sent = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcHTTP/1.1 200 OK"
    assert (
        public_door(Intercepted(no_robots(lambda *_: sent))).fetch("http://a.test").body == b"abc"
    )


def test_redirects_are_followed_and_told() -> None:
    def site(target: str, headers: Mapping[str, str]) -> bytes:
        return {"/a": moved("b"), "/b": moved("//other.test/ü?q=1", 307)}.get(target, answer(PAGE))

    network = Intercepted(no_robots(site))
    page = public_door(network).fetch("http://a.test/a")
    assert (page.url, page.hops) == ("http://other.test/%C3%BC?q=1", 2)
    assert [host for host, target in network.asked if target != "/robots.txt"] == [
        "a.test", "a.test", "other.test",
    ]  # fmt: skip


@pytest.mark.parametrize(("where", "reason"), [
    ("/", "redirects"), ("/a", "redirects"), ("http://10.0.0.1/", "forbidden"),
    ("http://inner.test/", "forbidden"), ("http://b.test:22/", "forbidden"),
    ("http://u:p@b.test/", "forbidden"), ("file:///etc/passwd", "forbidden"),
])  # fmt: skip
def test_redirects_that_are_not_followed(where: str, reason: str) -> None:
    network = Intercepted(no_robots(lambda *_: moved(where)))
    door = public_door(network, {"inner.test": ["93.184.216.34", "127.0.0.1"]})
    assert _fault(door, "http://a.test/").reason == reason
    assert {address for address, _ in network.calls} == {"93.184.216.34"}
    assert len(network.targets()) <= 2


def test_a_public_page_leads_to_no_listed_host() -> None:
    """Only who asks for the owner's own host gets there, not a page that redirects to it."""
    network = Intercepted(no_robots(lambda target, _: moved("http://wiki.lan/") if target == "/go"
                                    else answer(PAGE)))  # fmt: skip
    door = public_door(network, {"wiki.lan": ["10.0.0.5"]}, private=("wiki.lan",))
    assert _fault(door, "http://a.test/go").reason == "forbidden"
    assert door.fetch("http://wiki.lan/").body == PAGE
    assert ("10.0.0.5", 80) in network.calls


@pytest.mark.parametrize("pieces", ["nothing", "head", "body", "chunks"])
def test_servers_that_dribble_end_with_the_deadline(pieces: str) -> None:
    gone = threading.Event()

    def dribble(line: socket.socket, target: str) -> None:
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        line.sendall({"nothing": b"", "head": head[:20]}.get(pieces, head))
        while pieces != "nothing" and not gone.wait(0.02):
            line.sendall({"head": b"x", "body": b"1", "chunks": b"1\r\nx\r\n"}[pieces])
        gone.wait(5)

    with loopback(writer=dribble) as server:
        assert _fault(door_to(server, seconds=0.25), server.url()).reason == "timeout"
        gone.set()


@pytest.mark.parametrize("rules", [
    {"decoded_bytes": 3_599}, {"ratio": 10, "ratio_from": 3_000}, {"wire_bytes": 20},
])  # fmt: skip
def test_every_cap_of_a_packed_body_holds(rules: dict[str, int]) -> None:
    network = Intercepted(no_robots(_pages))
    assert _fault(public_door(network, **rules), "http://a.test/gzip").reason == "too big"
    enough = public_door(network, decoded_bytes=3_600, ratio=200, ratio_from=0, wire_bytes=3_600)
    assert enough.fetch("http://a.test/gzip").body == PAGE


@pytest.mark.parametrize("size", [65_535, 65_536, 65_537, 131_072, 300_000])
def test_what_one_piece_unpacks_to_comes_whole(size: int) -> None:
    packed = answer(gzip.compress(b"x" * size), headers={"Content-Encoding": "gzip"})
    page = public_door(Intercepted(no_robots(lambda *_: packed))).fetch("http://a.test/")
    assert page.body == b"x" * size


def test_an_endless_body_ends_with_the_cap() -> None:
    def endless(line: socket.socket, target: str) -> None:
        line.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            line.sendall(b"x" * 65_536)

    with loopback(writer=endless) as server:
        assert _fault(door_to(server, wire_bytes=300_000), server.url()).reason == "too big"


def test_a_wish_to_stop_is_heeded_while_a_server_is_silent() -> None:
    stop = threading.Event()

    def silent(line: socket.socket, target: str) -> None:
        stop.set()
        line.recv(1)

    with loopback(writer=silent) as server, pytest.raises(CouldNotFetch) as caught:
        door_to(server).fetch(server.url("/page"), stop)
    assert caught.value.reason == "cancelled"


def test_offline_neither_looks_up_nor_connects(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> list[str]:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "getaddrinfo", never)
    monkeypatch.setattr(socket, "socket", never)
    listed = ("127.0.0.1:9", "wiki.lan", "10.0.0.5")
    door = Door(Rules(offline=True, private=listed), resolver=never)
    for url in ("http://a.test/", "http://wiki.lan/", "http://10.0.0.5/", "http://127.0.0.1/"):
        assert _fault(door, url).reason == "offline"
    for method, url in (("GET", "http://127.0.0.1/"), ("POST", "http://wiki.lan/")):
        with pytest.raises(CouldNotFetch) as caught:
            door.send(method, url, trusted=True)
        assert caught.value.reason == "offline"


def test_offline_hosts_of_this_machine_are_reached_that_the_owner_lists() -> None:
    def site(target: str, headers: Mapping[str, str]) -> bytes:
        return moved("http://127.0.0.1:9/") if target == "/go" else answer(PAGE)

    with loopback(no_robots(site)) as server:
        door = door_to(server, offline=True)
        assert door.fetch(server.url()).body == PAGE
        assert door.send("POST", server.url(), trusted=True).body == PAGE
        assert _fault(door, server.url("/go")).reason == "offline"
        with pytest.raises(CouldNotFetch) as caught:
            door.send("POST", server.url())
    assert caught.value.reason == "offline" and server.asked.count("/") == 2


def test_offline_a_name_of_this_machine_that_leads_away_is_not_followed() -> None:
    network = Intercepted(no_robots(lambda *_: answer(PAGE)))
    for leads, body in ((["127.0.0.1"], PAGE), (["127.0.0.1", "10.0.0.5"], None)):
        door = public_door(network, {"localhost": leads}, private=("localhost",), offline=True)
        if body:
            assert door.fetch("http://localhost/").body == body
        else:
            assert _fault(door, "http://localhost/").reason == "offline"
    assert {address for address, _ in network.calls} == {"127.0.0.1"}


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://10.9.8.7:3128")
    network = Intercepted(no_robots(lambda *_: answer(PAGE, headers={"Set-Cookie": "a=b"})))
    door = public_door(network)
    door.fetch("http://a.test/")
    door.fetch("http://a.test/2")
    assert {address for address, _ in network.calls} == {"93.184.216.34"}
    assert not any("cookie" in headers for headers in network.headers)


def test_the_next_address_is_called_when_one_does_not_answer() -> None:
    def site(server: Loopback) -> Door:
        rules = Rules(private=(f"two.test:{server.port}",))
        return Door(rules, resolver=lambda *_: ["127.0.0.2", "127.0.0.1"])

    with loopback(_pages) as server:
        assert site(server).fetch(f"http://two.test:{server.port}/").body == PAGE
    closed = _fault(site(server), f"http://two.test:{server.port}/")
    assert closed.reason == "unreachable"


def test_only_the_door_uses_the_wire() -> None:
    """Addresses are checked in fetch.py, so nothing else may open a connection by wire.py."""
    root = Path(__file__).parents[3]
    users = {
        path.relative_to(root).as_posix()
        for floor in ("ui", "app", "agents", "plugins", "retrieval")
        for path in (root / floor).rglob("*.py")
        if re.search(
            r"import httpcore|retrieval\.web import .*\bwire\b|retrieval\.web\.wire",
            path.read_text("utf-8"),
        )
    }
    assert users == {"retrieval/web/fetch.py", "retrieval/web/wire.py"}
