"""Reciprocal-rank fusion: one ranking out of several, by ranks alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fused:
    """A row of the fused ranking, its score, and the names of the rankings that held it."""

    row: int
    score: float
    found_by: tuple[str, ...]


def fuse(rankings: Mapping[str, Sequence[int]], *, k: int = 60) -> list[Fused]:
    """Merge rankings of rows, best first: a row scores the sum of 1 / (k + rank), rank from 1.

    Rows with equal scores stand in the order of their numbers. Cormack, Clarke and Buettcher,
    "Reciprocal Rank Fusion outperforms Condorcet and individual rank learning methods" (2009).
    """
    scores: dict[int, float] = {}
    names: dict[int, tuple[str, ...]] = {}
    for name, rows in rankings.items():
        for rank, row in enumerate(rows, start=1):
            scores[row] = scores.get(row, 0.0) + 1.0 / (k + rank)
            names[row] = (*names.get(row, ()), name)
    fused = [Fused(row, score, names[row]) for row, score in scores.items()]
    return sorted(fused, key=lambda item: (-round(item.score, 12), item.row))
