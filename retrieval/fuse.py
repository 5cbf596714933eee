"""Makes one ranking out of several: by their scores, or by their ranks alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Scores = Mapping[int, float]
"""A ranking: the score of each row, best first."""

DENSE = 0.55
"""Share of the cosine in a blended score; the words have the rest."""


@dataclass(frozen=True, slots=True)
class Fused:
    """A row of the fused ranking, its score, and the names of the rankings that held it."""

    row: int
    score: float
    found_by: tuple[str, ...]


def blend(dense: Scores, lexical: Scores) -> list[Fused]:
    """Merge a ranking by cosine and one by BM25, best first: a row scores 0..1.

    A cosine counts by how far it lies from the least of its ranking towards 1, so embedders whose
    cosines are all high are treated like others, and a ranking without anything near counts little;
    BM25 counts as a share of the best score. What one ranking does not hold adds nothing there, and
    if one is empty the other decides alone. Rows with equal scores stand in the order of their
    numbers. Bruch, Gai and Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval" (2023).
    """
    near, told = _nearness(dense), _shares(lexical)
    weight = DENSE if near and told else float(bool(near))
    scores = {
        row: weight * near.get(row, 0.0) + (1 - weight) * told.get(row, 0.0)
        for row in dict.fromkeys((*near, *told))
    }
    return _sorted(scores, {"dense": dense, "lexical": lexical})


def fuse(rankings: Mapping[str, Sequence[int]], *, k: int = 60) -> list[Fused]:
    """Merge rankings of rows, best first: a row scores the sum of 1 / (k + rank), rank from 1.

    Rows with equal scores stand in the order of their numbers. Cormack, Clarke and Buettcher,
    "Reciprocal Rank Fusion outperforms Condorcet and individual rank learning methods" (2009).
    """
    scores: dict[int, float] = {}
    for rows in rankings.values():
        for rank, row in enumerate(rows, start=1):
            scores[row] = scores.get(row, 0.0) + 1.0 / (k + rank)
    return _sorted(scores, {name: dict.fromkeys(rows, 0.0) for name, rows in rankings.items()})


def _nearness(dense: Scores) -> dict[int, float]:
    """Return cosines as shares of the way from the least to 1; a single one as it is."""
    least = min(dense.values(), default=0.0) if len(dense) > 1 else 0.0
    reach = max(1.0 - least, 1e-6)
    return {row: (cosine - least) / reach for row, cosine in dense.items()}


def _shares(lexical: Scores) -> dict[int, float]:
    best = max(lexical.values(), default=0.0)
    return {row: score / best if best > 0 else 0.0 for row, score in lexical.items()}


def _sorted(scores: Scores, held: Mapping[str, Scores]) -> list[Fused]:
    fused = [
        Fused(row, score, tuple(name for name, rows in held.items() if row in rows))
        for row, score in scores.items()
    ]
    return sorted(fused, key=lambda item: (-round(item.score, 12), item.row))
