"""Measures a reward on questions that it was not fitted on, beside rules that need no learning."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app.learning.reward.comparing import TIE
from app.learning.reward.features import LENGTH, failing, supported
from app.learning.reward.head import Row
from retrieval.errors import UserError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

SAMPLES, LEVEL, SEED = 2000, 0.95, 7

USED = "judges, then reward"
REWARD = "reward"
JUDGES = "judges"
CONSTANT = "constant"

Margin = Callable[[Row], float]


def _judges(row: Row) -> float:
    """The order in which best of n ranks without a reward: something is carried, fewest claims
    fail, most are supported."""
    return _failing(row) or supported(row.first) - supported(row.second)


def used(row: Row, margin: float) -> float:
    """Return the margin in the order of best of n where a reward with this margin is in use."""
    return _failing(row) or margin


def _failing(row: Row) -> float:
    """What comes first in either order: something is carried, and fewest claims fail."""
    sides = (row.first, row.second)
    first, second = [(supported(one) > 0.5, -round(failing(one))) for one in sides]
    return float(first > second) - float(first < second)


RULES: Mapping[str, Margin] = {
    "longer wins": lambda row: row.first[LENGTH] - row.second[LENGTH],
    "more supported claims wins": lambda row: supported(row.first) - supported(row.second),
    JUDGES: _judges,
    CONSTANT: lambda row: 0.0,
}
"""What a reward is shown beside; `JUDGES` is the order of best of n without one."""


@dataclass(frozen=True, slots=True)
class Figure:
    """An accuracy with its interval, and by how much `USED` is above it, with its interval."""

    accuracy: float
    low: float
    high: float
    gain: float
    gain_low: float
    gain_high: float


@dataclass(frozen=True, slots=True)
class Measured:
    """How often each way prefers the answer that people prefer.

    `pairs` are the decided comparisons (ties are none), about so many `prompts`; a way that holds
    both answers to be equal is right on half of the pair. `USED` is the order of best of n where a
    reward is in use; `REWARD` is the reward alone. Intervals are of 95 %, by a bootstrap over
    prompts. `length` is the correlation of the differences of reward and of length, and
    `origins` the accuracy of the reward by where comparisons come from, with their number.
    """

    pairs: int
    prompts: int
    rows: Mapping[str, Figure]
    length: float
    origins: Mapping[str, tuple[float, int]]


def measured(rows: Sequence[Row], margins: Sequence[float]) -> Measured:
    """Compare margins of a reward, and the rules, with what people preferred. `UserError` if they
    preferred nothing: where all are ties no order is right or wrong."""
    kept = [(row, m) for row, m in zip(rows, margins, strict=True) if row.share != TIE]
    decided = [row for row, _ in kept]
    if not decided:
        raise UserError(
            f"nothing can be measured: of {len(rows)} comparisons none prefers an answer",
            cure="add comparisons in which one of the two answers is preferred",
        )
    alone = right(decided, [margin for _, margin in kept])
    ours = right(decided, [used(row, margin) for row, margin in kept])
    others = {name: right(decided, [*map(rule, decided)]) for name, rule in RULES.items()}
    ways = {USED: ours, REWARD: alone, **others}
    drawn = _Drawn(decided)
    return Measured(
        len(decided),
        len({row.group for row in decided}),
        {name: _figure(ours, one, drawn) for name, one in ways.items()},
        _along([m for _, m in kept], [RULES["longer wins"](row) for row in decided]),
        _by_origin(decided, alone),
    )


def right(rows: Sequence[Row], margins: Sequence[float]) -> "Numbers":
    """Return for each decided row 1 where the margin has the right sign, 0.5 where it has none."""
    truth = np.array([1.0 if row.share > 0.5 else -1.0 for row in rows])
    return np.asarray((np.sign(np.array(margins, float)) * truth + 1) / 2)


class _Drawn:
    """Prompts drawn anew with replacement, each with all its rows: the means of many samples."""

    def __init__(self, rows: Sequence[Row]) -> None:
        _, self._owner = np.unique([row.group for row in rows], return_inverse=True)
        count = int(self._owner.max()) + 1
        dice = np.random.default_rng(SEED)
        self._times = np.zeros((SAMPLES, count))
        for sample in self._times:
            np.add.at(sample, dice.integers(0, count, count), 1)
        self._sizes = self._times @ np.bincount(self._owner, minlength=count)

    def interval(self, values: "Numbers") -> tuple[float, float]:
        """Return the 95 % interval of the mean of values by row."""
        sums = np.bincount(self._owner, values, minlength=self._times.shape[1])
        tail = (1 - LEVEL) / 2
        low, high = np.quantile(self._times @ sums / self._sizes, [tail, 1 - tail])
        return float(low), float(high)


def _figure(ours: "Numbers", one: "Numbers", drawn: _Drawn) -> Figure:
    spans = (*drawn.interval(one), float((ours - one).mean()), *drawn.interval(ours - one))
    return Figure(*(round(float(value), 4) for value in (one.mean(), *spans)))


def _along(margins: Sequence[float], lengths: Sequence[float]) -> float:
    """The correlation of two differences, through the origin: which side is first means nothing."""
    ours, theirs = np.array(margins, float), np.array(lengths, float)
    power = float(np.sqrt((ours @ ours) * (theirs @ theirs)))
    return round(float(ours @ theirs) / power, 4) if power else 0.0


def _by_origin(rows: Sequence[Row], alone: "Numbers") -> dict[str, tuple[float, int]]:
    found = {}
    for origin in sorted({row.origin for row in rows}):
        inside = alone[[row.origin == origin for row in rows]]
        found[origin] = (round(float(inside.mean()), 4), len(inside))
    return found
