"""Start the engine of a home as a process of its own, and learn what became of it."""

import json
import os
import select
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BufferedWriter
from pathlib import Path

from app.address import prepare_home, writing_in
from app.version import ROOT
from app.wire import EngineFault, Identity, decode, raise_for

START_SECONDS = 120.0
_OUTPUT_CAP = 1 << 20


@dataclass(frozen=True, slots=True)
class Launch:
    """How an engine is started, should none be running.

    `settings` is a fingerprint of the effective settings: an engine with another one is asked to
    finish first. `overrides` go to `build_calls`. `environ` is the engine's environment, this
    process's if None. `version` stands for the program's in tests.
    """

    settings: str = ""
    overrides: Mapping[str, str] = field(default_factory=dict)
    port: int = 0
    idle_seconds: float = 900.0
    slots: int = 1
    environ: Mapping[str, str] | None = None
    calls: str = "app.house:build_calls"
    version: str = ""


def start_engine(home: Path, launch: Launch, identity: Identity) -> None:
    """Start an engine and return when it listens; the caller holds the start lock.

    `UserError` is the engine's own sentence, `EngineFault` anything it did not expect.
    """
    prepare_home(home)
    reading, writing = os.pipe()
    told = {"settings": identity.settings, "version": identity.version}
    try:
        with writing_in(home):
            _spawn(home, launch, writing, {**told, "overrides": dict(launch.overrides)})
    finally:
        os.close(writing)
    try:
        _await(reading, home)
    finally:
        os.close(reading)


def _spawn(home: Path, launch: Launch, status: int, told: Mapping[str, object]) -> None:
    import subprocess

    with _output(home) as output:
        starter = subprocess.Popen(
            _command(home, launch, status),
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            cwd=home,
            env=_environ(home, launch),
            pass_fds=[status],
            start_new_session=True,
        )
    starter.communicate(json.dumps(told).encode())


def _output(home: Path) -> BufferedWriter:
    path = home / "logs" / "engine.out"
    full = path.exists() and path.stat().st_size > _OUTPUT_CAP
    return path.open("wb" if full else "ab")


def _command(home: Path, launch: Launch, status: int) -> list[str]:
    options = {
        "home": home,
        "calls": launch.calls,
        "port": launch.port,
        "idle-seconds": launch.idle_seconds,
        "slots": launch.slots,
        "status": status,
    }
    module = [sys.executable, "-P", "-m", "app.engine"]
    return module + [f"--{name}={value}" for name, value in options.items()]


def _environ(home: Path, launch: Launch) -> dict[str, str]:
    """Return the engine's environment, in which it finds this program and not another copy."""
    environ = dict(os.environ if launch.environ is None else launch.environ)
    environ["VOUCH_HOME"] = str(home)
    if ROOT.name not in ("site-packages", "dist-packages"):
        inherited = environ.get("PYTHONPATH")
        environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), *([inherited] if inherited else [])])
    return environ


def _await(reading: int, home: Path) -> None:
    log = home / "logs" / "engine.out"
    deadline = time.monotonic() + START_SECONDS
    received = b""
    while not received.endswith(b"\n"):
        if not select.select([reading], [], [], max(0.0, deadline - time.monotonic()))[0]:
            raise EngineFault(
                f"The engine has not started within {START_SECONDS:.0f} s; see {log}."
            )
        piece = os.read(reading, 65536)
        if not piece:
            raise EngineFault(f"The engine ended while it was starting; {log} may say why.")
        received += piece
    raise_for(decode(received))
