"""The process that reads files: bytes in, documents out, within limits that the kernel enforces.

Parent to child: {"path": name} and the bytes of the file, or {"url", "media", "charset"} and the
body of a web page. Child to parent: {"ready": memory} once; then for each file {"beat": true} when
it is here and after each of its pages, and at last one of {"document": header} with the text, for
a web page with its "notice" beside it, and {"fault": [what, origin, cure]}, both with the bytes
of "memory" that the process holds. What no reader foresaw ends the process, and the last line on
stderr says why. Run as `python -m retrieval.readers.child PARENT LIMITS`; it ends when stdin does
or its parent is gone.
"""

import ctypes
import json
import os
import resource
import sys
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from retrieval.errors import UserError
from retrieval.readers import files, frames, pulse
from retrieval.web.page import Page, read_page

_KILL_WITH_PARENT, _SIGKILL = 1, 9
_FILE, _OPEN_FILES = 16 << 20, 64
_PAGE = 4096


class Desk:
    """The child's end of the pipe, and the seconds that it may still take."""

    def __init__(self, source: BinaryIO, sink: BinaryIO, limits: dict[str, int]) -> None:
        self._source, self._sink = source, sink
        self._limits = limits

    def serve(self) -> None:
        """Answer one file after the other, until there are no more."""
        frames.send(self._sink, {"ready": _memory()})
        while (request := frames.receive(self._source, files.LARGEST)) is not None:
            self.beat()
            header, body = self._answer(*request)
            del request
            frames.send(self._sink, {**header, "memory": _memory()}, body)

    def beat(self) -> None:
        """Tell that a file is here or a page done; the next page may take as long again."""
        self._more_time()
        frames.send(self._sink, {"beat": True})

    def _answer(self, header: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
        try:
            read = self._read(header, data)
            files.bounded(read.document, self._limits["characters"])
        except UserError as error:
            return {"fault": [error.what, error.origin, error.cure]}, b""
        told, text = frames.packed(read.document)
        return {"document": told, "notice": read.notice}, text

    def _read(self, header: dict[str, Any], data: bytes) -> Page:
        if "url" in header:
            return read_page(data, header["url"], header["media"], header["charset"])
        return Page(files.parse(data, Path(header["path"])))

    def _more_time(self) -> None:
        used = resource.getrusage(resource.RUSAGE_SELF)
        soft = int(used.ru_utime + used.ru_stime) + 1 + self._limits["cpu"]
        _limit(resource.RLIMIT_CPU, soft, hard=resource.RLIM_INFINITY)


def _limit(kind: int, soft: int, *, hard: int | None = None) -> None:
    """Set a limit as far as the system and limits already in force allow."""
    ceiling = resource.getrlimit(kind)[1]
    wanted = soft if hard is None else hard
    with suppress(OSError, ValueError):
        if ceiling != resource.RLIM_INFINITY:
            wanted = ceiling if wanted == resource.RLIM_INFINITY else min(wanted, ceiling)
            soft = min(soft, ceiling)
        resource.setrlimit(kind, (soft, wanted))


def _memory() -> int:
    """Return the bytes of memory that the process holds now, 0 where nothing tells."""
    try:
        return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * _PAGE
    except OSError:
        return 0


def _confined(limits: dict[str, int], parent: int) -> None:
    """Take away what reading files needs no more of, and end when the parent does."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_KILL_WITH_PARENT, _SIGKILL)
        if os.getppid() != parent:
            sys.exit(0)
        # If memory runs short all the same, this process is to go, and not the one that waits.
        with suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("1000", "ascii")
    for kind, most in (
        (resource.RLIMIT_AS, limits["memory"]),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, _FILE),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
    ):
        _limit(kind, most)
    sys.addaudithook(_no_network)


def _no_network(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.bind"):
        raise PermissionError("a file may not reach the network")


def main() -> None:
    """Take the pipe away from native code that prints, then serve."""
    parent, limits = int(sys.argv[1]), json.loads(sys.argv[2])
    source = os.fdopen(os.dup(0), "rb")
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    _confined(limits, parent)
    warnings.simplefilter("ignore")
    desk = Desk(source, sink, limits)
    pulse.listener.set(desk.beat)
    desk.serve()


if __name__ == "__main__":
    main()
