"""What we and a plugin's process say to each other: JSON objects, each after its length."""

import json
import os
import selectors
import struct
import time
from typing import Any

_LENGTH = struct.Struct(">I")
_CHUNK = 1 << 16


class Torn(Exception):
    """What came is no frame, or too long a one, or the pipe ended inside it."""


class Late(Exception):
    """The other side took too long."""


class Pipe:
    """Two descriptors, written and read by frames of at most `most` bytes each."""

    def __init__(self, source: int, sink: int, most: int) -> None:
        self._source, self._sink, self._most = source, sink, most
        for descriptor in (source, sink):
            os.set_blocking(descriptor, False)

    def send(self, frame: dict[str, Any], deadline: float | None = None) -> None:
        """Write a frame; raises `Torn` if it is too long, `Late`, or `OSError` if nobody reads.

        `deadline` is on `time.monotonic`, None is never.
        """
        told = json.dumps(frame).encode("ascii")
        if len(told) > self._most:
            raise Torn(f"{len(told):,} bytes are more than {self._most:,}")
        left = memoryview(_LENGTH.pack(len(told)) + told)
        while left:
            _wait(self._sink, selectors.EVENT_WRITE, deadline)
            left = left[os.write(self._sink, left[:_CHUNK]) :]

    def receive(self, deadline: float | None = None) -> dict[str, Any] | None:
        """Read a frame; None at the end of the pipe. Raises `Torn`, `Late` or `OSError`."""
        begun = self._read(_LENGTH.size, deadline)
        if not begun:
            return None
        if len(begun) < _LENGTH.size:
            raise Torn("a frame is cut short")
        (length,) = _LENGTH.unpack(begun)
        if length > self._most:
            raise Torn(f"{length:,} bytes are more than {self._most:,}")
        told = self._read(length, deadline)
        try:
            frame = json.loads(told)
        except (ValueError, RecursionError) as error:
            raise Torn("a frame is no JSON") from error
        if not isinstance(frame, dict):
            raise Torn("a frame is no object")
        return frame

    def close(self) -> None:
        """Close both ends of ours."""
        for descriptor in (self._source, self._sink):
            os.close(descriptor)

    def _read(self, length: int, deadline: float | None) -> bytes:
        got = bytearray()
        while len(got) < length:
            _wait(self._source, selectors.EVENT_READ, deadline)
            piece = os.read(self._source, min(_CHUNK, length - len(got)))
            if not piece:
                break
            got += piece
        return bytes(got)


def _wait(descriptor: int, event: int, deadline: float | None) -> None:
    """Return when the descriptor is ready; raises `Late` at the deadline."""
    left = None if deadline is None else deadline - time.monotonic()
    if left is not None and left <= 0:
        raise Late
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, event)
        if not selector.select(left):
            raise Late
