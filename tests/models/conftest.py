"""The embedded model for tests, as shipped and at 16 bits, and small servers on loopback."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from agents.models.convert import to_f16
from agents.models.llama import LlamaModel
from app.prepare import shipped_file


@pytest.fixture(scope="session")
def shipped() -> Path:
    return shipped_file()


@pytest.fixture(scope="session")
def converted(shipped, tmp_path_factory) -> Path:
    target = tmp_path_factory.mktemp("weights") / "f16.gguf"
    to_f16(shipped, target)
    return target


@pytest.fixture(scope="module")
def llama(converted) -> Iterator[LlamaModel]:
    model = LlamaModel(converted, name="embedded", context=4096)
    yield model
    model.close()


class Script(BaseHTTPRequestHandler):
    """Lets a test's function answer; `self.body` is the request's JSON, if it has one."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        size = int(self.headers.get("content-length", 0))
        self.body = json.loads(self.rfile.read(size)) if size else {}
        self.server.seen.append(self)
        self.close_connection = True
        try:
            self.server.answer(self)
        except (BrokenPipeError, ConnectionResetError):
            return

    do_POST = do_HEAD = do_GET

    def say(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        headers.setdefault("content_length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def stream(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()

    def event(self, value) -> None:
        data = value if isinstance(value, str) else json.dumps(value)
        self.wfile.write(f"data: {data}\n\n".encode())
        self.wfile.flush()

    def log_message(self, *args) -> None:
        pass


@pytest.fixture
def serve() -> Iterator[Callable]:
    """Start a server that answers with the given function; its `url` and `seen` requests."""
    servers = []

    def start(answer: Callable[[Script], None]) -> ThreadingHTTPServer:
        server = ThreadingHTTPServer(("127.0.0.1", 0), Script)
        server.daemon_threads = True
        server.answer, server.seen = answer, []
        server.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()
