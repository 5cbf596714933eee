"""Bytes of tokens to pieces of text: whole code points only, and nothing of a stop string."""

import codecs
from collections.abc import Sequence
from typing import Literal

Finish = Literal["stop", "length", "cancelled"]
"""Why a reply ended; see `Reply.finish`."""


class TextStream:
    """Feed it the bytes of tokens; it gives text that can be shown at once.

    The end of the text that may yet become a stop string is held back. `stopped` is set when one
    was found; what follows it is dropped. `text` is all that was given out.
    """

    def __init__(self, stops: Sequence[str]) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._stops = [stop for stop in stops if stop]
        self._held = ""
        self.text = ""
        self.stopped = False

    def feed(self, data: bytes) -> str:
        """Add bytes; return the text that they set free."""
        self._held += self._decoder.decode(data)
        found = [at for stop in self._stops if (at := self._held.find(stop)) >= 0]
        if found:
            self.stopped = True
            return self._give(min(found), drop=True)
        return self._give(len(self._held) - self._doubtful())

    def end(self) -> str:
        """Return what was held back; a code point that was cut off is dropped."""
        return "" if self.stopped else self._give(len(self._held))

    def _doubtful(self) -> int:
        """Length of the longest tail that begins a stop string."""
        longest = max((len(stop) for stop in self._stops), default=1) - 1
        for size in range(min(longest, len(self._held)), 0, -1):
            if any(stop.startswith(self._held[-size:]) for stop in self._stops):
                return size
        return 0

    def _give(self, size: int, drop: bool = False) -> str:
        piece, rest = self._held[:size], self._held[size:]
        self._held = "" if drop else rest
        self.text += piece
        return piece
