"""Ingest of many passages, and the most memory that it held on the way."""

import json
import threading
import time
from pathlib import Path

from proof_library import opened, shelved
from proof_texts import WORDS

PARTS = 25
"""Passages of a file."""


def written(files: Path, passages: int) -> None:
    """Write files of so many passages together."""
    for number in range(passages // PARTS):
        parts = [f"# File {number}\n"]
        for part in range(PARTS):
            at = number * 7 + part * 13
            words = [WORDS[(at + n * (3 + part)) % len(WORDS)] for n in range(34)]
            parts.append(f"\n## Part {part}\n\n{' '.join(words)} n{number}p{part}.\n")
        path = files / f"{number % 50}" / f"{number}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(parts))


class Watch:
    """Looks at the anonymous memory of this process all the time."""

    def __init__(self) -> None:
        self.most, self._stop = anonymous(), threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._stop.wait(0.002):
            self.most = max(self.most, anonymous())

    def end(self) -> int:
        self._stop.set()
        self._thread.join()
        return self.most


def anonymous() -> int:
    """Return the bytes of this process that no file stands behind."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("RssAnon:")[2].split()[0]) << 10


def ingest(home: str, result: str) -> None:
    """Add the files of a home, then some more; leave counts, seconds and bytes in a file."""
    with shelved(Path(home)) as shelf:
        library = opened(shelf, Path(home))
        before, began, watch = anonymous(), time.monotonic(), Watch()
        for _ in library.add([Path(home) / "files"]):
            pass
        told = {"seconds": time.monotonic() - began, "grown": watch.end() - before}
        told["passages"] = library.state().passages
    Path(result).write_text(json.dumps(told))
