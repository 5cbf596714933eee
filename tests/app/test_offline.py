"""Offline: a sealed process reaches this machine and nothing else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROBE = """
import socket, sys
from app.offline import seal

listener = socket.create_server(("127.0.0.1", 0))
seal()
socket.create_connection(listener.getsockname()).close()
socket.getaddrinfo("localhost", 80)
socket.gethostbyname("localhost")
with socket.socket() as plain:
    # The events that connections and look-ups raise, without one being tried.
    for event, *told in (
        ("socket.connect", plain, ("192.0.2.1", 80)),
        ("socket.connect", plain, ("::ffff:192.0.2.1", 80, 0, 0)),
        ("socket.sendto", plain, ("192.0.2.1", 53)),
        ("socket.getaddrinfo", "example.org", 80, 0, 0, 0),
        ("socket.getaddrinfo", b"example.org", 80, 0, 0, 0),
        ("socket.gethostbyname", "example.org"),
        ("socket.gethostbyaddr", "192.0.2.1"),
        ("socket.getnameinfo", ("192.0.2.1", 80)),
    ):
        try:
            sys.audit(event, *told)
        except PermissionError as error:
            assert "offline" in str(error), error
        else:
            sys.exit(f"{event} passed")
print("sealed")
"""


def test_a_sealed_process_reaches_loopback_alone():
    # Without the tests' own guard, which would refuse the same. Nothing is sent: `sys.audit` only
    # tells of a connection.
    done = subprocess.run(
        [sys.executable, "-c", PROBE],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={"PATH": os.defpath},
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout.strip() == "sealed", done.stdout + done.stderr


@pytest.mark.parametrize("place", [["--offline", "ask", "x"], ["ask", "x", "--offline"]])
def test_the_flag_is_the_setting(place):
    from ui.arguments import parse

    read = parse(place)
    overrides = (*read.overrides, *getattr(read, "overrides_after", ()))
    assert ("web.offline", "true") in overrides
