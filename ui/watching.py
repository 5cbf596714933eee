"""Notices that something in a folder has changed, and when it has settled."""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from retrieval.scope import below

if TYPE_CHECKING:
    from watchdog.events import FileSystemEvent, FileSystemEventHandler
    from watchdog.observers.api import BaseObserver

SETTLED = 1.0
"""Seconds without a further change after which a folder has settled."""

LONGEST = 30.0
"""Seconds for which changes that never settle are waited out, as of a log that grows."""

POLLED = 10.0
"""Seconds between two looks at all files, where the system watches no more folders."""

_TELLING = frozenset(("created", "modified", "moved", "deleted", "closed"))
"""Events of a change. Others tell that a file was opened and read, which the library does too."""

_LEFT_OUT = (".", "~$")
"""How names begin that the library leaves out of folders."""

Turn = Literal["", "gone", "back"]
Listen = Callable[[str, Callable[[str], None]], Callable[[], None]]
"""Calls with every path that changes below a folder, until the returned function is called."""


class Changes:
    """Which folders have changed. Any thread notes; one waits until one of them has settled."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        settled: float = SETTLED,
        longest: float = LONGEST,
    ) -> None:
        self._clock = clock
        self._settled = settled
        self._longest = longest
        self._told = threading.Condition()
        self._spans: dict[str, tuple[float, float]] = {}
        self._later: dict[str, float] = {}

    def note(self, folder: str) -> None:
        """Note that something in a folder has changed just now."""
        with self._told:
            now = self._clock()
            self._spans[folder] = (self._spans.get(folder, (now, now))[0], now)
            self._told.notify()

    def later(self, folder: str, seconds: float) -> None:
        """Have a folder's turn come after so many seconds, whether it changes or not."""
        with self._told:
            self._later[folder] = self._clock() + seconds

    def drop(self, folder: str) -> None:
        """Forget what was noted of a folder."""
        with self._told:
            self._spans.pop(folder, None)
            self._later.pop(folder, None)

    def take(self, patience: float) -> str | None:
        """Return a folder whose turn has come, which is forgotten with that; None if none does
        within `patience` seconds."""
        deadline = self._clock() + patience
        with self._told:
            while True:
                now, turns = self._clock(), self._turns()
                first = min(turns, key=turns.__getitem__, default=None)
                if first is not None and turns[first] <= now:
                    self.drop(first)
                    return first
                if now >= deadline:
                    return None
                self._told.wait(min([deadline, *turns.values()]) - now)

    def _turns(self) -> dict[str, float]:
        """Return when the turn of each folder comes."""
        turns = {
            folder: min(last + self._settled, first + self._longest)
            for folder, (first, last) in self._spans.items()
        }
        for folder, at in self._later.items():
            turns[folder] = min(turns.get(folder, at), at)
        return turns


class Watched:
    """One folder that is listened to for as long as it is there, and again when it is back."""

    def __init__(
        self, path: str, changes: Changes, listen: Listen | None = None, *, ignored: str = ""
    ) -> None:
        """`ignored` is a folder in which changes do not count."""
        self.path = path
        self._changes = changes
        self._listen = listen or hear
        self._ignored = ignored
        self._identity: tuple[int, int] | None = None
        self._leave: Callable[[], None] | None = None

    def look(self) -> Turn:
        """See whether the folder has gone or is back (or another in its place) since the last
        look; one that is back is noted as changed."""
        identity = self._found()
        if identity == self._identity:
            return ""
        self.close()
        try:
            if identity is not None:
                self._leave = self._listen(self.path, self._heard)
        except FileNotFoundError:
            identity = None
        before, self._identity = self._identity, identity
        if identity is None:
            self._changes.drop(self.path)
            return "gone" if before else ""
        self._changes.note(self.path)
        return "back"

    def close(self) -> None:
        """Listen no more."""
        if self._leave is not None:
            self._leave()
            self._leave = None

    def _found(self) -> tuple[int, int] | None:
        try:
            found = Path(self.path).stat()
        except OSError:
            return None
        return (found.st_dev, found.st_ino) if Path(self.path).is_dir() else None

    def _heard(self, path: str) -> None:
        if not below(path, self.path) or below(path, self._ignored):
            return
        parts = path[len(self.path) :].replace("\\", "/").split("/")
        if not any(part.startswith(_LEFT_OUT) for part in parts):
            self._changes.note(self.path)


def hear(folder: str, changed: Callable[[str], None]) -> Callable[[], None]:
    """Listen to a folder by what the system tells, or else by looking at all files every now and
    then: there are systems that watch only so many folders. `FileNotFoundError` if it is gone."""
    from watchdog.events import FileSystemEventHandler
    from watchdog.observers import Observer
    from watchdog.observers.polling import PollingObserver

    class Ear(FileSystemEventHandler):
        def on_any_event(self, event: "FileSystemEvent") -> None:
            if event.event_type in _TELLING and not _listing(event):
                for path in (event.src_path, event.dest_path):
                    if path:
                        changed(os.fsdecode(path))

    try:
        return _started(Observer(), Ear(), folder)
    except OSError:
        if not Path(folder).is_dir():
            raise FileNotFoundError(folder) from None
        return _started(PollingObserver(timeout=POLLED), Ear(), folder)


def _listing(event: "FileSystemEvent") -> bool:
    """True where the list of a folder has changed, which what has changed in it tells too."""
    return event.is_directory and event.event_type == "modified"


def _started(
    observer: "BaseObserver", ear: "FileSystemEventHandler", folder: str
) -> Callable[[], None]:
    observer.start()
    try:
        observer.schedule(ear, folder, recursive=True)
    except OSError:
        observer.stop()
        raise
    return observer.stop
