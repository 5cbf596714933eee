"""Measuring and releasing, killed at random moments: nothing is lost, the next call is whole."""

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tiny_sides import TASK, Asking

from app.learning.candidates import Candidates, Card
from app.learning.evaluating import Evaluation, evaluate, put, told_of
from app.learning.figures import Figure
from app.learning.releasing import EVALUATIONS, SHIPPED, in_use, release, rollback
from retrieval.errors import UserError

NOW = "2026-11-28T10:00:00"
KILLS = [4, pytest.param(150, marks=pytest.mark.prove)]
ANSWERS = 6 + 2 * (6 + 3)


def killed(work: Callable[[], None], after: float) -> bool:
    """Do the work in a process that is killed after so many seconds; False if it had ended."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def noting(path: Path) -> Callable[..., None]:
    """Return who writes down that something was done, so that it outlives the process."""

    def note(*told: str) -> None:
        with path.open("a") as file:
            file.write(f"{' '.join(told)}\n")
        time.sleep(0.004)

    return note


def lines(path: Path) -> int:
    return len(path.read_text().splitlines()) if path.exists() else 0


@pytest.mark.parametrize("kills", KILLS)
def test_a_measurement_goes_on_where_it_was_killed(
    kills: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice = random.Random(5)
    rounds = 0
    while kills > 0:
        rounds += 1
        place = tmp_path / str(rounds)
        kills -= _measured(place, monkeypatch, dice, kills)
    assert rounds >= 1


def _measured(place: Path, monkeypatch: pytest.MonkeyPatch, dice: random.Random, most: int) -> int:
    """Measure with kills until it is done; return how often it was killed."""
    place.mkdir()
    asking = Asking(monkeypatch, noting(place / "asked"))
    sides = asking.side("good", "Clara Voss"), asking.side("bad", "Merula")
    kept = Candidates(place)
    kept.keep(Card("good", "write", "base", "2026-11-28", 1, figures={"own": 1}))

    def work() -> Evaluation:
        found = evaluate(sides, TASK, place / "answers")
        put(kept, *found.names, told_of(found, TASK, "2026-11-28"))
        return found

    count = 0
    while count < most and killed(lambda: work() and None, dice.uniform(0.02, 0.25)):
        count += 1
        assert kept.find("good").figures["own"] == 1
    found = work()
    assert lines(place / "asked") <= ANSWERS + count, "at most one answer is lost to each kill"
    assert found.figures["right"].first == 1.0 and found.figures["right"].n == 3
    told = kept.find("good").figures[EVALUATIONS]["bad"]
    assert told["outcomes"] == {"better": 3, "worse": 0, "even": 3}
    return count


@pytest.mark.parametrize("kills", KILLS)
def test_a_release_is_whole_or_was_not(kills: int, tmp_path: Path) -> None:
    dice = random.Random(6)
    kept, done = Candidates(tmp_path), tmp_path / "done"
    good = Figure(0.6, 0.5, 0.1, 0.05, 0.15, 100)
    even = Figure(0.1, 0.1, 0.0, -0.01, 0.01, 100)
    figures = {"f1": good, "unsupported": even, "declining": even, "injection": even}
    told = {"figures": {name: _values(one) for name, one in figures.items()}}
    kept.keep(Card("a", "write", "base", "2026", 1, figures={EVALUATIONS: {SHIPPED: told}}))
    note = noting(done)

    def work() -> None:
        while True:
            if in_use(kept, "write") == SHIPPED:
                release(kept, "a", NOW)
            else:
                rollback(kept, "write", NOW)
            note("changed")

    before = 0
    for _ in range(kills):
        assert killed(work, dice.uniform(0.0, 0.08))
        changes = kept.changes("write")
        made = len(changes) - before
        assert lines(done) <= made <= lines(done) + 1, "what was said to be done is done"
        assert [one.name for one in changes] == ["a", ""] * (len(changes) // 2) + ["a"] * (
            len(changes) % 2
        )
        assert kept.find("a").figures[EVALUATIONS][SHIPPED]["figures"] == told["figures"]
        done.unlink(missing_ok=True)
        before = len(changes)
    with pytest.raises(UserError, match="in use"):
        release(kept, "a", NOW) if in_use(kept, "write") == "a" else rollback(kept, "write", NOW)


def _values(one: Figure) -> dict[str, float]:
    names = ("first", "second", "difference", "low", "high", "n")
    return {name: getattr(one, name) for name in names}
