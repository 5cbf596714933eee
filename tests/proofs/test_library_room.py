"""A full disk, and a folder that cannot be written: one sentence, nothing lost, search goes on."""

import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from proof_texts import Folder

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
FORMS = ("no space is left", "cannot be written", "refused to read or write", "cannot be opened")


def alone() -> list[str]:
    """Return how to run a program among mounts of its own; skips where that is not permitted."""
    ways = (["unshare", "-m"], ["unshare", "-Urm"])
    for way in ways:
        if shutil.which("unshare"):
            tried = subprocess.run(
                [*way, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True
            )
            if not tried.returncode:
                return way
    pytest.skip("this user may not mount a small file system (unshare -m, mount -t tmpfs)")


def run(folder: Path, part: str, free: int) -> dict[str, list[Any]]:
    home, files = folder / "home", folder / "files"
    (home / part).mkdir(parents=True)
    held = Folder(files, random.Random(free))
    for _ in range(8):
        held.change()
    path = os.pathsep.join([str(HERE), str(ROOT), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [*alone(), sys.executable, HERE / "room_child.py", home, part, files, str(free)],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return dict(json.loads(done.stdout))


def check(told: dict[str, list[Any]]) -> str:
    """Look at one run with little room; return how it ended."""
    for why, _, _ in told.values():
        assert not why or (why.endswith(".") and ";" in why and "\n" not in why), why
        assert not why or any(form in why for form in FORMS), why
    begun, before, old = told["begun"]
    full, during, held = told["full"]
    room, after, new = told["room"]
    assert not begun and not room, "with room there is no fault"
    assert full or during == after, "without a fault the new state is searched"
    # Files are kept one by one, so after a fault some are as they were and others as they are.
    for source in old.keys() | new.keys() | held.keys():
        assert held.get(source) in (old.get(source), new.get(source)), source
    assert held != old or during == before, "what is held as before is found as before"
    assert before != after
    closed, read, _ = told["closed"]
    assert closed, "a folder that cannot be written takes nothing in"
    assert read == after
    assert told["opened"][:2] == ["", after] or told["opened"][0]
    first, last = (str(why).partition(" ")[0] for why in (full, told["opened"][0]))
    return f"{first}/{last}"


@pytest.mark.slow
@pytest.mark.parametrize(("part", "free"), [("", 0), ("", 140_000), ("library", 9_000)])
def test_on_a_full_disk_nothing_is_lost(tmp_path: Path, part: str, free: int) -> None:
    kinds = {"": "no", "library": "the"}
    assert check(run(tmp_path, part, free)).startswith(kinds[part]), "there was room enough"


@pytest.mark.prove
@pytest.mark.slow
@pytest.mark.timeout(3000)
@pytest.mark.parametrize(("part", "most"), [("", 260_000), ("library", 90_000)])
def test_with_any_room_nothing_is_lost(tmp_path: Path, part: str, most: int) -> None:
    began, chance = time.monotonic(), random.Random(4)
    ended = Counter[str]()
    for number in range(60):
        ended[check(run(tmp_path / str(number), part, chance.randrange(most)))] += 1
        shutil.rmtree(tmp_path / str(number))
    assert len({one.partition("/")[0] for one in ended}) > 1, "some had room, some had not"
    seconds = time.monotonic() - began
    print(f"library room, {part or 'all'}: 60 in {seconds:.0f} s, {dict(ended)}")
