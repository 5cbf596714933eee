"""kill -9 at any instant, then the same command again: the output is that of an unbroken run."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agents import view
from agents.codec import load
from agents.events import Stopped
from app.address import LOCK_FILE
from app.batch.results import VOLATILE
from app.client import Client
from app.launch import Launch
from retrieval.lock import is_held

SECONDS = 0.05
"""What a question takes that may be killed."""

SCRIPT = Path(__file__).with_name("batch_process.py")
BATCH = [sys.executable, str(SCRIPT), "batch"]


def homed(home: Path, seconds: float) -> dict[str, str]:
    """The environment of a batch in a home whose engine takes so long for a question."""
    return {**os.environ, "VOUCH_HOME": str(home), "TABLE_SECONDS": str(seconds)}


def engine_of(home: Path) -> dict[str, Any] | None:
    return Client(home, False, Launch(version="1"), 1.0).hello()


@pytest.fixture
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Path]]:
    """Makes homes, whose engines are ended afterwards."""
    made: list[Path] = []

    def make() -> Path:
        made.append(tmp_path_factory.mktemp("home"))
        return made[-1]

    yield make
    for home in made:
        Client(home, False, Launch(version="1"), 1.0).finish(force=True)
        deadline = time.monotonic() + 120
        while (home / LOCK_FILE).exists() and is_held(home / LOCK_FILE):
            assert time.monotonic() < deadline
            time.sleep(0.02)


def questions(folder: Path, count: int) -> Path:
    path = folder / "questions.jsonl"
    lines = [{"question": f"Question {n}?", "gold": [f"{n}"]} for n in range(count)]
    lines[3]["question"] = "One that is broken"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def finished(command: list[str], environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)


def steady(output: Path) -> list[dict[str, Any]]:
    """The rows of an output without what differs from time to time."""
    rows = [json.loads(line) for line in output.read_text("utf-8").splitlines()]
    return [{name: value for name, value in row.items() if name not in VOLATILE} for row in rows]


def allow(home: Path, number: int | None) -> None:
    """Hold the questions from this number on, whatever the machine's pace; None lets all go on."""
    path = home / "allowed"
    if number is None:
        path.unlink(missing_ok=True)
    else:
        path.write_text(str(number))


def broken_off(command: list[str], environ: dict[str, str], due: Callable[[], bool]) -> None:
    """Start a batch and kill it once it is due; it must not have ended by itself."""
    batch = subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL)  # fmt: skip
    while not due():
        assert batch.poll() is None, "it ended by itself"
        time.sleep(0.005)
    batch.kill()
    assert batch.wait() == -signal.SIGKILL


def moment(home: Path, allowed: int, dice: random.Random) -> Callable[[], bool]:
    """When to kill: so many questions on, or at any instant, also before the first is asked."""
    log = home / "asked"

    def begun() -> int:
        lines = log.read_text().split("\n")[:-1] if log.exists() else []
        return len({json.loads(line)[1] for line in lines})

    if (now := begun()) <= allowed and dice.random() < 0.6:
        wanted = dice.randint(now + 1, allowed + 1)
        return lambda: begun() >= wanted
    until = time.monotonic() + dice.uniform(0.05, 0.9)
    return lambda: time.monotonic() >= until


def answered_runs(home: Path) -> Counter[str]:
    """How many runs were answered or given up, by question. One that a kill cut off between the end
    of its browsing ("finished") and its answer is neither."""
    counts: Counter[str] = Counter()
    for run in (home / "answers").iterdir():
        events = [load(json.loads(line)["event"]) for line in run.read_text().splitlines()]
        if events and view.state(events) != "interrupted":
            last = events[-1]
            stopped = isinstance(last, Stopped) and last.reason == "cancelled"
            counts[view.asked(events).question] += not stopped
    return counts


