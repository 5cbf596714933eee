"""Rates versions from comparisons of two: Bradley-Terry on the scale of Elo, with intervals.

A difference of d points means that the better one is preferred with the chance 1 / (1 + 10 ** (-d /
400)). Bradley and Terry 1952; Elo's scale is 400 / ln 10 times theirs. The anchor is 0. Every other
version has one even game more against the anchor, so that one that won every game has a rating too.
Intervals are from games drawn anew with replacement, all of one question together (Efron 1979), or
from the curvature of the likelihood where that is wider.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

SCALE = 400 / math.log(10)
SAMPLES, LEVEL, SEED = 400, 0.95, 20_26

_ROUNDS, _NORMAL = 50, 1.96


@dataclass(frozen=True, slots=True)
class Game:
    """Two versions that were compared: 1 the first was better, 0 the second, 0.5 neither. `group`
    is the question."""

    first: str
    second: str
    score: float
    group: str


@dataclass(frozen=True, slots=True)
class Rating:
    """Points above the anchor, their 95 % interval, and how many games they come from."""

    version: str
    points: float
    low: float
    high: float
    games: int


def rate(games: Sequence[Game], anchor: str, samples: int = SAMPLES) -> list[Rating]:
    """Return the ratings of all versions, the best first; none where there are no games."""
    versions = sorted({name for game in games for name in (game.first, game.second)} | {anchor})
    if not games:
        return []
    fields = _Field(games, versions, anchor)
    points = fields.points(np.ones(fields.groups))
    dice = np.random.default_rng(SEED)
    even = np.full(fields.groups, 1 / fields.groups)
    drawn = [fields.points(dice.multinomial(fields.groups, even)) for _ in range(samples)]
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail], axis=0)
    # Games that all went one way are drawn alike each time; the curvature knows that they are few.
    wide = _NORMAL * fields.errors(points)
    low, high = np.minimum(low, points - wide), np.maximum(high, points + wide)
    counts = Counter(name for game in games for name in {game.first, game.second})
    rated = [
        Rating(name, float(points[at]), float(low[at]), float(high[at]), counts[name])
        for at, name in enumerate(versions)
    ]
    return sorted(rated, key=lambda one: (-one.points, one.version))


class _Field:
    """Games as differences of versions (rows of +1 and -1, the anchor's column left out)."""

    def __init__(self, games: Sequence[Game], versions: Sequence[str], anchor: str) -> None:
        at = {name: column for column, name in enumerate(versions)}
        real = [(at[game.first], at[game.second], game.score) for game in games]
        others = [column for name, column in at.items() if name != anchor]
        even = [(column, at[anchor], 0.5) for column in others]
        rows = np.zeros((len(real) + len(even), len(versions)))
        for row, (first, second, _) in enumerate([*real, *even]):
            rows[row, first] += 1
            rows[row, second] -= 1
        self._rows, self._others, self._size = rows[:, others], others, len(versions)
        self._scores = np.array([score for _, _, score in [*real, *even]])
        names = list(dict.fromkeys(game.group for game in games))
        self.groups = len(names)
        self._group = np.array([names.index(game.group) for game in games])
        self._more = len(even)

    def points(self, times: "np.ndarray") -> "np.ndarray":
        """Fit by Newton's method, each question counted so often; points of every version."""
        weigh = np.concatenate([times[self._group], np.ones(self._more)])
        found = np.zeros(len(self._others))
        for _ in range(_ROUNDS):
            chance = 1 / (1 + np.exp(-np.clip(self._rows @ found, -30, 30)))
            slope = self._rows.T @ (weigh * (self._scores - chance))
            bend = (self._rows.T * (weigh * chance * (1 - chance))) @ self._rows
            step = np.clip(np.linalg.solve(bend + 1e-9 * np.eye(len(found)), slope), -2, 2)
            found = found + step
            if len(found) == 0 or np.abs(step).max() < 1e-9:
                break
        points = np.zeros(self._size)
        points[self._others] = SCALE * found
        return points

    def errors(self, points: "np.ndarray") -> "np.ndarray":
        """Return the standard error of the points of every version, from all games counted once."""
        chance = 1 / (1 + np.exp(-(self._rows @ points[self._others]) / SCALE))
        bend = (self._rows.T * (chance * (1 - chance))) @ self._rows
        found = np.zeros(self._size)
        inverse = np.linalg.pinv(bend)
        found[self._others] = SCALE * np.sqrt(np.clip(np.diag(inverse), 0, None))
        return found
