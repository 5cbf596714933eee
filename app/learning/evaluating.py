"""Measures two sides on the same held-out questions, and puts the figures on a candidate's card.

Both sides answer every question; answers are kept one by one as they come, so a measurement that
was killed goes on where it stood. What is measured does not depend on which side comes first.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from app.evaluation.answer_sets import ReadingSet
from app.evaluation.answers import Measured, Record, Scored, drawn, measured
from app.evaluation.planted import NAME as PLANTED
from app.evaluation.planted import obeyed, orders, planted
from app.evaluation.sets import Half
from app.evaluation.summary import summary
from app.evaluation.systems import Means, Shown
from app.learning.candidates import Candidates
from app.learning.figures import Figure, figures, outcomes, shares
from app.learning.releasing import EARLIER, EVALUATIONS
from retrieval.errors import UserError

ANSWERS = "measured"
"""The folder of answers, below the one of models."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two. `key` names all that decides its answers, `common` all that decides those
    of the systems in which what is compared takes no part; `open` gets ready what it works with."""

    name: str
    key: str
    common: str
    open: Callable[[], AbstractContextManager[Means]]


@dataclass(frozen=True, slots=True)
class Task:
    """What both sides are asked: sets without questions that either learned from, how many of each
    at most, and how many planted instructions.

    The first of `systems` is the one that decides; in those in `common` what is compared takes no
    part. `left_out` counts questions that were learned from.
    """

    sets: tuple[ReadingSet, ...]
    questions: int
    attacks: int
    systems: tuple[str, ...]
    common: tuple[str, ...] = ("plain RAG", "quotes only")
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a measurement is: answers of all, and about how many seconds are left; None before
    the first one is there. `what` is the system that answers, or, where one `begins`, the side."""

    done: int
    of: int
    left: float | None
    what: str
    begins: bool = False


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What came out: figures of the first side less the second, and every answer as it scored."""

    names: tuple[str, str]
    figures: dict[str, Figure]
    outcomes: tuple[int, int, int]
    sets: dict[str, tuple[Measured, Measured]]
    attacks: tuple[tuple[bool, ...], tuple[bool, ...]] = field(default=((), ()))


Tell = Callable[[Progress], None]


def evaluate(
    sides: tuple[Side, Side], task: Task, folder: Path, tell: Tell = lambda progress: None
) -> Evaluation:
    """Ask both sides everything that is not in `folder` yet, one side after the other.

    `UserError`: the two are the same, or no question is left that neither learned from.
    """
    if sides[0].key == sides[1].key:
        raise UserError(
            f"{sides[0].name} and {sides[1].name} are the same: there is nothing to compare",
            cure="name two candidates, as vouch learn cards lists them",
        )
    if not any(drawn(given, "report", task.questions) for given in task.sets):
        raise UserError(
            "no question is left that neither side learned from",
            origin="--data",
            cure="name sets or an export that were not learned from",
        )
    clock = _Clock(task, folder, sides, tell)
    found = [_asked(side, task, folder, clock) for side in sides]
    return _compared((sides[0].name, sides[1].name), task, found)


def put(candidates: Candidates, name: str, opponent: str, told: Mapping[str, Any]) -> None:
    """Put an evaluation on a candidate's card. Those before it stay there, so that nobody measures
    until chance is kind and leaves no trace; the newest against an opponent is the one that counts.
    """
    with candidates.changing():
        card = candidates.find(name)
        before = card.figures.get(EVALUATIONS, {})
        new = {**card.figures, EVALUATIONS: {**before, opponent: told}}
        if opponent in before:
            old = {"against": opponent, **before[opponent]}
            new[EARLIER] = [*card.figures.get(EARLIER, ()), old]
        candidates.keep(replace(card, figures=new))


def told_of(result: Evaluation, task: Task, today: str) -> dict[str, Any]:
    """Return an evaluation as values of JSON."""
    rows = {
        name: {
            side: {system: summary(rows) for system, rows in one.systems.items()}
            for side, one in zip(result.names, both, strict=True)
        }
        for name, both in result.sets.items()
    }
    return {
        "on": today,
        "split": "report halves and parts kept aside; questions learned from left out",
        "learned from and left out": task.left_out,
        "decided on": task.systems[0],
        "figures": {name: asdict(one) for name, one in result.figures.items()},
        "outcomes": dict(zip(("better", "worse", "even"), result.outcomes, strict=True)),
        "rows": rows,
    }


@dataclass(slots=True)
class _Answered:
    """What one side did: a set with its systems, and whether each planted order was obeyed."""

    sets: dict[str, Measured]
    obeyed: tuple[bool, ...]


def _asked(side: Side, task: Task, folder: Path, clock: "_Clock") -> _Answered:
    kept = _Kept(side, task, folder, clock)
    every, main = (*task.common, *task.systems), task.systems[:1]
    half: Half = "report"
    sets: dict[str, Measured] = {}
    clock.begin(side.name)
    with side.open() as means:
        for given in task.sets:
            if drawn(given, half, task.questions):
                sets[given.name] = measured(
                    given, half, task.questions, every, means, kept, clock.tell
                )
        measured(planted(task.attacks), half, task.attacks, main, means, kept, clock.tell)
    return _Answered(sets, tuple(_obeyed(kept, main[0], task.attacks)))


def _obeyed(kept: Record, system: str, attacks: int) -> list[bool]:
    found = []
    for order in orders()[:attacks]:
        shown = kept.find(PLANTED, system, order.id)
        assert shown is not None
        found.append(obeyed(order, shown.text))
    return found


def _compared(names: tuple[str, str], task: Task, found: Sequence[_Answered]) -> Evaluation:
    main = task.systems[0]
    first, second = (_rows(one, main) for one in found)
    compared = figures(first, second)
    if task.attacks:
        compared["injection"] = shares(found[0].obeyed, found[1].obeyed)
    sets = {name: (found[0].sets[name], found[1].sets[name]) for name in found[0].sets}
    attacks = (found[0].obeyed, found[1].obeyed)
    return Evaluation(names, compared, outcomes(first, second), sets, attacks)


def _rows(found: _Answered, system: str) -> list[Scored]:
    return [row for one in found.sets.values() for row in one.systems[system]]


def _file(folder: Path, key: str) -> Path:
    return folder / f"{key}.jsonl"


class _Kept(Record):
    """The answers of a side and those that all sides share; tells when one is new."""

    def __init__(self, side: Side, task: Task, folder: Path, clock: "_Clock") -> None:
        super().__init__(_file(folder, side.key))
        self._shared, self._systems = Record(_file(folder, side.common)), task.common
        self._clock = clock

    def find(self, name: str, system: str, id: str) -> Shown | None:
        if system in self._systems:
            return self._shared.find(name, system, id)
        return super().find(name, system, id)

    def keep(self, name: str, system: str, id: str, shown: Shown) -> None:
        if system in self._systems:
            self._shared.keep(name, system, id, shown)
        else:
            super().keep(name, system, id, shown)
        self._clock.made += 1


class _Clock:
    """Counts answers, and from the pace of the new ones how long the rest will take."""

    def __init__(self, task: Task, folder: Path, sides: Sequence[Side], tell: Tell) -> None:
        self._tell, self._of, self._at = tell, 0, 0
        self._begun, self.made = 0.0, 0
        missing: set[tuple[str, str, str, str]] = set()
        for side in sides:
            for key, systems in ((side.common, task.common), (side.key, task.systems)):
                held = Record(_file(folder, key))
                wanted = list(_wanted(task, systems))
                self._of += len(wanted)
                missing |= {(key, *one) for one in wanted if held.find(*one) is None}
        self._missing = len(missing)

    def tell(self, done: int, of: int, system: str) -> None:
        """Say that the next answer is looked up or made."""
        self._tell(Progress(self._at, self._of, self._left(), system))
        self._at += 1

    def begin(self, side: str) -> None:
        """Say that a side is made ready: its model is loaded, and probed if nobody has."""
        self._tell(Progress(self._at, self._of, self._left(), side, begins=True))

    def _left(self) -> float | None:
        self._begun = self._begun or time.monotonic()
        spent = time.monotonic() - self._begun
        return spent / self.made * (self._missing - self.made) if self.made else None


def _wanted(task: Task, systems: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    for given in task.sets:
        for one in drawn(given, "report", task.questions):
            yield from ((given.name, system, one.id) for system in systems)
    if systems == task.systems:
        yield from ((PLANTED, systems[0], order.id) for order in orders()[: task.attacks])
