"""Has files read by a child process, so that a file which breaks its reader breaks nothing else."""

import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, Protocol, Self

from retrieval.documents import Document
from retrieval.errors import UserError
from retrieval.readers import files, frames
from retrieval.readers.process import Limits, Lost, Process
from retrieval.web.page import NOTICES, Page, read_page

IN_PROCESS = 256 << 10
"""Plain text up to this many bytes is read here: it costs less than the way to the child."""

GROWTH = 256 << 20
"""A child that holds this many bytes more than when it began is replaced by a fresh one."""

START = 60
"""Seconds that a child may take until it is ready."""

_CURE = "open it in its own program and save it again, or leave it out"
_OTHER = "open another page"


class Parsing(Protocol):
    """Whatever turns the bytes of a file into a document."""

    def parse(self, data: bytes, path: Path, collection: str) -> Document:
        """Return the document; raises `UserError`, which names the file, if there is none."""


class PageParsing(Protocol):
    """Whatever turns the body of an answer from the web into a page."""

    def page(self, data: bytes, url: str, media: str, charset: str) -> Page:
        """Return the page; raises `UserError`, which names the address, if it cannot be read."""


class DirectParser:
    """Reads in this process: for tests, and where every file is one's own."""

    def parse(self, data: bytes, path: Path, collection: str) -> Document:
        return files.parse(data, path, collection)

    def page(self, data: bytes, url: str, media: str, charset: str) -> Page:
        return read_page(data, url, media, charset)


class ChildParser:
    """Reads in one child process that is kept warm. Safe in threads: one file at a time.

    A child that hangs, crashes or swells is killed, the file is named in a `UserError`, and the
    next file has a fresh child. Nothing starts before the first file that needs a child.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._turn = Lock()
        # The kernel ends a child with the thread that began it, so that thread must stay.
        self._crew = ThreadPoolExecutor(1, thread_name_prefix="parser")
        self._process: Process | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the child; a file that another thread is having read ends as one that crashed."""
        self._kill()
        self._crew.shutdown(wait=True)
        if self._process is not None:
            self._process.end()

    def parse(self, data: bytes, path: Path, collection: str) -> Document:
        """Return the document of a file. Raises `UserError`, also when it breaks the limits."""
        if len(data) <= IN_PROCESS and files.plain(data, path):
            document = files.parse(data, path, collection)
            return files.bounded(document, self._limits.characters)
        told = _Told(str(path), _CURE, {"path": str(path)})
        return self._read(told, data, collection).document

    def page(self, data: bytes, url: str, media: str, charset: str) -> Page:
        """Return the page that came from `url`, as `retrieval.web.page.read_page` reads it.

        Raises `UserError`, also when it breaks the limits.
        """
        told = _Told(url, _OTHER, {"url": url, "media": media, "charset": charset})
        return self._read(told, data, "default")

    def _read(self, told: "_Told", data: bytes, collection: str) -> Page:
        with self._turn:
            try:
                header, body = self._awaited(self._crew.submit(self._ask, told, data), told)
            except Lost as error:
                raise told.fault(str(error)) from error
        if "fault" in header:
            what, origin, cure = map(str, header["fault"])
            raise UserError(what, origin=origin, cure=cure)
        try:
            notice = NOTICES[NOTICES.index(header.get("notice", ""))]
            page = frames.unpacked(
                header["document"], body, told.name, collection, empty=bool(notice)
            )
        except (frames.Torn, LookupError, TypeError, ValueError) as error:
            raise told.fault(f"breaks its reader ({error})") from error
        if notice and page.text:
            raise told.fault("breaks its reader (a notice has text)")
        return Page(page, notice)

    def _awaited(
        self, asked: "Future[tuple[dict[str, Any], bytes]]", told: "_Told"
    ) -> tuple[dict[str, Any], bytes]:
        """Wait for an answer as long as the child shows that it gets on."""
        limits, began = self._limits, time.monotonic()
        self._heard = began
        try:
            while not asked.done():
                ends = (self._heard + limits.seconds, began + limits.total)
                left = min(ends) - time.monotonic()
                if left <= 0:
                    most = (limits.seconds, limits.total)[ends.index(min(ends))]
                    raise told.fault(f"takes more than {most:,} seconds to be read")
                wait([asked], timeout=left)
        finally:
            # After a limit, or Ctrl-C: whoever asks next must find nobody at work.
            while not asked.done():
                self._kill()
                wait([asked], timeout=0.1)
        return asked.result()

    def _ask(self, told: "_Told", data: bytes) -> tuple[dict[str, Any], bytes]:
        """Put a file to the child, on the thread of the crew; raises `Lost` if the child dies."""
        process = self._running()
        if not process.take(told.header, data):
            process.end()
            process = self._running()
            if not process.take(told.header, data):
                raise Lost(f"waits for a reader that does not start: it {process.reason()}")
        header: dict[str, Any] = {"beat": True}
        while "beat" in header:
            self._heard = time.monotonic()
            header, body = process.receive()
        if process.grown() > GROWTH:
            process.end()
        return header, body

    def _running(self) -> Process:
        if self._process is None or not self._process.alive():
            # To begin a child is no work on a file, so its time does not count.
            self._heard = time.monotonic() + START
            self._process = Process(self._limits)
        return self._process

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()


@dataclass(frozen=True, slots=True)
class _Told:
    """What is put to a child: its name and cure in errors, and the header that tells of it."""

    name: str
    cure: str
    header: dict[str, Any]

    def fault(self, reason: str) -> UserError:
        return UserError(f"{self.name!r} {reason}", cure=self.cure)
