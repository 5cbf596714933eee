"""Runs a child under strace, which lets chosen system calls fail or kills the child at them."""

import re
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from faults_child import END, SIZE, Slate
from proof_forks import Forks

WRITING = (
    "write",
    "writev",
    "pwrite64",
    "pwritev",
    "fsync",
    "fdatasync",
    "msync",
    "ftruncate",
    "fallocate",
    "rename",
    "renameat",
    "renameat2",
    "link",
    "linkat",
    "unlink",
    "unlinkat",
    "mkdir",
    "mkdirat",
    "rmdir",
    "sendfile",
    "copy_file_range",
)
# A close that fails closes all the same, which strace cannot play.
READING = (
    "openat",
    "read",
    "pread64",
    "getdents64",
    "newfstatat",
    "fstat",
    "statx",
    "lseek",
    "flock",
    "fcntl",
)
_FULL = ("write", "pwrite64", "ftruncate", "rename", "renameat", "link", "mkdir", "sendfile")
_CALL = re.compile(r"^(\d+) +(\w+)\(", re.M)


@dataclass(frozen=True, slots=True)
class Injection:
    """Lets the `number`th call of `call` (from 1, counted by thread) end in `fault`."""

    call: str
    number: int
    fault: str

    @property
    def told(self) -> str:
        how = "signal=KILL" if self.fault == "KILL" else f"error={self.fault}"
        return f"{self.call}:{how}:when={self.number}"


def injections(counts: Counter[str]) -> Iterator[Injection]:
    """Yield all that can be injected into so many calls of each kind."""
    for call, count in sorted(counts.items()):
        faults = ["EIO"] + ["KILL"] * (call in WRITING) + ["ENOSPC"] * (call in _FULL)
        for number in range(1, count + 1):
            yield from (Injection(call, number, fault) for fault in faults)


@dataclass(slots=True)
class Traced:
    """How a child ended: its exit status, what it said, and the log of strace."""

    child: int
    status: int
    told: dict[str, str]
    log: str

    @property
    def injected(self) -> bool:
        return "(INJECTED)" in self.log or self.status < 0

    def counts(self, first: bool = True) -> Counter[str]:
        """How often each call was made, by the thread that made it most; of the first thread too,
        or only of those that it began."""
        before_the_end = self.log.partition(END)[0]
        by_thread = Counter(_CALL.findall(before_the_end))
        most: Counter[str] = Counter()
        for (thread, call), count in by_thread.items():
            if first or int(thread) != self.child:
                most[call] = max(most[call], count)
        return most


def traced(forks: Forks, function: str, home: Path, stage: str, *, inject: str = "") -> Traced:
    """Run `module.function(home, slate, stage)` in a child; strace comes in when it waits."""
    path, log = home / "slate", home / "strace"
    path.write_bytes(bytes(SIZE))
    slate = Slate(path)
    child = forks.start(function, str(home), str(path), stage)
    forks.until(child, lambda: slate.waits)
    calls = inject.partition(":")[0] or ",".join(f"?{call}" for call in (*WRITING, *READING))
    what = ["-e", f"trace={calls}", *(["-e", f"inject={inject}"] if inject else [])]
    with attached(child, what, log):
        slate.go()
        deadline = time.monotonic() + 120
        while forks.lives(child) and time.monotonic() < deadline:
            time.sleep(0.001)
        hangs = forks.lives(child)
        status = forks.killed(child) if hangs else forks.ended()
    assert not hangs, "the child hangs"
    return Traced(child, status, slate.told(), log.read_text())


@contextmanager
def attached(child: int, what: Sequence[str], log: Path) -> Iterator[None]:
    """Have strace on every thread of a process in the block, which the process does not outlive.

    Raises OSError where strace may not look at it.
    """
    command = ["strace", "-f", "-y", "-qq", *what, "-o", str(log), "-p", str(child)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as tracer:
        assert tracer.stderr
        try:
            while not _traced(child):
                if tracer.poll() is not None:
                    raise OSError(tracer.stderr.read())
                time.sleep(0.001)
            yield
            tracer.wait(60)
        except BaseException:
            tracer.kill()  # Or leaving the block would wait for it, and it for the child.
            raise


def _traced(process: int) -> bool:
    try:
        tasks = [one / "status" for one in Path(f"/proc/{process}/task").iterdir()]
        tracers = [re.search(r"TracerPid:\s+(\d+)", task.read_text()) for task in tasks]
    except (FileNotFoundError, ProcessLookupError):
        # A thread has ended meanwhile: its file is gone, or is there and cannot be read.
        return False
    return all(tracer and int(tracer[1]) for tracer in tracers)
