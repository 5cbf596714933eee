"""The one process per home that owns database, index and model (`python -m app.engine`)."""

import argparse
import faulthandler
import importlib
import json
import logging
import os
import selectors
import signal
import socket
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.address import (
    LOCK_FILE,
    NOT_WRITABLE,
    connect,
    listen,
    prepare_home,
    read_address,
    remove_address,
    write_address,
    writing_in,
)
from app.calls import BuildCalls, CallSpec, HouseCalls
from app.jobs import Jobs
from app.logs import open_log, secrets_of
from app.service import Service
from app.wire import Identity, encode, error_line, fault_line
from retrieval.errors import UserError
from retrieval.lock import FileLock

log = logging.getLogger("vouch.engine")

LOCK_SECONDS = 15.0
TICK = 1.0
END_SECONDS = 1.9
"""From the wish to end to the end of the process: cancelled jobs, last lines, closing the house."""


class Engine:
    """Listens, and ends when idle or told to. Make it only while holding the home's engine lock."""

    def __init__(
        self,
        home: Path,
        calls: Mapping[str, CallSpec],
        idle_seconds: float = 900.0,
        port: int = 0,
        *,
        slots: int = 1,
        identity: Identity | None = None,
    ) -> None:
        self._home = home
        self._idle_seconds = idle_seconds
        self._jobs = Jobs(slots=slots)
        with writing_in(home):
            self._listener, self.address = listen(home, port)
            write_address(home, self.address)
        self._listener.setblocking(False)
        self._wake, self._waker = socket.socketpair()
        self._service = Service(
            calls,
            self._jobs,
            identity=identity or Identity(),
            token=self.address.token,
            end=self.end,
        )

    def end(self) -> None:
        """Make `run` return soon; may be called from any thread and from a signal."""
        self._waker.send(b".")

    def run(self, lock: FileLock) -> float:
        """Serve until told to end, until idle for long enough, or until the home is removed.

        Returns when the end began, in seconds of the monotonic clock.
        """
        with selectors.DefaultSelector() as selector:
            selector.register(self._listener, selectors.EVENT_READ)
            selector.register(self._wake, selectors.EVENT_READ)
            while not self._over(lock):
                ready = [key.fileobj for key, _ in selector.select(self._pause())]
                if self._wake in ready:
                    break
                if self._listener in ready:
                    self._accept()
        ending = time.monotonic()
        self._close()
        return ending

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError as error:
            log.warning("a client could not be accepted: %s", error)
            time.sleep(0.05)
            return
        connection.setblocking(True)
        self._service.begin(connection)

    def _pause(self) -> float:
        if self._jobs.unfinished():
            return TICK
        left = self._service.touched + self._idle_seconds - time.monotonic()
        return min(TICK, max(left, 0.01))

    def _over(self, lock: FileLock) -> bool:
        if not lock.stands():
            log.warning("the home was removed")
            return True
        idle = time.monotonic() - self._service.touched >= self._idle_seconds
        return idle and self._jobs.close_if_idle()

    def _close(self) -> None:
        remove_address(self._home, self.address)
        self._listener.close()
        self._jobs.close(END_SECONDS - 0.7)
        self._service.flush(0.2)


class _Report:
    """What became of the start, told once to whoever started this process."""

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor

    def send(self, line: bytes) -> None:
        if self._descriptor is not None:
            os.write(self._descriptor, line)
            os.close(self._descriptor)
            self._descriptor = None


def serve(options: argparse.Namespace, report: _Report) -> None:
    """Be the engine of a home until it ends; `UserError` says why it cannot start."""
    home = options.home
    prepare_home(home)
    with writing_in(home):
        lock = _only_one(home)
    if lock is None:
        report.send(encode({"ready": True}))
        return
    with lock:
        with writing_in(home):
            open_log(home / "logs" / "engine.log", secrets_of(os.environ, options.overrides))
        _serve(home, options, report, lock)


