"""The lines that clients and engine exchange: one JSON object a line, none longer than a cap."""

import json
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from retrieval.errors import UserError

LINE_CAP = 16 * 1024 * 1024
"""The longest line in bytes, in either direction, newline included."""

_CHUNK = 65536


class EngineFault(Exception):
    """Something unexpected in the engine, in one sentence; its log has the rest."""


class LineError(ValueError):
    """A line that is too long or is no JSON object."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Which program with which settings; an empty part fits everything."""

    version: str = ""
    settings: str = ""

    def fits(self, other: "Identity") -> bool:
        pairs = ((self.version, other.version), (self.settings, other.settings))
        return all(mine == theirs or not mine or not theirs for mine, theirs in pairs)


def encode(values: Mapping[str, Any]) -> bytes:
    """Return the object as one line of ASCII; `LineError` above the cap, `TypeError` if no JSON."""
    line = json.dumps(values, separators=(",", ":")).encode("ascii") + b"\n"
    if len(line) > LINE_CAP:
        raise LineError(f"a line of {len(line)} bytes is longer than {LINE_CAP}")
    return line


def decode(line: bytes) -> dict[str, Any]:
    """Read one line; `LineError` if it is no JSON object."""
    try:
        values = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise LineError("the line is not JSON") from error
    if not isinstance(values, dict):
        raise LineError("the line is no JSON object")
    return values


def error_line(error: UserError) -> bytes:
    """Return the line by which a `UserError` travels whole."""
    parts = {"what": error.what, "origin": error.origin, "cure": error.cure}
    return encode({"error": parts})


def fault_line(sentence: str) -> bytes:
    """Return the line that tells of something unexpected."""
    return encode({"fault": sentence})


def raise_for(line: Mapping[str, Any]) -> None:
    """Raise the `UserError` or `EngineFault` that the line carries, if it carries one."""
    match line:
        case {"error": {"what": str(what), "origin": str(origin), "cure": str(cure)}}:
            raise UserError(what, origin=origin, cure=cure)
        case {"fault": str(sentence)}:
            raise EngineFault(sentence)


class Lines:
    """A connected socket, read and written by lines; owns the socket."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._buffer = bytearray()

    def send(self, *lines: bytes) -> None:
        """Send lines that `encode` made; `OSError` if the other side is gone."""
        self._socket.sendall(b"".join(lines))

    def read(self, seconds: float | None = None) -> dict[str, Any] | None:
        """Return the next object, None at the end of the stream.

        `LineError` for a line that is too long or no JSON object, `TimeoutError` after `seconds`,
        other `OSError` if the connection breaks.
        """
        deadline = None if seconds is None else time.monotonic() + seconds
        searched = 0
        while (end := self._buffer.find(b"\n", searched)) < 0:
            searched = len(self._buffer)
            if searched >= LINE_CAP:
                raise LineError(f"the line is longer than {LINE_CAP} bytes")
            if not self._receive(deadline):
                return None
        line = bytes(self._buffer[: end + 1])
        del self._buffer[: end + 1]
        return decode(line)

    def _receive(self, deadline: float | None) -> bool:
        left = None if deadline is None else deadline - time.monotonic()
        if left is not None and left <= 0:
            raise TimeoutError("the line did not come in time")
        self._socket.settimeout(left)
        try:
            received = self._socket.recv(_CHUNK)
        finally:
            self._socket.settimeout(None)
        self._buffer += received
        return bool(received)

    def refuse(self, sentence: str) -> None:
        """Send a fault and throw away what still comes, so that the reset of a socket with unread
        bytes does not overtake the sentence."""
        self.send(fault_line(sentence))
        self._socket.shutdown(socket.SHUT_WR)
        deadline = time.monotonic() + 1.0
        while self._receive(deadline):
            self._buffer.clear()

    def close(self) -> None:
        self._socket.close()
