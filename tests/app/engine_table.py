"""A table of small calls that engine processes serve in the tests."""

import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.models.base import Cancel
from app.calls import JSON, CallSpec
from retrieval.errors import UserError


def echo(params: Mapping[str, Any], cancel: Cancel) -> Iterator[JSON]:
    yield from params.get("items", [])
    return params.get("result")


def wait(params: Mapping[str, Any], cancel: Cancel) -> Iterator[JSON]:
    """Yield numbers until the file `until` exists, or until cancelled."""
    number = 0
    yield {"number": number}
    while not cancel.is_set() and not Path(params["until"]).exists():
        time.sleep(0.005)
        if params.get("counting"):
            number += 1
            yield {"number": number}
    if "mark" in params:
        with Path(params["mark"]).open("a") as file:
            file.write(f"{params.get('name', '')} {'cancelled' if cancel.is_set() else 'done'}\n")
    return {"cancelled": cancel.is_set()}


def deaf(params: Mapping[str, Any], cancel: Cancel) -> Iterator[JSON]:
    """Heed no cancel."""
    yield "started"
    time.sleep(60)


def mend(params: Mapping[str, Any], cancel: Cancel) -> Iterator[JSON]:
    yield 1
    raise UserError("the value 7 is odd", origin="--value", cure="use 8")


def fail(params: Mapping[str, Any], cancel: Cancel) -> Iterator[JSON]:
    yield 1
    raise KeyError(f"kaputt {os.environ.get('SERVICE_API_KEY', '')}")


def opaque(params: Mapping[str, Any], cancel: Cancel) -> Iterator[JSON]:
    yield object()


@dataclass(frozen=True)
class House:
    home: Path
    overrides: dict[str, str]

    @property
    def calls(self) -> dict[str, CallSpec]:
        return {
            "echo": CallSpec(echo),
            "wait": CallSpec(wait),
            "ask": CallSpec(wait, queued=True),
            "deaf": CallSpec(deaf),
            "mend": CallSpec(mend),
            "fail": CallSpec(fail),
            "opaque": CallSpec(opaque),
            "overrides": CallSpec(self._overrides),
        }

    def _overrides(self, params: Mapping[str, Any], cancel: Cancel) -> Iterator[JSON]:
        yield self.overrides
        return Path(f"/proc/{os.getpid()}/cmdline").exists()

    def close(self) -> None:
        (self.home / "closed").write_text("closed")


def build_calls(home: Path, environ: Mapping[str, str], overrides: dict[str, str]) -> House:
    with (home / "starts").open("a") as file:
        file.write(f"{os.getpid()}\n")
    if "broken" in overrides:
        raise UserError("the setting broken is set", origin="--set broken", cure="leave it out")
    if "crash" in overrides:
        os._exit(9)
    if "bug" in overrides:
        raise KeyError("bug")
    return House(home, overrides)
