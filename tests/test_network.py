"""The guard that keeps tests on this machine is itself at work, here and in child processes."""

import os
import socket
import subprocess
from pathlib import Path

import pytest

ASIDE = "VOUCH_TEST_BREACHES"


@pytest.fixture
def aside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Attempts made on purpose are noted here and not held against the test."""
    monkeypatch.setenv(ASIDE, str(tmp_path / "aside"))
    return tmp_path / "aside"


def test_a_name_is_not_looked_up(aside: Path) -> None:
    with pytest.raises(PermissionError):
        socket.create_connection(("example.org", 80), timeout=1)
    assert "example.org" in aside.read_text("utf-8")


def test_an_address_is_not_reached(aside: Path) -> None:
    with socket.socket() as sock, pytest.raises(PermissionError):
        sock.connect(("192.0.2.1", 80))
    with socket.socket(type=socket.SOCK_DGRAM) as sock, pytest.raises(PermissionError):
        sock.sendto(b"", ("192.0.2.1", 53))


def test_loopback_is_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=5).close()


def test_children_are_held_to_it(aside: Path, python: str) -> None:
    code = "import socket; socket.create_connection(('192.0.2.1', 80), timeout=1)"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, timeout=60)
    assert "PermissionError" in done.stderr
    assert "192.0.2.1" in aside.read_text("utf-8")


def test_home_is_the_test_s_own(vouch_home: Path) -> None:
    assert Path(os.environ["VOUCH_HOME"]) == vouch_home
    assert not list(vouch_home.iterdir())
