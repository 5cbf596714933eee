"""Weighs containment, overlap, cosine and a verifier's reading to one calibrated probability."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agents.check.case import Case

Features = dict[str, float]

EDGE = 0.001
"""Probabilities are kept this far from 0 and 1, so that their odds stay finite."""


@dataclass(frozen=True, slots=True)
class Chances:
    """The probabilities of the three rulings; they sum to one."""

    supported: float
    contradicted: float
    unsupported: float


@dataclass(frozen=True, slots=True)
class Blend:
    """Two logistic scores over named features, `support` and, among claims that are not supported,
    `contradiction`. A feature without a weight counts nothing; "bias" is the constant."""

    support: Mapping[str, float]
    contradiction: Mapping[str, float]

    def chances(self, found: Features) -> Chances:
        supported = _logistic(self.support, found)
        against = (1 - supported) * _logistic(self.contradiction, found)
        return Chances(supported, against, 1 - supported - against)


def features(
    case: Case, similarities: Sequence[float], entailments: Sequence[tuple[float, float]]
) -> Features:
    """Return what the probabilities are worked out from; no entailments leave theirs out.

    Shares and cosines as they are, odds as logarithms, missing facts up to two.
    """
    found = {
        "overlap": case.overlap,
        "cosine": max(similarities, default=0.0),
        "missing": float(min(2, len(case.missing))),
    }
    if entailments:
        found["carried"] = _odds(max(carried for carried, _ in entailments))
        found["denied"] = max(map(_denied, entailments))
    return found


def _denied(chances: tuple[float, float]) -> float:
    """The odds that what is not carried is contradicted."""
    carried, against = chances
    return _odds(against / max(EDGE, 1 - carried))


def _odds(chance: float) -> float:
    chance = min(1 - EDGE, max(EDGE, chance))
    return math.log(chance / (1 - chance))


def _logistic(weights: Mapping[str, float], found: Features) -> float:
    score = weights.get("bias", 0.0)
    score += sum(weights.get(name, 0.0) * value for name, value in found.items())
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))
