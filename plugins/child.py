"""The process of a plugin from our side: how it is begun, heard, and ended with all it started."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO, cast

from plugins.frames import Late, Pipe, Torn
from plugins.runner import MOST
from plugins.tools import SECONDS

_ENVIRONMENT = (
    *("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"),
    *("LANG", "LC_ALL", "LC_CTYPE", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR"),
)
"""What a plugin learns of this process's environment: where programs are, and no secrets."""
_PERSON = ("HOME", "LOGNAME", "SHELL", "TERM", "USER")
"""What servers that the user starts learn as well: where their own settings are."""
_LAST_WORDS = 4096
_PATIENCE, _PAUSE = 1.0, 0.005


@dataclass(frozen=True, slots=True)
class Limits:
    """What a plugin may take: `seconds` for a call by the clock, and of the processor; `opening`
    seconds until it is ready; bytes of `memory` (address space) and of a `file` that it writes;
    `processes` and threads of its own."""

    seconds: float = SECONDS
    opening: float = 60.0
    memory: int = 2 << 30
    file: int = 64 << 20
    processes: int = 64


class Lost(Exception):
    """The child is of no use any more; the text says of the plugin what it did, as "crashed"."""


class Child:
    """One process, from its start to its end."""

    def __init__(self, job: dict[str, Any], limits: Limits) -> None:
        self._scratch = tempfile.mkdtemp(prefix="vouch-plugin-")
        job |= {**asdict(limits), "scratch": self._scratch, "parent": os.getpid()}
        try:
            self._printed = tempfile.TemporaryFile("a+b")  # noqa: SIM115
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "plugins.runner"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._printed,
                env=_environment(job["kind"] == "mcp", self._scratch),
                cwd=self._scratch,
                start_new_session=True,
                bufsize=0,
            )
        except OSError as error:
            shutil.rmtree(self._scratch, ignore_errors=True)
            raise Lost(f"does not start ({error.strerror})") from error
        self._pipe = Pipe(
            cast(BinaryIO, self._process.stdout).fileno(),
            cast(BinaryIO, self._process.stdin).fileno(),
            MOST,
        )

    def alive(self) -> bool:
        """Whether it runs."""
        return self._status() is None

    def send(self, frame: Mapping[str, Any], deadline: float) -> None:
        """Tell it something; raises `Lost`."""
        try:
            self._pipe.send(dict(frame), deadline)
        except Torn as error:
            raise Lost(f"was given too much ({error})") from error
        except Late as error:
            raise Lost("does not listen and was ended") from error
        except OSError as error:
            raise Lost(self.reason()) from error

    def receive(self, deadline: float, seconds: float) -> dict[str, Any]:
        """Return what it says next; raises `Lost`. `seconds` is what the deadline stands for."""
        try:
            frame = self._pipe.receive(deadline)
        except Late as error:
            raise Lost(f"took longer than {seconds:g} s and was ended") from error
        except (Torn, OSError) as error:
            raise Lost(f"answers what nobody can read ({error}) and was ended") from error
        if frame is None:
            raise Lost(self.reason())
        return frame

    def end(self) -> None:
        """End it and everything that it started, and leave nothing of it."""
        self._kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._printed):
            with suppress(OSError):
                cast(BinaryIO, pipe).close()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def _kill(self) -> None:
        """Hold it, end the groups of its descendants, which it cannot disown, then its own."""
        if self._status() is None:
            os.kill(self._process.pid, signal.SIGSTOP)
            for process in self._descendants():
                _end_group(process)
        _end_group(self._process.pid)

    def _status(self, patience: float = 0.0) -> int | None:
        """Return how it ended, a signal as a negative number; None if it runs. It is not reaped, so
        that no other process can have its number before its group is ended."""
        deadline = time.monotonic() + patience
        how = os.WEXITED | os.WNOHANG | os.WNOWAIT
        while (ended := os.waitid(os.P_PID, self._process.pid, how)) is None:
            if time.monotonic() >= deadline:
                return None
            time.sleep(_PAUSE)
        return ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status

    def _descendants(self) -> Iterator[int]:
        """Yield the ids of the processes below, until there are no new ones."""
        import psutil

        seen: set[int] = set()
        with suppress(psutil.Error):
            top = psutil.Process(self._process.pid)
            while fresh := {one.pid for one in top.children(recursive=True)} - seen:
                seen |= fresh
                yield from fresh

    def reason(self) -> str:
        """Return what became of the child, which is dead or dying."""
        code = self._status(_PATIENCE)
        if code is None:
            return "closed its pipe and was ended"
        words = self._words()
        if words.startswith("MemoryError") or "std::bad_alloc" in words:
            return "needs more memory than it may have"
        if code >= 0:
            return f"ended by itself ({words or f'status {code}'})"
        if -code == signal.SIGXCPU:
            return "took too much time of the processor and was ended"
        return f"crashed ({signal.Signals(-code).name})"

    def _words(self) -> str:
        """Return the last line that it printed: of an exception its kind and text."""
        size = self._printed.seek(0, os.SEEK_END)
        self._printed.seek(max(0, size - _LAST_WORDS))
        lines = self._printed.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1][:300] if lines else ""


def _environment(person: bool, scratch: str) -> dict[str, str]:
    names = (*_ENVIRONMENT, *(_PERSON if person else ()))
    kept = {name: os.environ[name] for name in names if name in os.environ}
    kept |= {"TMPDIR": scratch, "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}
    return kept if person else kept | {"HOME": scratch}


def _end_group(leader: int) -> None:
    """End a process, and its group if it leads one."""
    for end in (os.killpg, os.kill):
        with suppress(ProcessLookupError, PermissionError):
            end(leader, signal.SIGKILL)
