"""A crash between any two operations on the disk, or in the middle of a write, loses nothing."""

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.batch.questions import Question
from app.batch.results import VOLATILE

FIVE = [Question(f"q{n}", f"Question {n}?", gold=("x",), line=n) for n in range(5)]
NAMES = ("write", "fsync", "ftruncate", "replace", "unlink")


class Crash(BaseException):
    """The process is no more."""


class Disk:
    """Lets so many operations pass; the next one crashes, a write after half of its bytes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, allowed: int) -> None:
        self.left = allowed
        for name in NAMES:
            monkeypatch.setattr(os, name, self._guarded(getattr(os, name), name))

    def _guarded(self, operation: Callable[..., Any], name: str) -> Callable[..., Any]:
        def guarded(*arguments: Any, **named: Any) -> Any:
            self.left -= 1
            if self.left < 0:
                if name == "write" and self.left == -1:
                    operation(arguments[0], arguments[1][: len(arguments[1]) // 2])
                raise Crash
            return operation(*arguments, **named)

        return guarded


def steady(path: Path) -> list[Any]:
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    return [{name: value for name, value in row.items() if name not in VOLATILE} for row in rows]


@pytest.mark.parametrize("fresh", [False, True])
def test_a_crash_at_every_operation(works: Any, fresh: bool) -> None:
    whole = works.run(FIVE)
    expected = steady(works.path)
    crashes = 0
    while True:
        if not fresh:
            works.path.unlink(missing_ok=True)
            works.path.with_name("answers.jsonl.batch").unlink(missing_ok=True)
        with pytest.MonkeyPatch.context() as patch:
            Disk(patch, crashes)
            try:
                works.run(FIVE, fresh=fresh)
            except Crash:
                crashes += 1
            else:
                break
        again = works.run(FIVE)
        assert steady(works.path) == expected, f"after {crashes} operations"
        assert works.run(FIVE) == again and len(again) == len(whole)
    assert crashes > 15


def test_files_and_their_names_outlast_a_power_cut(works: Any) -> None:
    """What takes a file's place is on the disk before, and that it did so right after."""
    done: list[str] = []

    def noted(name: str, operation: Callable[..., Any]) -> Callable[..., Any]:
        def carried_out(*arguments: Any, **named: Any) -> Any:
            of_folder = name == "fsync" and stat.S_ISDIR(os.fstat(arguments[0]).st_mode)
            done.append("folder" if of_folder else name)
            return operation(*arguments, **named)

        return carried_out

    with pytest.MonkeyPatch.context() as patch:
        for name in ("fsync", "replace"):
            patch.setattr(os, name, noted(name, getattr(os, name)))
        works.run(FIVE)
    places = [at for at, name in enumerate(done) if name == "replace"]
    assert len(places) >= 2, "the record and the output"
    assert all(done[at - 1 : at + 2] == ["fsync", "replace", "folder"] for at in places)
