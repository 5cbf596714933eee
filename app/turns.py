"""Who is next: first come, first served within a session, and sessions take turns."""

from collections import deque
from collections.abc import Iterator
from itertools import zip_longest
from typing import Generic, TypeVar

T = TypeVar("T")


class Turns(Generic[T]):
    """A queue of sessions, each a queue of its own: a session that was served goes to the end,
    so a batch of a hundred questions delays another session's question by one."""

    def __init__(self) -> None:
        self._sessions: dict[str, deque[T]] = {}

    def put(self, session: str, job: T) -> None:
        self._sessions.setdefault(session, deque()).append(job)

    def take(self) -> T | None:
        """Remove and return the next one; None if nobody waits."""
        if not self._sessions:
            return None
        session = next(iter(self._sessions))
        waiting = self._sessions.pop(session)
        job = waiting.popleft()
        if waiting:
            self._sessions[session] = waiting
        return job

    def remove(self, job: T) -> bool:
        """Take one out of the queue; False if it does not wait."""
        for session, waiting in self._sessions.items():
            if job in waiting:
                waiting.remove(job)
                if not waiting:
                    del self._sessions[session]
                return True
        return False

    def __iter__(self) -> Iterator[T]:
        """Yield all that wait, in the order in which they will be served if nobody else comes."""
        for turn in zip_longest(*self._sessions.values()):
            yield from (job for job in turn if job is not None)
