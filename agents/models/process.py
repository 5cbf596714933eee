"""A child process that speaks lines of JSON, and dies with us."""

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any, BinaryIO

_ROOT = Path(__file__).resolve().parents[2]


class Child:
    """Runs `python -m <module>` and talks with it; `receive` gives its messages in order."""

    def __init__(self, module: str) -> None:
        self._messages: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._started = threading.Event()
        self._failure: OSError | None = None
        self._errors: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115
        self._process: subprocess.Popen[bytes] | None = None
        # Linux ends a child with the *thread* that made it, so that thread lives as long as it.
        threading.Thread(target=self._run, args=(module,), daemon=True).start()
        self._started.wait()
        if self._failure is not None:
            raise self._failure

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def send(self, **message: Any) -> None:
        """Write a message; one to a dead child is lost, and `receive` then tells."""
        assert self._process is not None and self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()
        except (BrokenPipeError, ValueError):
            return

    def receive(self, seconds: float) -> dict[str, Any] | None:
        """Return the next message, None when the child is gone; `queue.Empty` after `seconds`."""
        message = self._messages.get(timeout=max(0.0, seconds))
        if message is None:
            self._messages.put(None)
        return message

    def kill(self) -> None:
        """End the child now and wait for it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def last_words(self) -> str:
        """How the child ended, and the last line that it wrote to stderr."""
        assert self._process is not None
        code = self._process.wait()
        end = f"signal {-code}" if code < 0 else f"exit status {code}"
        size = self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, size - 2000))
        lines = self._errors.read().decode("utf-8", "replace").split("\n")
        said = [line.strip() for line in lines if line.strip()]
        return f"{end}: {said[-1]}" if said else end

    def _run(self, module: str) -> None:
        # Threads that spin at a barrier make a busy machine's decoding slower by tens of times.
        command = [sys.executable, "-P", "-m", module, str(os.getpid())]
        path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                env={"OMP_WAIT_POLICY": "passive", **os.environ, "PYTHONPATH": path},
            )
        except OSError as error:
            self._failure = error
            return
        finally:
            self._started.set()
        assert self._process.stdout is not None
        for line in self._process.stdout:
            try:
                self._messages.put(json.loads(line))
            except ValueError:
                break
        self.kill()
        self._messages.put(None)
