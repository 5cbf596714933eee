"""Names of runs: short, and sorted by the time at which they began."""

import secrets
from collections.abc import Callable

_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
_LENGTH = 12
_CHANCE = 15


class RunNames:
    """Makes names of 12 letters and digits (Crockford's base 32): 45 bits of time, 15 of chance.

    Each name is greater than the one before, also within a millisecond or when the clock is set
    back.
    """

    def __init__(self, chance: Callable[[int], int] = secrets.randbits) -> None:
        self._chance = chance
        self._last = 0

    def make(self, now: float) -> str:
        """The name of a run that begins at `now` (seconds since 1970)."""
        drawn = (int(now * 1000) << _CHANCE) + self._chance(_CHANCE)
        self._last = max(self._last + 1, drawn)
        number, letters = self._last, ""
        for _ in range(_LENGTH):
            number, digit = divmod(number, 32)
            letters = _DIGITS[digit] + letters
        return letters
