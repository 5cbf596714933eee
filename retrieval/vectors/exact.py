"""Exact search with NumPy: for few vectors, for narrow filters, and what other kinds stand on."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]
"""Which rows may be found, shape (rows,)."""
Found = tuple[NDArray[np.float64], NDArray[np.int64]]
"""Scores and keys, each (m, k), best first."""

PLACES: Final = 6
MARGIN: Final = 1e-4
"""Sums of single precision over a few thousand products err by less than half of this."""
_SCORES = 1 << 24
_GATHERED = 1 << 12


def candidates(queries: Vectors, vectors: Vectors, k: int, mask: Mask | None) -> Iterator[Rows]:
    """Yield, for each query, rows that surely hold the best `k` of those allowed, and all ties."""
    rows = None if mask is None else np.flatnonzero(mask)
    count = len(vectors) if rows is None else len(rows)
    k = min(k, count)
    step = max(1, _SCORES // max(1, count))
    for start in range(0, len(queries), step):
        scores = _products(queries[start : start + step], vectors, rows)
        least = np.partition(scores, count - k, axis=1)[:, count - k] if k else scores[:, :0]
        for line, cut in zip(scores, least, strict=True):
            near = np.flatnonzero(line >= cut - MARGIN) if k else np.empty(0, np.int64)
            yield near if rows is None else rows[near]


def scored(query: Vectors, vectors: Vectors, keys: Rows, rows: Rows, k: int) -> Found:
    """Return the best `k` of the given rows, in double precision: the same on every machine."""
    exact = vectors[rows].astype(np.float64) @ query.astype(np.float64)
    return best(exact, keys[rows], k)


def best(scores: NDArray[np.float64], keys: Rows, k: int) -> Found:
    """Round scores to six decimals and keep the best `k` of the last axis; ties in rising key."""
    rounded = np.round(scores, PLACES)
    order = np.lexsort((keys, -rounded), axis=-1)[..., :k]
    return np.take_along_axis(rounded, order, -1), np.take_along_axis(keys, order, -1)


def _products(queries: Vectors, vectors: Vectors, rows: Rows | None) -> Vectors:
    """Return the inner products, shape (m, number of rows); few vectors are copied at a time."""
    if rows is None:
        return np.asarray(queries @ vectors.T)
    scores = np.empty((len(queries), len(rows)), np.float32)
    for start in range(0, len(rows), _GATHERED):
        some = rows[start : start + _GATHERED]
        scores[:, start : start + len(some)] = queries @ vectors[some].T
    return scores
