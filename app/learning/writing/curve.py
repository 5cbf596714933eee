"""How the loss of examples fell as one pass over them went on, and a law over it.

An example of the first pass is scored before anything is learned from it, as in prequential
validation (Dawid 1984). It costs nothing and needs no example put aside, but what was met before
may have been about the same question or article, so the loss is lower than on strangers. Only
steps at the whole rate count. Where a training goes on from another adapter, or is one of pairs,
there is no curve.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite

import numpy as np

from app.learning.law import law

PARTS = 6
"""Stretches of the first pass, each about as long as all before it together."""

LEAST = 8
"""Steps of one stretch at least."""

SAMPLES, SEED = 300, 2026


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the first pass: its batch's kind and mean loss (nats a token), how many examples of
    all kinds had been learned from before it, and how many with it."""

    kind: str
    loss: float
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Curve:
    """Losses by examples learned from, each with its 95 % interval, of the `kind` that is met most
    often; the law's a, b and c; and the loss that it tells for more examples. Without a law `why`
    says why there is none."""

    kind: str
    points: tuple[tuple[int, float, float, float], ...]
    law: tuple[float, float, float] | None
    ahead: tuple[tuple[int, float, float, float], ...]
    why: str


def curve(steps: Sequence[Step]) -> Curve:
    """Return the curve of the steps of a first pass, at least one."""
    (kind, _), *_ = Counter(step.kind for step in steps).most_common()
    if not all(isfinite(step.loss) for step in steps):
        return Curve(kind, (), None, (), "a loss is not finite: the training did not go well")
    parts = _parts([step for step in steps if step.kind == kind])
    sizes = np.array([np.mean([step.before for step in part]) for part in parts])
    losses = [np.array([step.loss for step in part]) for part in parts]
    dice = np.random.default_rng(SEED)
    drawn = [dice.choice(one, (SAMPLES, len(one))).mean(axis=1) for one in losses]
    samples, errors = np.stack(drawn, axis=1), np.array([one.mean() for one in losses])
    low, high = np.quantile(samples, [0.025, 0.975], axis=0)
    points = tuple(
        (round(float(n)), *(round(float(e), 4) for e in three))
        for n, *three in zip(sizes, errors, low, high, strict=True)
    )
    found = law(sizes, errors, samples, "the loss", steps[-1].after)
    return Curve(kind, points, found.law, found.ahead, found.why)  # type: ignore[arg-type]


def _parts(steps: Sequence[Step]) -> list[Sequence[Step]]:
    """Stretches, each about as long as all before it, none of fewer than `LEAST` steps."""
    cuts = [0]
    for halved in range(PARTS - 1, -1, -1):
        cut = len(steps) >> halved
        if cut - cuts[-1] >= LEAST or not halved:
            cuts.append(cut)
    return [steps[start:end] for start, end in pairwise(cuts)]
