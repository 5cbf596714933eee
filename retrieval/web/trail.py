"""How far a walk through a site has come: kept by the caller, so that the walk can go on later."""

import json
import os
import tempfile
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from retrieval.durable import sync
from retrieval.errors import UserError

_VERSION = 1


@dataclass(slots=True)
class Trail:
    """The state of a walk that began at `start`.

    `known` holds the SHA-256 (hex) of every page by its address, over all rounds; the rest is of
    the present round. `queue` are addresses to ask for with their depth, `seen` all that ever were
    in it, `done` those that were asked for and where they led, `hosts` what counts as the site.
    `asked` counts requests for pages; `left` tells how many the last round did not get to.
    """

    start: str
    known: dict[str, str] = field(default_factory=dict)
    queue: deque[tuple[str, int]] = field(default_factory=deque)
    seen: set[str] = field(default_factory=set)
    done: set[str] = field(default_factory=set)
    hosts: set[str] = field(default_factory=set)
    asked: int = 0
    left: int = 0

    def add(self, url: str, depth: int) -> None:
        """Put an address in the queue, unless it was there in this round."""
        if url not in self.seen:
            self.seen.add(url)
            self.queue.append((url, depth))

    def put_back(self, urls: Sequence[tuple[str, int]]) -> None:
        """Put addresses in front of the queue, as if they had not been asked for."""
        self.queue.extendleft(reversed(urls))
        self.done.difference_update(url for url, _ in urls)
        self.asked -= len(urls)

    def begin(self, host: str) -> None:
        """Begin a round; what is known stays so."""
        self.queue.clear()
        self.seen, self.done, self.hosts = set(), set(), {host}
        self.asked = self.left = 0

    def end(self) -> None:
        """End a round, with the queue as it is."""
        self.left = sum(url not in self.done for url, _ in self.queue)
        self.queue.clear()

    def save(self, path: Path) -> None:
        """Write the trail so that a file of that name is whole at any time; raises OSError."""
        kept = {name: getattr(self, name) for name in self.__slots__}
        kept |= {name: sorted(kept[name]) for name in ("seen", "done", "hosts")}
        text = json.dumps({"version": _VERSION, **kept, "queue": list(self.queue)})
        descriptor, part = tempfile.mkstemp(prefix=f"{path.name}.", suffix=".part", dir=path.parent)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(part).replace(path)
        except OSError:
            Path(part).unlink(missing_ok=True)
            raise
        sync(path.parent)

    @classmethod
    def load(cls, path: Path, start: str) -> "Trail":
        """Read the trail of `start`, a new one if there is no file; raises `UserError`."""
        if not path.exists():
            return cls(start)
        try:
            trail = _read(json.loads(path.read_text("utf-8")))
        except (OSError, ValueError, KeyError, TypeError):
            what = f"the trail {path} cannot be read"
            raise UserError(what, cure="delete it, and all pages are asked for again") from None
        if trail.start != start:
            what = f"the trail {path} is of {trail.start}, not of {start}"
            raise UserError(what, cure="keep one file for each site")
        return trail


def _read(kept: dict[str, Any]) -> Trail:
    if kept["version"] != _VERSION:
        raise ValueError("of another version")
    seen, done, hosts = ({str(text) for text in kept[name]} for name in ("seen", "done", "hosts"))
    known = {str(url): str(digest) for url, digest in kept["known"].items()}
    queue = deque((str(url), int(depth)) for url, depth in kept["queue"])
    asked, left = int(kept["asked"]), int(kept["left"])
    return Trail(str(kept["start"]), known, queue, seen, done, hosts, asked, left)
