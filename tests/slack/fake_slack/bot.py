"""The bot as a process of its own: started, killed without warning, and started again."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
COMMAND = [sys.executable, "-c", "from ui.cli import main; main()", "slack"]


class Bot:
    """Runs `vouch slack` with an environment; what it prints goes to a file."""

    def __init__(self, environ: Mapping[str, str], log: Path) -> None:
        self.environ = dict(environ)
        self.log = log
        self.kills: list[tuple[float, str]] = []
        """When it was killed (monotonic), and at which moment."""

        self.starts = 0
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._lock, self.log.open("ab") as file:
            self.starts += 1
            file.write(f"--- start {self.starts}, after {len(self.kills)} kills\n".encode())
            file.flush()
            streams = {"stdin": subprocess.DEVNULL, "stdout": file, "stderr": file}
            self._process = subprocess.Popen(COMMAND, cwd=ROOT, env=self.environ, **streams)

    def kill(self, moment: str) -> None:
        """Send SIGKILL; nothing of the process runs after this returns."""
        with self._lock:
            if self._process is not None and self._process.poll() is None:
                self.kills.append((time.monotonic(), moment))
                os.kill(self._process.pid, signal.SIGKILL)

    def ended(self) -> bool:
        with self._lock:
            return self._process is None or self._process.poll() is not None

    def stop(self) -> int:
        """Ask it to end, as Ctrl-C does, and return its exit status."""
        process = self._process
        if process is None:
            return 0
        process.send_signal(signal.SIGINT)
        try:
            return process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()

    def tail(self, lines: int = 40) -> str:
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-lines:])
