"""A Bradley-Terry head: a linear reward of features, fitted to comparisons beside their length.

The chance that one answer is preferred to another is the logistic of the difference of their
rewards (Bradley and Terry 1952; Stiennon et al. 2020, equation 1). A tie counts as half a win for
each. All comparisons of one question weigh one together, and are fitted at once, as InstructGPT
has all pairs of a prompt in one batch element, weighed by 1 / C(K, 2) (Ouyang et al. 2022, section
3.4): pairs of one prompt are no independent samples.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from app.learning.reward.comparing import TIE
from app.learning.reward.features import LENGTH, Features

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

STRENGTHS: tuple[float, ...] = tuple(float(f"{10**power:.3g}") for power in np.arange(-3, 1.6, 0.5))
"""Strengths of regularisation that are tried, against the mean loss of a question."""

LENGTH_SHARE = 0.01
"""The strength that holds down the weight of length, as a share of that of the others: length is to
take up what it can explain, so that no feature that goes along with it earns that."""

FOLDS = 5

_ROUNDS = 60


@dataclass(frozen=True, slots=True)
class Row:
    """Two answers as features, the chance that the first is preferred, and their question."""

    group: str
    first: Features
    second: Features
    share: float
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """Weights by feature, and `means` that stand in for what is not known of an answer.

    `dropped` is the weight that the logarithm of the number of words earned beside them when the
    head was fitted, which no answer is given.
    """

    weights: Mapping[str, float]
    means: Mapping[str, float]
    dropped: float
    strength: float

    def score(self, found: Mapping[str, float]) -> float:
        """Return the reward of an answer; only differences of rewards mean anything."""
        return sum(
            weight * (found.get(name, self.means[name]) - self.means[name])
            for name, weight in self.weights.items()
        )

    def margin(self, row: Row) -> float:
        """Return by how much the first answer of two is ahead."""
        return self.score(row.first) - self.score(row.second)


def fit(rows: Sequence[Row], strength: float) -> Head:
    """Fit a head of this strength of regularisation.

    Length control: the difference of the logarithms of the lengths is fitted beside the features
    and then dropped, so that they earn what they tell of two answers of one length (as AlpacaEval 2
    does with its judges: Dubois et al. 2024, 2404.04475). To take the features' own parts that go
    along with length out as well makes a reward that lengths rule wherever they differ more than in
    what it was fitted to.
    """
    return _fitted(_Differences(rows), strength)


def _fitted(known: "_Differences", strength: float) -> Head:
    weights = _newton(known.scaled, known.shares, known.weigh, strength)
    plain = weights / known.spread
    return Head(
        dict(zip(known.names, map(float, plain[:-1]), strict=True)),
        known.means,
        float(plain[-1]),
        strength,
    )


def best_strength(rows: Sequence[Row], seed: int, folds: int = FOLDS) -> float:
    """Return the strength with the least loss on questions that were left out, each fold once."""
    parts = parted(rows, seed, folds)
    losses = dict.fromkeys(STRENGTHS, 0.0)
    for at in range(folds):
        train = [row for row, part in zip(rows, parts, strict=True) if part != at]
        test = [row for row, part in zip(rows, parts, strict=True) if part == at]
        if train and test:
            known = _Differences(train)
            for strength in STRENGTHS:
                losses[strength] += _loss(_fitted(known, strength), test)
    return min(STRENGTHS, key=lambda strength: (losses[strength], -strength))


def parted(rows: Sequence[Row], seed: int, folds: int = FOLDS) -> list[int]:
    """Return the fold of each row: questions are dealt out as a seed says, never pairs.

    Those with a decided pair are dealt first, so every fold has its share of them, and each can be
    measured: a tie tells no order right or wrong.
    """
    decided = {row.group for row in rows if row.share != TIE}
    groups = [sorted(decided), sorted({row.group for row in rows} - decided)]
    dice = np.random.default_rng(seed)
    for some in groups:
        dice.shuffle(some)
    place = {group: at % folds for at, group in enumerate(chain(*groups))}
    return [place[row.group] for row in rows]


def _loss(head: Head, rows: Sequence[Row]) -> float:
    """The sum over questions of the mean loss of their comparisons."""
    sizes = Counter(row.group for row in rows)
    margins = np.array([head.margin(row) for row in rows])
    shares = np.array([row.share for row in rows])
    each = np.logaddexp(0, margins) - shares * margins
    return float(each @ np.array([1 / sizes[row.group] for row in rows]))


class _Differences:
    """The differences of the features of comparisons, shape (rows, features), brought to one
    spread; the last column is length."""

    def __init__(self, rows: Sequence[Row]) -> None:
        sides = [side for row in rows for side in (row.first, row.second)]
        self.names = sorted({name for side in sides for name in side} - {LENGTH})
        self.means = {name: _mean(sides, name) for name in self.names}
        sizes = Counter(row.group for row in rows)
        self.weigh = np.array([1 / (sizes[row.group] * len(sizes)) for row in rows])
        self.shares = np.array([row.share for row in rows])
        length = [row.first[LENGTH] - row.second[LENGTH] for row in rows]
        raw = np.column_stack([self._taken(rows, "first") - self._taken(rows, "second"), length])
        self.spread = np.sqrt(self.weigh @ raw**2)
        self.spread[self.spread < 1e-9] = np.inf
        self.scaled = raw / self.spread

    def _taken(self, rows: Sequence[Row], side: str) -> "Numbers":
        found = [getattr(row, side) for row in rows]
        return np.array([[one.get(n, self.means[n]) for n in self.names] for one in found], float)


def _mean(sides: Sequence[Features], name: str) -> float:
    return float(np.mean([side[name] for side in sides if name in side]))


def _newton(known: "Numbers", shares: "Numbers", weigh: "Numbers", strength: float) -> "Numbers":
    """Minimise the weighed logistic loss of soft targets with a ridge penalty, by Newton's method.

    The step is halved while it does not lower the loss, so it settles also where all is separable.
    """
    ridge = np.full(known.shape[1], strength)
    ridge[-1] *= LENGTH_SHARE

    def loss(weights: "Numbers") -> float:
        margins = known @ weights
        said = weigh @ (np.logaddexp(0, margins) - shares * margins)
        return float(said + ridge @ weights**2 / 2)

    found = np.zeros(known.shape[1])
    for _ in range(_ROUNDS):
        chance = 1 / (1 + np.exp(-np.clip(known @ found, -30, 30)))
        slope = known.T @ (weigh * (chance - shares)) + ridge * found
        bend = (known.T * (weigh * chance * (1 - chance))) @ known
        step = np.linalg.solve(bend + np.diag(ridge), slope)
        size = 1.0
        while size > 1e-6 and loss(found - size * step) > loss(found):
            size /= 2
        found = found - size * step
        if np.abs(size * step).max() < 1e-8:
            break
    return found
