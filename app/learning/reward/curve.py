"""How a reward gets better with more questions: errors on nested parts, and a power law over them,
n being how many questions a head was fitted to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app.learning.law import law
from app.learning.reward.comparing import TIE
from app.learning.reward.head import FOLDS, Row, best_strength, fit, parted
from app.learning.reward.measuring import SEED, right

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

SHARES = (0.125, 0.25, 0.375, 0.5, 0.75, 1.0)
"""The parts of the questions that heads are fitted to, each within the next."""

LEAST = 5
"""Questions of the smallest part."""

SAMPLES = 300


@dataclass(frozen=True, slots=True)
class Part:
    """Margins of all rows by heads fitted without their questions, each to so many `questions`."""

    questions: int
    margins: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """Accuracies by questions fitted to, each with its 95 % interval; the law's a, b and c; and the
    accuracy that it tells for more questions. Without a law `why` says why there is none."""

    points: tuple[tuple[int, float, float, float], ...]
    law: tuple[float, float, float] | None = None
    ahead: tuple[tuple[int, float, float, float], ...] = ()
    why: str = ""


def parts(rows: Sequence[Row], seed: int, folds: int = FOLDS) -> list[Part]:
    """Fit heads to growing parts of each fold's questions, the last one to all of them. The
    strength of each fold is chosen within what it is fitted to."""
    place = parted(rows, seed, folds)
    margins: dict[float, list[float]] = {share: [0.0] * len(rows) for share in SHARES}
    counts: dict[float, list[int]] = {share: [] for share in SHARES}
    for at in range(folds):
        train = [row for row, one in zip(rows, place, strict=True) if one != at]
        if not train:
            continue
        strength = best_strength(train, seed)
        for share in SHARES:
            some = _some(train, share, seed)
            head = fit(some, strength)
            counts[share].append(len({row.group for row in some}))
            for number, one in enumerate(place):
                if one == at:
                    margins[share][number] = head.margin(rows[number])
    made = {round(float(np.mean(n))): Part(round(float(np.mean(n))), tuple(margins[share]))
            for share, n in counts.items()}  # fmt: skip
    return [made[count] for count in sorted(made)]


def _some(rows: Sequence[Row], share: float, seed: int) -> list[Row]:
    """The rows of the first questions in an order that the seed decides."""
    groups = sorted({row.group for row in rows})
    np.random.default_rng(seed + 1).shuffle(groups)
    kept = set(groups[: max(LEAST, round(share * len(groups)))])
    return [row for row in rows if row.group in kept]


def curve(rows: Sequence[Row], found: Sequence[Part]) -> Curve:
    """Fit the law to what the parts came to on decided rows, and look ahead with it."""
    kept = [at for at, row in enumerate(rows) if row.share != TIE]
    decided = [rows[at] for at in kept]
    wrong = np.array([1 - right(decided, [one.margins[at] for at in kept]) for one in found])
    sizes = np.array([one.questions for one in found], float)
    errors, samples = wrong.mean(axis=1), _samples(decided, wrong)
    low, high = np.quantile(samples, [0.025, 0.975], axis=0)
    points = tuple(
        (int(n), _round(1 - e), _round(1 - h), _round(1 - lo))
        for n, e, lo, h in zip(sizes, errors, low, high, strict=True)
    )
    told = law(sizes, errors, samples, "the accuracy")
    ahead = [(n, _round(1 - e), _round(1 - h), _round(1 - lo)) for n, e, lo, h in told.ahead]
    return Curve(points, told.law, tuple(ahead), told.why)


def _samples(rows: Sequence[Row], wrong: "Numbers") -> "Numbers":
    """Mean errors of each part, shape (SAMPLES, parts), over questions drawn with replacement."""
    _, owner = np.unique([row.group for row in rows], return_inverse=True)
    count = int(owner.max()) + 1
    sums = np.array([np.bincount(owner, one, minlength=count) for one in wrong])
    sizes = np.bincount(owner, minlength=count)
    dice = np.random.default_rng(SEED)
    drawn = dice.integers(0, count, size=(SAMPLES, count))
    return np.asarray(sums[:, drawn].sum(axis=2).T / sizes[drawn].sum(axis=1)[:, None])


def _round(value: float) -> float:
    return round(float(value), 4)
