"""Locks between processes: an advisory `flock` on a file, gone when its holder dies."""

import fcntl
import os
import time
from pathlib import Path
from types import TracebackType

_PAUSE = 0.01


class FileLock:
    """An exclusive lock, held until `close` or the death of the process.

    Child processes do not inherit it as long as they are started by `exec`.
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path = path
        self._descriptor = descriptor

    @classmethod
    def take(cls, path: Path, seconds: float) -> "FileLock | None":
        """Take the lock, waiting at most `seconds`; None if another process keeps it.

        `OSError` if the file cannot be made.
        """
        deadline = time.monotonic() + seconds
        while True:
            lock = cls(path, os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            if lock._try() and lock.stands():
                return lock
            lock.close()
            if time.monotonic() >= deadline:
                return None
            time.sleep(_PAUSE)

    def _try(self) -> bool:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def stands(self) -> bool:
        """False once somebody has removed or replaced the file: the lock then guards nothing."""
        try:
            there = self._path.stat()
        except FileNotFoundError:
            return False
        return os.path.samestat(there, os.fstat(self._descriptor))

    def close(self) -> None:
        os.close(self._descriptor)

    def __enter__(self) -> "FileLock":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def is_held(path: Path) -> bool:
    """Whether some process holds the lock now."""
    try:
        lock = FileLock.take(path, 0.0)
    except FileNotFoundError:
        return False
    if lock is None:
        return True
    lock.close()
    return False
