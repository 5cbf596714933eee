"""Approximate search with FAISS: vectors in lists around centroids, eight bits a number."""

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from retrieval.vectors.exact import Mask, Rows, Vectors, candidates, scored
from retrieval.vectors.layout import Lists

PROBED: Final = 256
SAMPLED: Final = 200
_TRAINED: Final = 30
_ROUNDS: Final = 5
_BLOCK: Final = 2048
_TOP: Final = 10


class Grouped:
    """The lists of one part; rows are found by eight-bit copies of their vectors.

    The file is mapped, not read, so opening takes no time and shares memory with whoever else has
    the same file open.
    """

    def __init__(self, path: Path, rows: int, dimension: int, lists: Lists) -> None:
        self._faiss = faiss = _faiss()
        self._index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        self._rows = rows
        self._lists = lists
        told = (self._index.ntotal, self._index.d, self._index.nlist)
        if told != (rows, dimension, lists.count):
            raise ValueError(f"{path.name} holds {told}, not {(rows, dimension, lists.count)}")

    def candidates(self, queries: Vectors, k: int, mask: Mask | None, count: int) -> Rows:
        """Return rows that likely hold the best `k`, shape (m, more than k), -1 where none is left.

        `count` is how many rows the mask lets through. The fewer, the more lists are searched, so
        that about as many vectors are compared.
        """
        chosen = self._faiss.SearchParametersIVF()
        chosen.nprobe = min(self._lists.count, math.ceil(self._lists.probed * self._rows / count))
        # The parameters point at selector and bits, but do not keep them alive.
        bits = None if mask is None else np.packbits(mask, bitorder="little")
        if bits is not None:
            selector = self._faiss.IDSelectorBitmap(bits)
            chosen.sel = selector
        # Eight bits misplace near ties, so the vectors have the last word on a few more.
        return np.asarray(self._index.search(queries, 2 * k + 8, params=chosen)[1])


def build(path: Path, vectors: Vectors, seed: int = 0) -> Lists:
    """Group vectors, shape (n, dimension), write the lists and measure what they find.

    k-means (Lloyd, on the sphere) runs on a sample. It is NumPy's because the BLAS that comes with
    FAISS may know no recent processor: it was up to seven times slower.
    """
    faiss = _faiss()
    count, dimension = vectors.shape
    lists = round(4 * math.sqrt(count))
    random = np.random.default_rng(seed)
    some = np.sort(random.choice(count, min(count, _TRAINED * lists), replace=False))
    sample = vectors[some]
    centres = _centres(sample, lists, random)
    coarse = faiss.IndexFlatIP(dimension)
    coarse.add(centres)
    index = faiss.IndexIVFScalarQuantizer(
        coarse, dimension, lists, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT, False
    )
    # The centroids are there, so only the range of each number is learned.
    index.train(sample)
    del sample
    for start, block, nearest in _assigned(vectors, centres):
        ids = np.arange(start, start + len(block), dtype=np.int64)
        pointers = (faiss.swig_ptr(array) for array in (block, ids, nearest))
        index.add_core(len(block), *pointers)
    faiss.write_index(index, str(path))
    return _measured(path, vectors, lists, random)


def _centres(sample: Vectors, count: int, random: np.random.Generator) -> Vectors:
    centres = sample[random.choice(len(sample), count, replace=False)]
    for _ in range(_ROUNDS):
        sums, sizes = np.zeros_like(centres), np.zeros(count, np.int64)
        for _, block, nearest in _assigned(sample, centres):
            order = np.argsort(nearest, kind="stable")
            present, first = np.unique(nearest[order], return_index=True)
            sums[present] += np.add.reduceat(block[order], first, axis=0)
            sizes += np.bincount(nearest, minlength=count)
        empty = sizes == 0
        sums[empty] = sample[random.choice(len(sample), np.count_nonzero(empty))]
        centres = sums / np.linalg.norm(sums, axis=1, keepdims=True).clip(1e-12)
    return np.ascontiguousarray(centres)


def _assigned(
    vectors: Vectors, centres: Vectors
) -> Iterator[tuple[int, Vectors, NDArray[np.int64]]]:
    """Yield blocks of vectors with the row of the first, and the nearest centroid of each."""
    for start in range(0, len(vectors), _BLOCK):
        block = np.ascontiguousarray(vectors[start : start + _BLOCK])
        yield start, block, (block @ centres.T).argmax(axis=1)


def _measured(path: Path, vectors: Vectors, lists: int, random: np.random.Generator) -> Lists:
    """Look for the ten nearest of points halfway between two vectors, these two left out.

    A vector itself is too easy a question: it lies amid its list. Points halfway are about as far
    from everything, and found as well, as the vectors of real questions (docs/benchmarks.md).
    """
    sampled = min(SAMPLED, len(vectors) // 2)
    told = Lists(lists, min(lists, PROBED), 0.0, sampled)
    ends = random.choice(len(vectors), (sampled, 2), replace=False)
    middle = vectors[ends].sum(axis=1)
    middle /= np.linalg.norm(middle, axis=1, keepdims=True).clip(1e-12)
    wanted = _TOP + ends.shape[1]
    grouped = Grouped(path, len(vectors), vectors.shape[1], told)
    guessed = grouped.candidates(middle, wanted, None, len(vectors))
    found = true = 0
    for query, pair, guess, near in zip(
        middle, ends, guessed, candidates(middle, vectors, wanted, None), strict=True
    ):
        best, sure = (_nearest(query, vectors, rows, pair) for rows in (guess[guess >= 0], near))
        found += len(np.intersect1d(best, sure))
        true += len(sure)
    return replace(told, recall=round(found / true, 4))


def _nearest(query: Vectors, vectors: Vectors, rows: Rows, without: Rows) -> Rows:
    others = np.setdiff1d(rows, without)
    # The rows stand in for keys.
    every = np.arange(len(vectors))
    return scored(query, vectors, every, others, _TOP)[1]


def _faiss() -> Any:
    """Import FAISS, whose wrappers do not tell the types of what they read."""
    import faiss

    return faiss
