"""Logistic regression, and the figures of a probability: AUROC, AURC, ECE, Brier, reliability."""

from collections import Counter
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from agents.asked import LENIENT

Floats = NDArray[np.float64]
ROUNDS = 30
RAW, RAW_WORDS = 1.0, 0.29
"""The raw limits: on a quote's share of words and 1.8 times a cosine, and on the share alone."""

BINS = 10
SEARCHED = ("score gap", "cosine gap", "best quoted", "cosine", "top cosine", "sentence", "wider",
            "sentence gap")  # fmt: skip
"""Features that need an embedder which reads the question, or the scores of a library."""


HEAD = (
    "| set, report half | runs | AURC: probability / raw limits / retrieval score "
    "| balanced accuracy, same order | default: answerable lost | right quotes lost "
    "| unanswerable declined | raw limits: answerable lost, unanswerable declined |"
)


class Described(Protocol):
    """A run as `answerable.Row` has it."""

    @property
    def name(self) -> str: ...
    @property
    def tune(self) -> bool: ...
    @property
    def answerable(self) -> bool: ...
    @property
    def held(self) -> bool: ...
    @property
    def features(self) -> dict[str, float]: ...
    @property
    def today(self) -> float: ...
    @property
    def cosine(self) -> float: ...


def names(some: Sequence[Described]) -> list[str]:
    """The features that vary, by name, in order."""
    every = dict.fromkeys(name for row in some for name in row.features)
    return [n for n in every if len({row.features.get(n, 0.0) for row in some}) > 1]


def worded(names: Sequence[str]) -> list[str]:
    """Those of the features that need words alone."""
    return [name for name in names if name not in SEARCHED]


def weighed(names: Sequence[str]) -> Floats:
    """A weight for each run so that every set counts alike; their mean is 1."""
    counts = Counter(names)
    return np.array([len(names) / (len(counts) * counts[name]) for name in names])


def logistic(
    some: Sequence[Described], names: Sequence[str], penalty: float, weights: Floats
) -> dict[str, float]:
    """Fit `held` by Newton's method, features in units of their deviation, with an L2 penalty."""
    x = np.array([[row.features.get(name, 0.0) for name in names] for row in some])
    y = np.array([float(row.held) for row in some])
    mean, deviation = x.mean(0), x.std(0) + 1e-9
    z = np.hstack([np.ones((len(x), 1)), (x - mean) / deviation])
    ridge = np.diag([0.0, *[penalty] * len(names)])
    beta = np.zeros(z.shape[1])
    for _ in range(ROUNDS):
        p = 1 / (1 + np.exp(-(z @ beta)))
        gradient = z.T @ (weights * (p - y)) + ridge @ beta
        curve = (z * (weights * p * (1 - p) + 1e-9)[:, None]).T @ z + ridge
        beta = beta - np.linalg.solve(curve, gradient)
    raw = beta[1:] / deviation
    bias = float(beta[0] - raw @ mean)
    return {"bias": bias, **dict(zip(names, map(float, raw), strict=True))}


def probabilities(weights: dict[str, float], some: Sequence[Described]) -> Floats:
    """The probability of each run."""
    scores = [
        weights["bias"] + sum(weights.get(n, 0.0) * v for n, v in row.features.items())
        for row in some
    ]
    return 1 / (1 + np.exp(-np.array(scores)))


def auroc(score: Floats, truth: Floats) -> float:
    """The chance that a true one scores above a false one, ties counting half."""
    good, bad = score[truth > 0], score[truth == 0]
    if not len(good) or not len(bad):
        return float("nan")
    above = (good[:, None] > bad[None, :]).mean() + 0.5 * (good[:, None] == bad[None, :]).mean()
    return float(above)


def aurc(score: Floats, truth: Floats) -> float:
    """The mean risk over all coverages, most confident first (Geifman and El-Yaniv 2017)."""
    order = np.argsort(-score, kind="stable")
    wrong = 1 - truth[order]
    return float((np.cumsum(wrong) / np.arange(1, len(wrong) + 1)).mean())


def balanced(score: Floats, truth: Floats, threshold: float) -> float:
    """The mean of the shares of answerable ones answered and of unanswerable ones declined."""
    kept = score >= threshold
    return float((kept[truth > 0].mean() + (~kept)[truth == 0].mean()) / 2)


def best_threshold(score: Floats, truth: Floats) -> float:
    """The threshold of the best balanced accuracy."""
    choice = np.unique(score)
    return float(max(choice, key=lambda one: balanced(score, truth, float(one))))


def calibration(p: Floats, truth: Floats) -> list[tuple[int, float, float]]:
    """Runs, mean probability and share of true ones of each tenth that has any."""
    tenth = np.minimum((p * BINS).astype(int), BINS - 1)
    bins = [tenth == number for number in range(BINS)]
    return [(int(b.sum()), float(p[b].mean()), float(truth[b].mean())) for b in bins if b.any()]


def ece(p: Floats, truth: Floats) -> float:
    """The expected calibration error over tenths (Guo et al. 2017)."""
    return sum(n * abs(said - was) for n, said, was in calibration(p, truth)) / len(p)


def tables(some: Sequence[Described], p: Floats, read: bool) -> None:
    """Print declining per set, then the probability's own figures, on the report halves."""
    print(HEAD)
    print("|---" * HEAD.count(" | ") + "|---|")
    held = np.array([float(row.held) for row in some])
    can = np.array([float(row.answerable) for row in some])
    today = np.array([row.today for row in some])
    cosine = np.array([row.cosine for row in some])
    tune = np.array([row.tune for row in some])
    names = np.array([row.name for row in some])
    for name in dict.fromkeys(names):
        a, b = (names == name) & tune, (names == name) & ~tune
        if a.any() and b.any():
            _row(str(name), a, b, p, today, cosine, can, held, read)
    b = ~tune
    brier = ((p[b] - held[b]) ** 2).mean()
    print(
        f"\nProbability that the quotes hold the answer, report halves together ({b.sum()} runs, "
        f"{held[b].mean():.2f} hold it): AUROC {auroc(p[b], held[b]):.3f}, Brier {brier:.3f}, "
        f"ECE {ece(p[b], held[b]):.3f}.\n"
    )
    print("| runs | said | was |\n|---|---|---|")
    for n, said, was in calibration(p[b], held[b]):
        print(f"| {n} | {said:.2f} | {was:.2f} |")


def _row(
    name: str, a: NDArray[np.bool_], b: NDArray[np.bool_], p: Floats, today: Floats,
    cosine: Floats, can: Floats, held: Floats, read: bool,
) -> None:  # fmt: skip
    scores = (p, today, cosine)
    risks = " / ".join(f"{aurc(s[b], can[b]):.3f}" for s in scores)
    shares = " / ".join(
        f"{balanced(s[b], can[b], best_threshold(s[a], can[a])):.3f}" for s in scores
    )
    limit = RAW if read else RAW_WORDS
    low, old = p < LENIENT, today < limit
    cells = (
        f"{low[b & (can > 0)].mean():.3f}", f"{low[b & (held > 0)].mean():.3f}",
        f"{low[b & (can == 0)].mean():.3f}",
        f"{old[b & (can > 0)].mean():.3f}, {old[b & (can == 0)].mean():.3f}",
    )  # fmt: skip
    print(f"| {name} | {b.sum()} | {risks} | {shares} | {' | '.join(cells)} |")
