"""Tests stay on this machine: the test process and, by PYTHONPATH, every Python it starts."""

import ipaddress
import os
import sys
from pathlib import Path
from typing import Any

BREACHES = "VOUCH_TEST_BREACHES"
"""Names the file that notes each attempt, so that code which hides the error is found out too."""


def _local(host: object) -> bool:
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host in (None, "", "localhost", "0.0.0.0", "::"):
        return True
    try:
        return ipaddress.ip_address(str(host).partition("%")[0]).is_loopback
    except ValueError:
        return False


def _host(event: str, arguments: tuple[Any, ...]) -> object:
    """Return the host that an audited socket call would reach, None if it stays here."""
    match event:
        case "socket.connect" | "socket.sendto" | "socket.sendmsg":
            address = arguments[1]
            return address[0] if isinstance(address, tuple) else None
        case "socket.getaddrinfo" | "socket.gethostbyname" | "socket.gethostbyaddr":
            return arguments[0]
        case _:
            return None


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if not event.startswith("socket.") or _local(host := _host(event, arguments)):
        return
    if log := os.environ.get(BREACHES):
        with Path(log).open("a", encoding="utf-8") as file:
            file.write(f"{event} {host!r} in {sys.argv[:1]}\n")
    raise PermissionError(f"a test may not reach {host!r}: only this machine itself")


sys.addaudithook(_watch)