def torn_apart(
    folder: Path, homes: Callable[[], Path], kills: int, count: int, engine: bool
) -> tuple[Path, Path, Path]:
    """Work a batch unbroken and another one killed so often; return home, whole and broken."""
    asked = questions(folder, count)
    whole, broken = folder / "whole.jsonl", folder / "broken.jsonl"
    ran = finished([*BATCH, str(asked), "-o", str(whole)], homed(homes(), 0.0))
    assert ran.returncode == 2, ran.stderr
    home = homes()
    command = [*BATCH, str(asked), "-o", str(broken)]
    dice, engines = random.Random(kills), 0
    for number in range(kills):
        allow(home, allowed := count * number // kills)
        broken_off(command, homed(home, SECONDS), moment(home, allowed, dice))
        if engine and number % 3 == 0 and (found := engine_of(home)):
            os.kill(found["pid"], signal.SIGKILL)
            engines += 1
    assert engines or not engine
    allow(home, None)
    ran = finished(command, homed(home, SECONDS))
    assert ran.returncode == 2, ran.stderr
    return home, whole, broken


def test_a_killed_batch_comes_out_like_an_unbroken_one(
    tmp_path: Path, homes: Callable[[], Path], count_asked: Callable[[Path], list[str]]
) -> None:
    home, whole, broken = torn_apart(tmp_path, homes, 6, 40, engine=False)
    assert steady(broken) == steady(whole)
    again = Counter(count_asked(home))
    assert set(again.values()) == {1}, "every question is asked once"


def test_kills_of_the_engine_repeat_no_finished_question(
    tmp_path: Path, homes: Callable[[], Path]
) -> None:
    home, whole, broken = torn_apart(tmp_path, homes, 4, 30, engine=True)
    assert steady(broken) == steady(whole)
    assert set(answered_runs(home).values()) == {1}


@pytest.mark.prove
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("engine", [False, True])
def test_two_hundred_kills_over_five_hundred_questions(
    tmp_path: Path,
    homes: Callable[[], Path],
    count_asked: Callable[[Path], list[str]],
    engine: bool,
) -> None:
    home, whole, broken = torn_apart(tmp_path, homes, 200, 500, engine)
    assert steady(broken) == steady(whole)
    assert set(answered_runs(home).values()) == {1}
    assert engine or set(Counter(count_asked(home)).values()) == {1}


def test_ctrl_c_ends_with_130_and_the_command_goes_on(
    tmp_path: Path, homes: Callable[[], Path], count_asked: Callable[[Path], list[str]]
) -> None:
    asked, output, home = questions(tmp_path, 12), tmp_path / "answers.jsonl", homes()
    command = [*BATCH, str(asked), "-o", str(output)]
    allow(home, 6)
    with subprocess.Popen(
        command, env=homed(home, 0.0), stderr=subprocess.PIPE, text=True
    ) as batch:
        assert batch.stderr is not None
        while not batch.stderr.readline().startswith("2/12"):
            assert batch.poll() is None
        batch.send_signal(signal.SIGINT)
        err = batch.stderr.read()
        assert batch.wait(120) == 130
    assert "stopping" in err and "the same command goes on" in err and "Traceback" not in err
    allow(home, None)
    some = steady(output)
    assert 2 <= len(some) < 12, "what is done is written at once"
    assert finished(command, homed(home, 0.0)).returncode == 2
    whole, before = steady(output), {row["id"] for row in some}
    assert [row for row in whole if row["id"] in before] == some and len(whole) == 12
    assert set(answered_runs(home).values()) == {1}


def test_the_second_on_an_output_is_refused(tmp_path: Path, homes: Callable[[], Path]) -> None:
    asked, output, home = questions(tmp_path, 12), tmp_path / "answers.jsonl", homes()
    command = [*BATCH, str(asked), "-o", str(output)]
    allow(home, 4)
    with subprocess.Popen(
        command, env=homed(home, 0.0), stderr=subprocess.PIPE, text=True
    ) as batch:
        assert batch.stderr is not None
        while not batch.stderr.readline().startswith("2/12"):
            assert batch.poll() is None
        second = finished(command, homed(home, 0.0))
        assert second.returncode == 1 and "another batch" in second.stderr
        batch.kill()
