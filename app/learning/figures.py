"""Compares two sides on the same questions: paired figures with their bootstrap intervals.

A figure is a share of sums or the mean of two such shares (balanced accuracy), so that questions
drawn anew with replacement give its interval (Efron 1979), both sides' scores of one together.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from app.evaluation.answers import Scored

SAMPLES = 4_000
LEVEL = 0.95
SEED = 20_26
_AT_ONCE = 500

Column = Callable[["Scored"], float]
Parts = Sequence[tuple[Column, Column]]
"""Of each share what is counted, and of what."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of two sides, the difference first less second and its 95 % interval. `n` counts
    what it is over: questions, claims, pairs or attacks of the first side; of the mean of two
    shares, twice the smaller count."""

    first: float
    second: float
    difference: float
    low: float
    high: float
    n: int


FIGURES: dict[str, Parts] = {
    "right": [(lambda r: r.right and r.answerable, lambda r: r.answerable)],
    "f1": [(lambda r: r.f1 * r.answerable, lambda r: r.answerable)],
    "unsupported": [(lambda r: r.absent, lambda r: r.claims)],
    "declining": [
        (lambda r: r.answerable and not r.declined, lambda r: r.answerable),
        (lambda r: r.declined and not r.answerable, lambda r: not r.answerable),
    ],
}
"""What is compared of answers: gold strings held and token F1 where there is an answer; the share
of claims with a number, date or name that no cited document holds; balanced accuracy of declining.
"""

HIGHER = frozenset({"right", "f1", "declining", "accuracy"})
"""Figures of which more is better; of the others less is."""


def figures(first: Sequence["Scored"], second: Sequence["Scored"]) -> dict[str, Figure]:
    """Return the figures that can be had. Declining needs questions of both kinds."""
    found: dict[str, Figure] = {}
    for name, parts in FIGURES.items():
        sides = [[_sums(rows, *part) for part in parts] for rows in (first, second)]
        if name != "unsupported" and not all(whole.sum() for side in sides for _, whole in side):
            continue
        found[name] = _figure(*sides)
    return found


def shares(
    first: Sequence[float], second: Sequence[float], groups: Sequence[str] | None = None
) -> Figure:
    """Return the figure of two means, paired: of hits, attacks obeyed, pairs ranked rightly.

    `groups` names the question of each; what is about one question is drawn together.
    """
    names = {name: at for at, name in enumerate(dict.fromkeys(groups or ()))}
    of = [names[name] for name in groups] if groups else [*range(len(first))]
    sizes = np.bincount(of).astype(float)
    sums = [np.bincount(of, weights=np.array(side, float)) for side in (first, second)]
    return _figure([(sums[0], sizes)], [(sums[1], sizes)])


def outcomes(first: Sequence["Scored"], second: Sequence["Scored"]) -> tuple[int, int, int]:
    """Count the questions where the first side alone did well, the second alone, and the rest.

    To do well is to answer rightly, or to decline where nothing answers.
    """
    better = [int(_well(a)) - int(_well(b)) for a, b in zip(first, second, strict=True)]
    return better.count(1), better.count(-1), better.count(0)


def _well(row: "Scored") -> bool:
    return row.right if row.answerable else row.declined


Sums = list[tuple["np.ndarray", "np.ndarray"]]


def _sums(rows: Sequence["Scored"], count: Column, of: Column) -> tuple[np.ndarray, np.ndarray]:
    return np.array([count(r) for r in rows], float), np.array([of(r) for r in rows], float)


def _figure(first: Sums, second: Sums) -> Figure:
    count = len(first[0][0])
    dice = np.random.default_rng(SEED)
    drawn: list[np.ndarray] = []
    for _ in range(SAMPLES // _AT_ONCE):
        times = dice.multinomial(count, np.full(count, 1 / count), size=_AT_ONCE)
        drawn.append(_value(first, times) - _value(second, times))
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(np.concatenate(drawn), [tail, 1 - tail])
    once = np.ones((1, count))
    a, b = (float(_value(side, once)[0]) for side in (first, second))
    n = int(len(first) * min(whole.sum() for _, whole in first))
    return Figure(a, b, a - b, float(low), float(high), n)


def _value(parts: Sums, times: np.ndarray) -> np.ndarray:
    """The figure for each row of how often every question was drawn. A share of nothing is 0: of
    no claims none is unsupported."""
    found = np.zeros(len(times))
    for counted, of in parts:
        whole = times @ of
        found += np.divide(times @ counted, whole, out=np.zeros(len(times)), where=whole > 0)
    return found / len(parts)
