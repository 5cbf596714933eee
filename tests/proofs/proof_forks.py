"""Children for the proofs: forked in no time from a process that has imported everything."""

import ctypes
import importlib
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]

WARM = (
    "alembic.command",
    "alembic.config",
    "faiss",
    "logging.config",
    "numpy",
    "retrieval.library",
    "app.store.database",
    "app.store.shelf",
    "sqlalchemy.dialects.sqlite",
    "tantivy",
)
_ANY_TRACER = (0x59616D61, ctypes.c_ulong(-1))
"""What prctl needs so that strace may look at a process that is not its child."""


class Forks:
    """Runs functions of the modules beside this file in children, one child at a time.

    A child ends by `os._exit`, so that nothing is tidied up which a kill would leave untidy.
    """

    def __init__(self) -> None:
        path = os.pathsep.join([str(HERE), str(ROOT), os.environ.get("PYTHONPATH", "")])
        self._server = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
            text=True,
        )
        assert self._answer() == "ready"

    def start(self, function: str, *arguments: Any) -> int:
        """Run `module.name` in a child with arguments that JSON can carry; return its id."""
        assert self._server.stdin
        self._server.stdin.write(json.dumps([function, arguments]) + "\n")
        self._server.stdin.flush()
        return int(self._answer())

    def ended(self) -> int:
        """Wait for the child; return its exit status, less than 0 for the signal it died of."""
        return int(self._answer())

    def killed(self, child: int) -> int:
        """Kill the child as kill -9 does, and return as `ended` does."""
        os.kill(child, signal.SIGKILL)
        return self.ended()

    def until(self, child: int, true: Callable[[], bool], seconds: float = 60.0) -> None:
        """Wait until a condition holds, which the living child brings about."""
        deadline = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < deadline, "nothing came of it"
            assert self.lives(child), "the child has died"
            time.sleep(0.0005)

    def lives(self, child: int) -> bool:
        """Say whether a child has not ended: the process that forked it looks after the ended."""
        return Path(f"/proc/{child}").exists()

    def _answer(self) -> str:
        assert self._server.stdout
        line = self._server.stdout.readline()
        assert line, "the process that forks has died"
        return line.strip()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server.stdin and self._server.stdout
        self._server.stdin.close()
        self._server.wait(60)
        self._server.stdout.close()


def _serve() -> None:
    for name in WARM:
        importlib.import_module(name)
    print("ready", flush=True)
    for line in sys.stdin:
        function, arguments = json.loads(line)
        child = os.fork()
        if not child:
            _work(function, arguments)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _work(function: str, arguments: list[Any]) -> None:
    status = 1
    try:
        ctypes.CDLL(None).prctl(*_ANY_TRACER, 0, 0, 0)
        os.dup2(2, 1)
        module, _, name = function.rpartition(".")
        getattr(importlib.import_module(module), name)(*arguments)
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


if __name__ == "__main__":
    _serve()
