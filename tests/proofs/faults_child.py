"""One commit of a library under the eyes of strace; what came of it is left in shared memory."""

import hashlib
import json
import mmap
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from proof_library import answers, opened, shelved
from proof_texts import text

from retrieval import words
from retrieval.documents import Document
from retrieval.errors import UserError
from retrieval.library import Library
from retrieval.memory_shelf import MemoryShelf
from retrieval.readers import markdown

SIZE = 1 << 20
WAITS, GO = 0, 1
"""Bytes of the shared memory: the child waits, and may go on. Its words begin at byte 16."""

END = "/the change ends here"
"""No such folder: asking to remove it leaves a line in the log of strace."""

STAGES = ("open", "put", "write", "remove")

NEW = 7
"""The document that is put."""


def document(number: int) -> Document:
    """Return a document of a few passages."""
    return markdown.read(text(number, 0, 3).encode(), f"note/{number}", "", "default")


class Slate:
    """Memory shared with the parent: neither writing to it nor reading it is a system call."""

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), SIZE)

    def wait(self) -> None:
        """Wait until strace is there."""
        if not self._memory[GO]:
            self._memory[WAITS] = 1
            while not self._memory[GO]:
                time.sleep(0.001)

    def say(self, **told: Any) -> None:
        """Leave what is known so far."""
        data = json.dumps(told).encode()
        assert len(data) < SIZE - 16
        self._memory[16 : 16 + len(data)] = data
        self._memory[8:16] = len(data).to_bytes(8, "little")

    @property
    def waits(self) -> bool:
        return bool(self._memory[WAITS])

    def go(self) -> None:
        self._memory[GO] = 1

    def told(self) -> dict[str, Any]:
        """Return what was said last."""
        size = int.from_bytes(self._memory[8:16], "little")
        return dict(json.loads(self._memory[16 : 16 + size])) if size else {}


def commit(home: str, slate: str, stage: str) -> None:
    """Open a library and put a document, or remove one; from the stage on strace looks on."""
    told, ended = Slate(Path(slate)), {"ended": "opened"}
    warm(Path(home))
    if stage == "open":
        told.wait()
    try:
        with shelved(Path(home)) as shelf:
            library = opened(shelf, Path(home))
            ended["found"] = digest(library)
            if stage != "open":
                ended = changed(library, told, stage)
    except UserError as error:
        ended = {"ended": "refused", "why": str(error)}
    except BaseException:
        ended = {"ended": "broken", "why": traceback.format_exc()}
    told.say(**ended)


def changed(library: Library, told: Slate, stage: str) -> dict[str, Any]:
    """Change the library, look what a search finds then, and change it once more."""
    ended: dict[str, Any] = {"ended": "done"}
    if stage == "write":
        words._document = waiting(words._document, told)
    else:
        told.wait()
    try:
        change(library, stage)
        told.say(ended="killed", acknowledged=True)
    except UserError as error:
        ended = {"ended": "refused", "why": str(error)}
    with suppress(OSError):
        Path(END).rmdir()
    for again in (False, True):
        try:
            if again:
                change(library, stage)
            ended["again" if again else "found"] = digest(library)
        except UserError as error:
            ended.setdefault("later", str(error))
    return ended


def change(library: Library, stage: str) -> None:
    if stage == "remove":
        library.remove(document(2).source)
    else:
        library.put([document(NEW)])


def waiting(function: Callable[..., Any], told: Slate) -> Callable[..., Any]:
    """Let strace come in when the threads that write words are there."""

    def call(*arguments: Any) -> Any:
        told.wait()
        return function(*arguments)

    return call


def warm(home: Path) -> None:
    """Use everything once, so that no module is read while strace looks on."""
    with shelved(home):
        library = opened(MemoryShelf(), home / "warm")
        library.put([document(0)])
        library.put([document(1)])
        digest(library)


def digest(library: Library) -> str:
    """Return a hash of all that a few queries find; it tells what the library holds."""
    tables = [sorted(found.items()) for found in answers(library)]
    return hashlib.sha256(repr(tables).encode()).hexdigest()
