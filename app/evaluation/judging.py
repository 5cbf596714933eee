"""Measures of a judge of claims: how it ranks, how it rules, how sure it says it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Flags = NDArray[np.bool_]

SAMPLES, LEVEL, SEED = 2000, 0.95, 7
BINS = 10


@dataclass(frozen=True, slots=True)
class Figures:
    """AUROC of the score for support; and of the ruling "not supported": balanced accuracy,
    precision, recall and F1. 0 where a figure is not defined."""

    auroc: float
    balanced: float
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Shown:
    """Whether the confidence shown is right: expected calibration error, Brier score and AUROC of
    the confidence for the ruling being right; and in each bin of confidence its lower end, how many
    rulings, their mean confidence, and the share of right ones."""

    ece: float
    brier: float
    auroc: float
    bins: tuple[tuple[float, int, float, float], ...]


def figures(truth: Sequence[bool], scores: Sequence[float], kept: Sequence[bool]) -> Figures:
    """Compare scores and rulings (`kept`: supported) with the labels."""
    good, held = np.array(truth, bool), np.array(kept, bool)
    caught = int((~good & ~held).sum())
    recall = _share(caught, int((~good).sum()))
    right = _share(int((good & held).sum()), int(good.sum()))
    precision = _share(caught, int((~held).sum()))
    both = precision + recall
    f1 = 2 * precision * recall / both if both else 0.0
    return Figures(auroc(good, np.array(scores)), (recall + right) / 2, precision, recall, f1)


def auroc(truth: "Flags", scores: "Numbers") -> float:
    """Return the chance that a true one scores above a false one, ties counting half; 0.5 where
    there are none of a kind."""
    if truth.all() or not truth.any():
        return 0.5
    order = np.sort(scores)
    ranks = (np.searchsorted(order, scores, "left") + np.searchsorted(order, scores, "right")) / 2
    good, bad = int(truth.sum()), int((~truth).sum())
    return float((ranks[truth].sum() - good * good / 2) / (good * bad))


def best_limit(groups: Sequence[tuple[Sequence[bool], Sequence[float]]]) -> float:
    """Return the limit of a score with the best balanced accuracy, its mean over the groups."""
    every = np.concatenate([np.array(scores, float) for _, scores in groups])
    tried = np.unique(np.quantile(every, np.linspace(0.01, 0.99, 99)))
    return float(max(tried, key=lambda limit: _mean_balanced(groups, limit)))


def _mean_balanced(groups: Sequence[tuple[Sequence[bool], Sequence[float]]], limit: float) -> float:
    found = []
    for truth, scores in groups:
        held = [score >= limit for score in scores]
        found.append(figures(truth, [0.0] * len(held), held).balanced)
    return float(np.mean(found))


def gained(
    truth: Sequence[bool],
    scores: Sequence[float],
    others: Sequence[float],
    documents: Sequence[str],
) -> tuple[float, float, float]:
    """Return how much AUROC scores have above others, and the 95 % interval of that: a paired
    bootstrap over documents, each drawn with all its claims."""
    good, ours, theirs = np.array(truth, bool), np.array(scores), np.array(others)

    def gain(rows: "NDArray[np.int64]") -> float:
        return auroc(good[rows], ours[rows]) - auroc(good[rows], theirs[rows])

    _, owner = np.unique(np.array(documents), return_inverse=True)
    rows = [np.flatnonzero(owner == one) for one in range(int(owner.max()) + 1)]
    low, high = _interval(gain, rows)
    return gain(np.arange(len(good))), low, high


def _interval(
    gain: "Callable[[NDArray[np.int64]], float]", rows: "list[NDArray[np.int64]]"
) -> tuple[float, float]:
    dice = np.random.default_rng(SEED)
    drawn = (dice.integers(0, len(rows), len(rows)) for _ in range(SAMPLES))
    found = [gain(np.concatenate([rows[one] for one in each])) for each in drawn]
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(found, [tail, 1 - tail])
    return float(low), float(high)


def shown(right: Sequence[bool], confidences: Sequence[float]) -> Shown:
    """Measure the confidence of rulings that were right or not."""
    good, sure = np.array(right, bool), np.array(confidences, float)
    place = np.minimum((sure * BINS).astype(int), BINS - 1)
    bins = []
    for one in range(BINS):
        here = place == one
        if here.any():
            told = float(sure[here].mean()), float(good[here].mean())
            bins.append((one / BINS, int(here.sum()), *told))
    ece = sum(count * abs(said - was) for _, count, said, was in bins) / len(good)
    brier = float(((sure - good) ** 2).mean())
    return Shown(ece, brier, auroc(good, sure), tuple(bins))


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
