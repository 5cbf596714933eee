"""Exact search with NumPy: for few vectors and narrow filters, and the judge of all other kinds."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]
"""Which rows may be found, shape (rows,)."""
Found = tuple[NDArray[np.float64], NDArray[np.int64]]
"""Scores and keys, of equal shape, best first along the last axis."""

PLACES: Final = 6
MARGIN: Final = 1e-4
"""More than twice what single precision errs by, over a thousand products that sum up to 1."""
_SCORES: Final = 1 << 22
_COPIED: Final = 1 << 10
"""So many rows fit into a core's cache while they are compared."""
_SPARSE: Final = 3
"""Where a mask lets through less than one row in so many, the rows are worth gathering."""


def candidates(queries: Vectors, vectors: Vectors, k: int, mask: Mask | None) -> Iterator[Rows]:
    """Yield, for each query, rows that surely hold the best `k` which the mask lets through.

    Whatever single precision cannot tell from the k-th is among them, equal vectors above all.
    """
    allowed = len(vectors) if mask is None else int(np.count_nonzero(mask))
    k = min(k, allowed)
    if k < 1:
        yield from (np.empty(0, np.int64) for _ in queries)
        return
    rows = None if mask is None or allowed * _SPARSE > len(vectors) else np.flatnonzero(mask)
    count = len(vectors) if rows is None else allowed
    step = max(1, _SCORES // count)
    for start in range(0, len(queries), step):
        scores = _products(queries[start : start + step], vectors, rows)
        if mask is not None and rows is None:
            scores[:, ~mask] = -np.inf
        kth = np.partition(scores, count - k, axis=1)[:, count - k]
        for line, least in zip(scores, kth - MARGIN, strict=True):
            near = np.flatnonzero(line >= least)
            yield near if rows is None else rows[near]


def scored(query: Vectors, vectors: Vectors, keys: Rows, rows: Rows, k: int) -> Found:
    """Score some rows in double precision, so that all kinds and machines agree; keep `k`."""
    products = vectors[rows].astype(np.float64) @ query.astype(np.float64)
    return best(products, keys[rows], k)


def best(scores: NDArray[np.float64], keys: Rows, k: int) -> Found:
    """Round scores to six decimals and keep the best `k`; equal ones stand in rising key order."""
    rounded = np.round(scores, PLACES)
    order = np.lexsort((keys, -rounded), axis=-1)[..., :k]
    return np.take_along_axis(rounded, order, -1), np.take_along_axis(keys, order, -1)


def _products(queries: Vectors, vectors: Vectors, rows: Rows | None) -> Vectors:
    """Return inner products, shape (m, number of rows); a few rows are copied at a time."""
    if rows is None:
        return np.asarray(queries @ vectors.T)
    scores = np.empty((len(queries), len(rows)), np.float32)
    for start in range(0, len(rows), _COPIED):
        some = rows[start : start + _COPIED]
        scores[:, start : start + len(some)] = queries @ vectors.take(some, axis=0).T
    return scores
