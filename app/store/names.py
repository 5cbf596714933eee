"""Names of runs: short, and sorted by the time at which they began."""

import re
import secrets
import threading
from collections.abc import Callable

_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
_LENGTH = 12
_CHANCE = 15

NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.-]{0,63}")
"""What a run, a turn or a conversation may be called."""


class RunNames:
    """Makes names of 12 letters and digits (Crockford's base 32): 45 bits of time, 15 of chance.

    Each name is greater than the one before, also within a millisecond or when the clock is set
    back. Threads may share it.
    """

    def __init__(self, chance: Callable[[int], int] = secrets.randbits) -> None:
        self._chance = chance
        self._last = 0
        self._making = threading.Lock()

    def make(self, now: float) -> str:
        """The name of a run that begins at `now` (seconds since 1970)."""
        drawn = (int(now * 1000) << _CHANCE) + self._chance(_CHANCE)
        with self._making:
            self._last = max(self._last + 1, drawn)
            number, letters = self._last, ""
        for _ in range(_LENGTH):
            number, digit = divmod(number, 32)
            letters = _DIGITS[digit] + letters
        return letters