def _serve(home: Path, options: argparse.Namespace, report: _Report, lock: FileLock) -> None:
    build_calls = _builder(options.calls)
    with writing_in(home, only=NOT_WRITABLE):
        house = build_calls(home, os.environ, options.overrides)
    ending = time.monotonic()
    try:
        identity = Identity(options.version, options.settings)
        idle, slots = options.idle_seconds, options.slots
        engine = Engine(home, house.calls, idle, options.port, slots=slots, identity=identity)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: engine.end())
        report.send(encode({"ready": True}))
        log.info("process %d serves %s", os.getpid(), home)
        ending = engine.run(lock)
    finally:
        _close(house, ending + END_SECONDS)
        log.info("process %d has ended", os.getpid())


def _close(house: HouseCalls, deadline: float) -> None:
    """Close the house; what hangs is left behind, for the process ends in any case."""
    closing = threading.Thread(target=house.close, name="close", daemon=True)
    closing.start()
    closing.join(max(0.1, deadline - time.monotonic()))


def _only_one(home: Path) -> FileLock | None:
    """Return the lock of the home's engine; None if another engine has it and listens."""
    deadline = time.monotonic() + LOCK_SECONDS
    while time.monotonic() < deadline:
        if (lock := FileLock.take(home / LOCK_FILE, 0.2)) is not None:
            return lock
        if (found := connect(home)) is not None:
            found[0].close()
            return None
    address = read_address(home)
    holder = f"process {address.pid}" if address else "another process"
    raise UserError(
        f"{holder} holds {home / LOCK_FILE} and does not answer",
        cure=f"end that process, as in: kill {address.pid}" if address else "end that process",
    )


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m app.engine", description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--calls", default="app.house:build_calls", metavar="MODULE:FUNCTION")
    parser.add_argument("--port", type=int, default=0, help="0: a socket file")
    parser.add_argument("--idle-seconds", type=float, default=900.0)
    parser.add_argument("--slots", type=int, default=1, help="questions answered at a time")
    parser.add_argument("--status", type=int, help="a descriptor; detach and report to it")
    parser.set_defaults(overrides={}, settings="", version="")
    options = parser.parse_args(arguments)
    options.home = options.home.absolute()
    return options


def _detach(options: argparse.Namespace) -> None:
    """Read from stdin what no list of processes should show, and leave the starter's family."""
    told: dict[str, Any] = json.load(sys.stdin)
    options.overrides, options.settings = told["overrides"], told["settings"]
    options.version = told["version"]
    if os.fork():
        os._exit(0)


def _builder(calls: str) -> BuildCalls:
    module, _, name = calls.partition(":")
    build: BuildCalls = getattr(importlib.import_module(module), name)
    return build


def _log_crash(kind: type[BaseException], error: BaseException, trace: object) -> None:
    log.critical("the engine failed", exc_info=error)


def _log_thread(failure: threading.ExceptHookArgs) -> None:
    if failure.exc_value is not None:
        where = failure.thread.name if failure.thread else "a thread"
        log.error("%s failed", where, exc_info=failure.exc_value)


def main(arguments: list[str]) -> int:
    """Run the engine; 1 if it could not start."""
    options = _options(arguments)
    if options.status is not None:
        _detach(options)
    faulthandler.enable()
    report = _Report(options.status)
    threading.excepthook, sys.excepthook = _log_thread, _log_crash
    try:
        serve(options, report)
    except UserError as error:
        report.send(error_line(error))
        sys.stderr.write(f"{error}\n")
        return 1
    finally:
        path = options.home / "logs" / "engine.log"
        report.send(fault_line(f"The engine could not start; {path} says why."))
    return 0


if __name__ == "__main__":
    status = main(sys.argv[1:])
    logging.shutdown()
    sys.stderr.flush()
    # Threads that wait for clients or hang in native code would hold up an orderly exit.
    os._exit(status)
