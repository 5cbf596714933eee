"""A plugin reaches the hosts and folders that were granted, and nothing else."""

import http.server
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from plugins.sandbox import Sandbox
from plugins.tools import ToolResult

pytestmark = pytest.mark.slow

Write = Callable[..., Path]
Open = Callable[..., Sandbox]

CODE = '''
    import asyncio, ctypes, glob, os, pathlib, shutil, socket, sqlite3, tempfile
    import urllib.request

    def read(path: str) -> str:
        """Read a file."""
        return pathlib.Path(path).read_text()

    def write(path: str) -> str:
        """Write a file."""
        pathlib.Path(path).write_text("mine")
        return "written"

    def remove(path: str) -> str:
        """Remove a file."""
        os.remove(path)
        return "removed"

    def move(path: str, to: str) -> str:
        """Move a file."""
        os.rename(path, to)
        return "moved"

    def link(path: str, to: str) -> str:
        """Read through a link."""
        os.symlink(path, to)
        return open(to).read()

    def names(path: str) -> list[str]:
        """List a folder."""
        return os.listdir(path)

    def database(path: str) -> str:
        """Open a database."""
        with sqlite3.connect(path) as base:
            base.execute("CREATE TABLE t (x)")
        return "made"

    def library(path: str) -> str:
        """Load a library."""
        return str(ctypes.CDLL(path))

    def scratch() -> str:
        """Use a temporary file and a relative one."""
        with tempfile.NamedTemporaryFile("w+") as file:
            file.write("x")
        pathlib.Path("here").write_text("there")
        return pathlib.Path("here").read_text()

    def kill(process: int) -> str:
        """Signal a process."""
        os.kill(process, 0)
        return "sent"

    def get(url: str) -> str:
        """Fetch a page."""
        return urllib.request.urlopen(url, timeout=5).read().decode()

    def connect(host: str, port: int) -> str:
        """Connect."""
        socket.create_connection((host, port), 5).close()
        return "connected"

    def datagram(host: str, port: int) -> str:
        """Send a datagram."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            one.sendto(b"x", (host, port))
        return "sent"

    def raw(host: str, port: int) -> str:
        """Connect asynchronously."""
        async def go() -> None:
            _, writer = await asyncio.open_connection(host, port)
            writer.close()
        asyncio.run(go())
        return "connected"

    def listen() -> str:
        """Listen."""
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
        return "bound"
'''.replace("-> list[str]", "-> list")


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secrets" / "key.txt"
    path.parent.mkdir()
    path.write_text("hunter2")
    return path


@pytest.fixture
def service() -> Iterator[tuple[str, int, list[str]]]:
    """An HTTP server on loopback, with the paths that it was asked for."""
    asked: list[str] = []

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"hello")

        def log_message(self, *given: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield "127.0.0.1", int(server.server_address[1]), asked
        server.shutdown()


def test_files_that_were_not_granted_are_out_of_reach(
    write: Write, sandbox: Open, secret: Path, tmp_path: Path
) -> None:
    plugin = sandbox(write("files", CODE))
    elsewhere = str(tmp_path / "made")
    for tool, values in (
        ("read", {"path": str(secret)}),
        ("read", {"path": f"../../../../../..{secret}"}),
        ("link", {"path": str(secret), "to": "link"}),
        ("names", {"path": str(secret.parent)}),
        ("write", {"path": elsewhere}),
        ("write", {"path": str(secret)}),
        ("remove", {"path": str(secret)}),
        ("move", {"path": str(secret), "to": "mine"}),
        ("database", {"path": elsewhere}),
        ("library", {"path": str(secret)}),
        ("kill", {"process": 1}),
    ):
        result = plugin.call(tool, values)
        assert result.failed, (tool, result)
        assert "it may not" in result.text
        assert "hunter2" not in result.text
    assert secret.read_text() == "hunter2"
    assert not Path(elsewhere).exists()


def test_it_has_a_place_of_its_own(write: Write, sandbox: Open) -> None:
    assert sandbox(write("files", CODE)).call("scratch", {}) == ToolResult("there")


def test_its_own_folder_can_be_read_and_not_written(write: Write, sandbox: Open) -> None:
    path = write("files", CODE)
    (path.parent / "data.txt").write_text("tides")
    plugin = sandbox(path)
    assert plugin.call("read", {"path": str(path.parent / "data.txt")}) == ToolResult("tides")
    assert plugin.call("write", {"path": str(path)}).failed


def test_a_granted_folder_can_be_read_and_written(
    write: Write, sandbox: Open, secret: Path
) -> None:
    plugin = sandbox(write("files", CODE), folders=[str(secret.parent)])
    assert plugin.call("read", {"path": str(secret)}) == ToolResult("hunter2")
    assert plugin.call("write", {"path": str(secret)}) == ToolResult("written")
    assert plugin.call("database", {"path": str(secret.parent / "base")}) == ToolResult("made")
    sibling = secret.parent.with_name("secrets2")
    assert plugin.call("write", {"path": str(sibling)}).failed


@pytest.mark.parametrize("tool", ["connect", "raw", "datagram"])
def test_without_a_grant_there_is_no_network(
    write: Write, sandbox: Open, service: tuple[str, int, list[str]], tool: str
) -> None:
    plugin = sandbox(write("net", CODE))
    host, port, asked = service
    result = plugin.call(tool, {"host": host, "port": port})
    assert result.failed
    assert "may not reach 127.0.0.1" in result.text
    assert plugin.call("get", {"url": f"http://localhost:{port}/x"}).failed
    assert plugin.call("listen", {}).failed
    assert asked == []


def test_a_granted_host_is_reached_and_no_other(
    write: Write, sandbox: Open, service: tuple[str, int, list[str]]
) -> None:
    host, port, asked = service
    plugin = sandbox(write("net", CODE), hosts=["LOCALHOST"])
    assert plugin.call("get", {"url": f"http://localhost:{port}/yes"}) == ToolResult("hello")
    assert asked == ["/yes"]
    other = plugin.call("connect", {"host": "127.0.0.2", "port": port})
    assert "may not reach 127.0.0.2" in other.text
    by_number = sandbox(write("net2", CODE), hosts=[host])
    assert by_number.call("connect", {"host": host, "port": port}) == ToolResult("connected")
    assert by_number.call("connect", {"host": "localhost", "port": port}).failed
