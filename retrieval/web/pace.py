"""Keeps the requests to one host apart, so that no site is pressed."""

from collections.abc import Callable
from threading import Lock

_MANY = 1_000


class Pace:
    """When each host may be asked again, in seconds of `clock`. Threads may share one."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock, self._lock = clock, Lock()
        self._free: dict[str, float] = {}

    def turn(self, host: str, gap: float, most: float) -> tuple[bool, float]:
        """Take the next turn of a host, after which it is left alone for `gap` seconds.

        Returns whether it was taken, and the seconds until then; not taken if those are `most` or
        more.
        """
        with self._lock:
            now = self._clock()
            start = max(now, self._free.get(host, now))
            if (wait := start - now) >= most:
                return False, wait
            self._free[host] = start + gap
            if len(self._free) > _MANY:
                self._free = {name: free for name, free in self._free.items() if free > now}
            return True, wait

    def leave_alone(self, host: str, seconds: float) -> None:
        """Do not ask a host for some time, as it asked for."""
        with self._lock:
            until = self._clock() + seconds
            self._free[host] = max(self._free.get(host, until), until)
