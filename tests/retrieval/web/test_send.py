"""Calls of APIs through the door, and connections that are safe."""

import json
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from web_sites import Intercepted, answer, loopback, moved, public_door, read_request

from retrieval.web import wire
from retrieval.web.fetch import Door
from retrieval.web.rules import Rules
from retrieval.web.types import CouldNotFetch

KEY = {"X-Subscription-Token": "secret", "Authorization": "Bearer secret"}


def test_an_api_is_called_with_all_that_is_given() -> None:
    limited = answer(b'{"a": 1}', 429, {"Retry-After": "7"})
    with loopback(lambda *_: limited) as server:
        door = Door(Rules(private=(server.host,)))
        came = door.send(
            "post", server.url("/q?x=1#y"), headers=KEY, params={"q": "a b&c"}, json={"k": "ü"},
            trusted=True,
        )  # fmt: skip
    assert (came.status, came.body) == (429, b'{"a": 1}')
    assert dict(came.headers)["retry-after"] == "7"
    assert server.asked == ["/q?x=1&q=a+b%26c"]
    assert server.headers[0]["x-subscription-token"] == "secret"
    assert server.headers[0]["content-type"] == "application/json"
    assert json.loads(server.bodies[0]) == {"k": "ü"}


@pytest.mark.parametrize(("trusted", "listed"), [(False, True), (True, False), (False, False)])
def test_private_apis_need_trust_and_a_place_in_the_list(trusted: bool, listed: bool) -> None:
    with loopback(lambda *_: answer()) as server:
        door = Door(Rules(private=(server.host,) if listed else ()))
        with pytest.raises(CouldNotFetch) as caught:
            door.send("GET", server.url(), trusted=trusted)
        assert caught.value.reason == "forbidden" and not server.asked


def test_a_trusted_api_leads_nowhere_else_in_the_private_network() -> None:
    with loopback(lambda *_: moved("http://10.0.0.1/")) as server:
        door = Door(Rules(private=(server.host,)))
        with pytest.raises(CouldNotFetch) as caught:
            door.send("GET", server.url(), trusted=True)
    assert caught.value.reason == "forbidden"


@pytest.mark.parametrize(("where", "kept"), [
    ("/next", True), ("http://api.test/next", True), ("http://other.test/", False),
    ("http://api.test.evil.test/", False), ("https://api.test/", False),
])  # fmt: skip
def test_headers_of_the_caller_stay_with_the_origin(where: str, kept: bool) -> None:
    def site(target: str, headers: Mapping[str, str]) -> bytes:
        return moved(where) if target == "/start" else answer(b"{}")

    network = Intercepted(site)
    with suppress(CouldNotFetch):
        public_door(network).send("GET", "http://api.test/start", headers=KEY)
    secrets = ["secret" in " ".join(headers.values()) for headers in network.headers]
    assert secrets == ([True] if where.startswith("https:") else [True, kept])
    assert network.calls[-1][1] == (443 if where.startswith("https:") else 80)


def test_a_post_is_not_sent_on() -> None:
    network = Intercepted(lambda *_: moved("http://other.test/"))
    came = public_door(network).send("POST", "http://api.test/", content=b"private")
    assert came.status == 302 and len(network.calls) == 1


@pytest.mark.parametrize("header", [
    {"Host": "x"}, {"transfer-encoding": "chunked"}, {"Content-Length": "5"}, {"X Y": "z"},
    {"X": "a\r\nY: z"}, {"X": "\u0100"}, {"X:": "y"},
])  # fmt: skip
def test_headers_that_change_the_request_are_refused(header: dict[str, str]) -> None:
    network = Intercepted(lambda *_: answer())
    with pytest.raises(CouldNotFetch) as caught:
        public_door(network).send("GET", "http://api.test/", headers=header)
    assert caught.value.reason == "forbidden" and not network.calls


def test_other_methods_are_refused() -> None:
    with pytest.raises(CouldNotFetch):
        public_door(Intercepted(lambda *_: answer())).send("CONNECT", "http://api.test/")


@contextmanager
def _safe_site(folder: Path, name: str) -> Iterator[tuple[int, list[str | None]]]:
    """Serve TLS on loopback with a certificate for `name` that signs itself."""
    key, cert, asked = folder / "key.pem", folder / "cert.pem", []
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "2", "-subj", "/CN=vouch", "-addext", f"subjectAltName=DNS:{name}",
         "-keyout", str(key), "-out", str(cert)], check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    context.sni_callback = lambda _, asked_for, __: asked.append(asked_for)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            with suppress(OSError), context.wrap_socket(line, server_side=True) as safe:
                if read_request(safe) is not None:
                    safe.sendall(answer(b"safe" * 50_000))

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1], asked
    finally:
        listener.close()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
def test_certificates_are_checked_for_the_name_not_the_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _safe_site(tmp_path, "real.test") as (port, asked):
        private = tuple(f"{host}:{port}" for host in ("real.test", "other.test", "127.0.0.1"))
        door = Door(Rules(private=private), resolver=lambda *_: ["127.0.0.1"])
        wire._trusted.cache_clear()
        with pytest.raises(CouldNotFetch, match="certificate"):
            door.send("GET", f"https://real.test:{port}/", trusted=True)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
        wire._trusted.cache_clear()
        came = door.send("GET", f"https://Real.test.:{port}/", trusted=True)
        assert came.body == b"safe" * 50_000 and asked[-1] == "real.test"
        for host in ("other.test", "127.0.0.1"):
            with pytest.raises(CouldNotFetch, match="certificate"):
                door.send("GET", f"https://{host}:{port}/", trusted=True)
    wire._trusted.cache_clear()
