"""One time limit over all that a call does, and the wish to stop."""

from collections.abc import Callable

from retrieval.web.types import Cancelled, CouldNotFetch

SLICE = 0.1
"""Seconds for which anything waits before it looks again whether it shall go on."""


class Deadline:
    """The time that is left for a call to `what`, in seconds of `clock`."""

    def __init__(
        self, what: str, seconds: float, clock: Callable[[], float], cancel: Cancelled | None
    ) -> None:
        self._what, self._seconds = what, seconds
        self._clock, self._cancel = clock, cancel
        self._until = clock() + seconds

    def left(self) -> float:
        """Return the seconds left, more than 0; raises `CouldNotFetch` at the end or if stopped."""
        if self._cancel is not None and self._cancel.is_set():
            raise CouldNotFetch(f"{self._what} was not fetched: it was stopped.", "cancelled")
        if (left := self._until - self._clock()) > 0:
            return left
        what = f"{self._what} took longer than the {self._seconds:g} seconds that it may take."
        raise CouldNotFetch(what, "timeout")

    def slice(self) -> float:
        """Return how long to wait before looking again; raises as `left` does."""
        return min(SLICE, self.left())

    def pause(self, seconds: float, sleep: Callable[[float], None]) -> None:
        """Wait, and look between slices; raises as `left` does."""
        end = self._clock() + seconds
        while (rest := end - self._clock()) > 0:
            sleep(min(rest, self.slice()))
