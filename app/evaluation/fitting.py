"""Fits logistic weights to named features, every set counting the same."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

RIDGE = 0.003
"""Strength of the penalty on weights of features of unit variance, against the mean loss."""

_ROUNDS = 50


def fitted(
    rows: Sequence[Mapping[str, float]], truth: Sequence[bool], groups: Sequence[str]
) -> dict[str, float]:
    """Return weights by feature, and the "bias", of a logistic regression with a ridge penalty.

    Rows of each group weigh one together, whatever their number. Newton's method; every feature is
    brought to mean zero and variance one first, and the weights are for features as they come.
    """
    names = sorted({name for row in rows for name in row})
    raw = np.array([[row.get(name, 0.0) for name in names] for row in rows], float)
    sizes = Counter(groups)
    weigh = np.array([1 / (sizes[group] * len(sizes)) for group in groups])
    centre = weigh @ raw
    spread = np.sqrt(weigh @ (raw - centre) ** 2)
    spread[spread < 1e-9] = 1.0
    known = np.column_stack([(raw - centre) / spread, np.ones(len(raw))])
    found = _newton(known, np.array(truth, float), weigh)
    scaled = found[:-1] / spread
    bias = float(found[-1] - scaled @ centre)
    return {"bias": bias, **{name: float(one) for name, one in zip(names, scaled, strict=True)}}


def evenly(
    rows: Sequence[Mapping[str, float]],
    truth: Sequence[bool],
    groups: Sequence[str],
    signs: Mapping[str, int],
) -> dict[str, float]:
    """Return weights by which named features, brought to one variance, all count the same, each
    with its sign; only the scale and the "bias" of their sum are fitted, to make it a probability.
    A feature that never changes weighs nothing.

    Such weights predict new data better than fitted ones where these come from few or other data
    (Dawes 1979, The robust beauty of improper linear models).
    """
    sizes = Counter(groups)
    weigh = np.array([1 / (sizes[group] * len(sizes)) for group in groups])
    spreads = {name: _spread(rows, name, weigh) for name in signs}
    plain = {name: signs[name] / one if one > 1e-9 else 0.0 for name, one in spreads.items()}
    sums = [{"sum": sum(plain[n] * row.get(n, 0.0) for n in plain)} for row in rows]
    found = fitted(sums, truth, groups)
    scaled = {name: found["sum"] * weight for name, weight in plain.items()}
    return {"bias": found["bias"], **scaled}


def _spread(rows: Sequence[Mapping[str, float]], name: str, weigh: "Numbers") -> float:
    values = np.array([row.get(name, 0.0) for row in rows])
    return float(np.sqrt(weigh @ (values - weigh @ values) ** 2))


def _newton(known: "Numbers", truth: "Numbers", weigh: "Numbers") -> "Numbers":
    penalty = np.full(known.shape[1], RIDGE)
    penalty[-1] = 0.0
    found = np.zeros(known.shape[1])
    for _ in range(_ROUNDS):
        chance = 1 / (1 + np.exp(-np.clip(known @ found, -30, 30)))
        slope = known.T @ (weigh * (chance - truth)) + penalty * found
        bend = (known.T * (weigh * chance * (1 - chance))) @ known + np.diag(penalty + 1e-9)
        step = np.linalg.solve(bend, slope)
        found = found - step
        if np.abs(step).max() < 1e-8:
            break
    return found
