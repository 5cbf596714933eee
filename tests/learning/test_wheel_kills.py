"""Learning a reward, measuring and releasing, killed at random moments: nothing is lost, the next
call is whole."""

import os
import random
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from reward_pairs import export, readers, row
from tiny_sides import TASK, Asking

from agents.ports import Scorer
from app.learning.candidates import Candidates, Card
from app.learning.evaluating import Evaluation, evaluate, put, told_of
from app.learning.figures import Figure
from app.learning.releasing import EVALUATIONS, SHIPPED, in_use, release, rollback
from app.learning.reward import head as heads
from app.learning.reward import reading
from app.learning.reward.comparing import Side
from app.learning.reward.features import Features
from app.learning.reward.given import given
from app.learning.reward.learning import Learning, Readers
from app.learning.reward.ranker import opened
from app.learning.reward.tuned import EncoderLearning
from app.learning.reward.tuning import Recipe
from retrieval.errors import UserError

NOW = "2026-11-28T10:00:00"
KILLS = [4, pytest.param(150, marks=pytest.mark.prove)]
LONG = [pytest.mark.prove, pytest.mark.timeout(3000)]
ANSWERS = 6 + 2 * (6 + 3)


def killed(work: Callable[[], object], after: float | None) -> bool:
    """Do the work in a process that is killed after so many seconds, or kills itself; False if it
    had ended."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    if after is not None:
        time.sleep(after)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "the work failed by itself"
    return os.WIFSIGNALED(status)


def dying(work: Callable[[], object], at: int) -> Callable[[], None]:
    """The work of a process that kills itself before it writes through, renames or removes a file
    for the time `at` (from 0)."""
    left = iter(range(at))

    def fatal(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            if next(left, None) is None:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*given, **named)

        return call

    def do() -> None:
        os.fsync = fatal(os.fsync)
        Path.replace = fatal(Path.replace)  # type: ignore[method-assign]
        Path.unlink = fatal(Path.unlink)  # type: ignore[method-assign]
        work()

    return do


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


def files(folder: Path) -> dict[str, bytes]:
    """Every file of a folder by its path in it."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


class Noting:
    """Reads answers, and writes down how many, so that it outlives the process."""

    def __init__(self, path: Path) -> None:
        self._reader, self._note = readers().reader, noting(path)

    @property
    def scorer(self) -> Scorer:
        return self._reader.scorer

    def read(self, sides: Sequence[Side]) -> list[Features]:
        found = self._reader.read(sides)
        for side in sides:
            self._note(side.id)
        return found


def learn(make: Callable[[Path, Readers], Learning | EncoderLearning], models: Path) -> None:
    """Do what the command does: go on with what there is, or nothing where it is learned."""
    read_by = replace(readers(), reader=Noting(models.parent / "read"))  # type: ignore[arg-type]
    made = make(models, read_by)
    if not made.done:
        made.plan()
        for _ in made.run(every=1) if isinstance(made, EncoderLearning) else made.run():
            pass
        made.finish("2026-11-28")


def head(models: Path, read_by: Readers) -> Learning:
    return Learning(models, given([], [models.parent.parent / "pairs"]), read_by, 1)


def encoder(models: Path, read_by: Readers) -> EncoderLearning:
    import torch

    torch.set_num_threads(1)  # Threads of the process that this one was forked from are gone.
    recipe = Recipe(seed=1, steps=4, questions=1, warmup=1)
    return EncoderLearning(models, given([], [models.parent.parent / "pairs"]), read_by, recipe)


@pytest.mark.parametrize(
    ("make", "points", "kills"),
    [
        (head, 8, 4),
        pytest.param(head, 8, 150, marks=LONG),
        pytest.param(encoder, 18, 15, marks=LONG),
    ],
)
def test_a_reward_that_was_killed_is_the_same_in_the_end(
    make: Callable[[Path, Readers], Learning | EncoderLearning],
    points: int,
    kills: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`points` are the steps on the disk at which it may be killed, besides any moment. The seed
    has the first four kills fall on reading, on the head's file, on the card, right after it."""
    monkeypatch.setattr(reading, "PART", 8)
    monkeypatch.setattr(heads, "STRENGTHS", (0.1, 1.0))
    export(tmp_path / "pairs", [row(at) for at in range(44)])
    whole = tmp_path / "whole" / "models"
    whole.parent.mkdir()
    begun = time.monotonic()
    assert not killed(partial(learn, make, whole), None)
    seconds, wanted, every = time.monotonic() - begun, files(whole), lines(whole.parent / "read")
    fate, rounds = partial(_fate, dice=random.Random(13165), seconds=seconds, points=points), 0
    while kills > 0:
        models, rounds = tmp_path / str(rounds) / "models", rounds + 1
        models.parent.mkdir()
        count = _learned(partial(learn, make, models), fate, kills, models, wanted)
        assert files(models) == wanted
        assert lines(models.parent / "read") <= every + 8 * count, "a part is lost to each kill"
        kills -= count


def _learned(
    work: Callable[[], None],
    fate: Callable[..., tuple[Callable[[], None], float | None]],
    most: int,
    models: Path,
    wanted: dict[str, bytes],
) -> int:
    """Learn with kills until it is done; return how often it was killed."""
    count = 0
    while count < most and killed(*fate(work)):
        count += 1
        _whole_or_none(models, wanted)
    assert not killed(work, None)
    return count


def _fate(
    work: Callable[[], None], dice: random.Random, seconds: float, points: int
) -> tuple[Callable[[], None], float | None]:
    """Killed at any moment of what the work takes, or at one of its steps on the disk."""
    if dice.random() < 0.5:
        return work, dice.uniform(0.0, seconds)
    return dying(work, dice.randrange(points)), None


def _whole_or_none(models: Path, wanted: dict[str, bytes]) -> None:
    """What is listed is what an undisturbed run makes, and else nothing is."""
    kept = Candidates(models)
    for card in kept.all():
        opened(kept, card)
        inside = {name: data for name, data in files(models).items() if name in wanted}
        assert inside == wanted
    assert kept.released("reward") is None and not kept.changes("reward")
