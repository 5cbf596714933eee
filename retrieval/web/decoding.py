"""Unpacks bodies piece by piece, and stops at what is too large once unpacked."""

import zlib
from collections.abc import Iterator
from typing import Any

from retrieval.web.rules import Rules
from retrieval.web.types import CouldNotFetch

ENCODINGS = "gzip, deflate"
"""What is asked for. Others (br, zstd) cannot be unpacked piece by piece with a limit here."""

_PIECE = 1 << 16
_GZIP = b"\x1f\x8b"
_GZIP_OR_ZLIB, _RAW = 47, -15


class Unpacker:
    """Takes the pieces of a body and gives the plain ones. `what` is named in errors.

    Raises `CouldNotFetch`: "too big" past the caps of size or ratio, "broken" for data that are
    damaged, cut off or in an encoding that was not asked for.
    """

    def __init__(self, encoding: str, rules: Rules, what: str) -> None:
        self._rules, self._what = rules, what
        self._came = self._gave = 0
        self._engine: Any = None
        self._fresh, self._head = True, b""
        match encoding.strip().lower():
            case "" | "identity":
                pass
            case "gzip" | "x-gzip" | "deflate":
                self._engine = zlib.decompressobj(_GZIP_OR_ZLIB)
            case _:
                raise CouldNotFetch(f"{what} is packed in a way not asked for.", "broken")

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what a piece unpacks to."""
        self._came += len(data)
        if self._came > self._rules.wire_bytes:
            raise self._too_big()
        if self._engine is None:
            yield self._counted(data)
            return
        data = self._head + data
        if len(data) < len(_GZIP):
            self._head = data
            return
        self._head, piece = b"", b""
        while data or len(piece) == _PIECE:
            piece = self._unpack(data)
            yield self._counted(piece)
            data = self._rest()

    def end(self) -> None:
        """Say that nothing more comes."""
        if self._engine is not None and self._came and not self._engine.eof:
            raise CouldNotFetch(f"{self._what} broke off before its end.", "broken")

    def _unpack(self, data: bytes) -> bytes:
        try:
            return self._piece(data)
        except zlib.error:
            if self._fresh:  # "deflate" without the header that RFC 9110 asks
                self._engine = zlib.decompressobj(_RAW)
                try:
                    return self._piece(data)
                except zlib.error:
                    pass
            raise CouldNotFetch(f"{self._what} cannot be unpacked.", "broken") from None

    def _piece(self, data: bytes) -> bytes:
        piece: bytes = self._engine.decompress(data, _PIECE)
        self._fresh = False
        return piece

    def _rest(self) -> bytes:
        """Return what is still to be unpacked; a second packed part may follow the first."""
        if not self._engine.eof:
            rest: bytes = self._engine.unconsumed_tail
            return rest
        after: bytes = self._engine.unused_data
        if after[: len(_GZIP)] != _GZIP:  # padding and the like is nobody's text
            return b""
        self._engine = zlib.decompressobj(_GZIP_OR_ZLIB)
        return after

    def _counted(self, piece: bytes) -> bytes:
        self._gave += len(piece)
        swollen = self._gave > self._rules.ratio_from
        if self._gave > self._rules.decoded_bytes or (
            swollen and self._gave > self._rules.ratio * self._came
        ):
            raise self._too_big()
        return piece

    def _too_big(self) -> CouldNotFetch:
        return CouldNotFetch(f"{self._what} is too large to be read.", "too big")
