"""The parent's end of the process that reads files: how it is begun, limited, heard and ended."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO, cast

from retrieval.readers import frames

_ENVIRONMENT = (
    "PATH",
    "PYTHONPATH",
    "PYTHONHOME",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TMPDIR",
    "TESSDATA_PREFIX",
)
"""What a child learns of this process's environment: where programs are, and no secrets."""

_ONE_THREAD = {"OMP_THREAD_LIMIT": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
_LAST_WORDS = 4096
_PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may take.

    `seconds` by the clock and `cpu` seconds of the processor are for one page of a PDF or picture,
    or for the whole of another file; `total` seconds for a file with however many pages. `memory`
    is the address space of the child in bytes, code and libraries included. `characters` is the
    length of the text that may come out.
    """

    seconds: int = 180
    cpu: int = 60
    total: int = 7_200
    memory: int = 2 << 30
    characters: int = 50_000_000


class Lost(Exception):
    """The child is dead; the text says of the file what it did, as "takes too much memory"."""


class Process:
    """One child, from its start to its end."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._memory = self._first = 0
        kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        module = ["-P", "-m", "retrieval.readers.child", str(os.getpid())]
        try:
            self._printed = tempfile.TemporaryFile("a+b")  # noqa: SIM115
            self._child = subprocess.Popen(
                [sys.executable, *module, json.dumps(asdict(limits))],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._printed,
                env=kept | _ONE_THREAD,
                # Ctrl-C is for us, and what the child starts is killed with it.
                start_new_session=True,
            )
        except OSError as error:
            raise Lost(f"waits for a reader that does not start ({error.strerror})") from error

    def alive(self) -> bool:
        """Whether it runs."""
        return self._child.poll() is None

    def take(self, header: dict[str, Any], body: bytes) -> bool:
        """Hand it a file; return whether it has it: if not, its death is not the file's doing."""
        try:
            os.ftruncate(self._printed.fileno(), 0)
            frames.send(cast(BinaryIO, self._child.stdin), header, body)
            return "beat" in self.receive()[0]
        except (OSError, Lost):
            return False

    def receive(self) -> tuple[dict[str, Any], bytes]:
        """Return what it says next; raises `Lost` if it is dead or talks nonsense."""
        try:
            frame = frames.receive(cast(BinaryIO, self._child.stdout), 4 * self._limits.characters)
        except frames.Torn as error:
            self.kill()
            raise Lost(f"breaks its reader ({error})") from error
        if frame is None:
            raise Lost(self.reason())
        if "ready" in frame[0]:
            self._first = int(frame[0]["ready"])
            return self.receive()
        self._memory = int(frame[0].get("memory", self._memory))
        return frame

    def grown(self) -> int:
        """Return the bytes that it holds more than at its start, as of its last answer."""
        return self._memory - self._first

    def end(self) -> None:
        """Let it end by itself, or end it; then leave nothing of it."""
        self._wait()
        for pipe in (self._child.stdout, self._printed):
            with suppress(OSError):
                cast(BinaryIO, pipe).close()

    def kill(self) -> None:
        """End it and what it started at once. Safe from any thread."""
        if self._child.poll() is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._child.pid, signal.SIGKILL)

    def _wait(self) -> None:
        with suppress(OSError):
            cast(BinaryIO, self._child.stdin).close()
        try:
            self._child.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            self._child.wait()

    def reason(self) -> str:
        """Return what the file did to the child, which is dead or dying."""
        self._wait()
        code, words = self._child.returncode, self._words()
        if words.startswith("MemoryError"):
            return f"needs more than {self._limits.memory >> 20:,} MiB of memory to be read"
        if code >= 0:
            return f"breaks its reader ({words or f'status {code}'})"
        if -code == signal.SIGXCPU:
            return f"takes more than {self._limits.cpu} seconds of the processor to be read"
        if -code == signal.SIGKILL:
            return "needs more memory or time to be read than there is"
        return f"makes its reader crash ({signal.Signals(-code).name})"

    def _words(self) -> str:
        """Return the last line that it printed: of an exception its kind and text."""
        size = self._printed.seek(0, os.SEEK_END)
        self._printed.seek(max(0, size - _LAST_WORDS))
        lines = self._printed.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1][:200] if lines else ""
