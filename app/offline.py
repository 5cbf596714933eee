"""Shuts a process off from every network but this machine, for `web.offline`."""

import sys
from typing import Any

from retrieval.web.addresses import is_here

_SENDS = ("socket.connect", "socket.sendto", "socket.sendmsg")
_ASKS = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo")
"""Look-ups of names and addresses: they ask servers, too."""


def seal() -> None:
    """Refuse every connection and look-up outside loopback from now on; it cannot be undone.

    This holds for all that goes through Python's sockets. Native code does not: the search engine
    that brings its own client is not built while the web is off, and a model server or database
    elsewhere is for the owner to leave out.
    """
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in _SENDS + _ASKS:
        return
    address = arguments[0] if event in _ASKS else arguments[1]
    host = address[0] if isinstance(address, tuple) else address
    if event in _SENDS and not isinstance(address, tuple):
        return  # a socket of this machine's own files
    if not _near(host):
        raise PermissionError(f"offline: {host} is not reached (web.offline is set)")


def _near(host: object) -> bool:
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    return not host or is_here(str(host).partition("%")[0])
