"""Approximate search among many vectors: FAISS groups them in lists and looks into the nearest."""

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.vectors.exact import Mask, Rows, Vectors
from retrieval.vectors.layout import Lists

TRAINED = 64
"""Vectors a list that k-means is shown; FAISS asks for 39 at least."""

PROBED = (4, 8, 16, 32, 64, 128, 256)
"""Numbers of lists that are tried when an index is built."""

GOAL = 0.97
"""Recall of the ten nearest that the index must reach on the library's own vectors."""

SPARE = 2
"""Lists looked into beyond what that takes: questions lie farther off than passages do."""

SAMPLED = 200
_BLOCK = 65_536
_EXTRA = 32
"""So many more than wanted are looked at in full precision, since 16 bits misplace near ties."""


class ListedVectors:
    """An inverted file of 16-bit vectors (IndexIVFScalarQuantizer), opened from `path`.

    On a GPU where the installed FAISS finds one; a filtered search runs on the CPU all the same,
    since indexes on a GPU cannot select.
    """

    def __init__(self, path: Path, lists: Lists, rows: int) -> None:
        self._faiss = faiss = _faiss()
        self._lists = lists
        # The file is mapped into memory, and the system keeps of it what is used.
        flags = faiss.IO_FLAG_MMAP | faiss.IO_FLAG_READ_ONLY
        self._index = faiss.read_index(str(path), flags)
        if self._index.ntotal != rows or self._index.nlist != lists.count:
            raise ValueError(f"{path.name} holds {self._index.ntotal} vectors, not {rows}")
        self._gpu = _on_gpu(faiss, self._index)

    @property
    def kind(self) -> str:
        """Words for people."""
        where = " on GPU" if self._gpu is not None else ""
        return f"IVF {self._lists.count}, 16 bit, {self._lists.probed} probed{where}"

    def nearest(self, queries: Vectors, k: int, mask: Mask | None, count: int) -> Rows:
        """Return rows, shape (m, at least k), that hold nearly all of the best `k` of those
        allowed, of which there are `count`; -1 where fewer were found."""
        params = self._faiss.SearchParametersIVF(nprobe=self._lists.probed)
        wanted = np.ascontiguousarray(queries, np.float32)
        if mask is None:
            if self._gpu is not None:
                self._gpu.nprobe = self._lists.probed
                return np.asarray(self._gpu.search(wanted, k + _EXTRA)[1])
            return np.asarray(self._index.search(wanted, k + _EXTRA, params=params)[1])
        # The rarer what is allowed, the more lists hold the nearest of it.
        share = max(1.0, len(mask) / max(1, count))
        params.nprobe = min(self._lists.count, math.ceil(self._lists.probed * math.sqrt(share)))
        bits = np.packbits(mask, bitorder="little")
        # The parameters point at the selector, but do not keep it alive.
        selector = self._faiss.IDSelectorBitmap(bits)
        params.sel = selector
        return np.asarray(self._index.search(wanted, k + _EXTRA, params=params)[1])


def build(path: Path, vectors: Vectors, seed: int = 0) -> Lists:
    """Group vectors, shape (n, dimension), unit length, write the index, and measure it."""
    faiss = _faiss()
    count = int(2 ** round(math.log2(4 * math.sqrt(len(vectors)))))
    dimension = vectors.shape[1]
    quantizer = faiss.IndexFlatIP(dimension)
    kind = faiss.ScalarQuantizer.QT_fp16
    index = faiss.IndexIVFScalarQuantizer(
        quantizer, dimension, count, kind, faiss.METRIC_INNER_PRODUCT
    )
    chance = np.random.default_rng(seed)
    shown = np.sort(chance.choice(len(vectors), min(len(vectors), TRAINED * count), replace=False))
    index.cp.niter, index.cp.seed, index.cp.min_points_per_centroid = 8, seed, 1
    index.train(np.asarray(vectors[shown]))
    _fill(index, vectors)
    return _measured(faiss, index, vectors, path, chance)


def extend(before: Path, path: Path, vectors: Vectors, had: int) -> Lists:
    """Add the vectors from row `had` on to the lists of an index, and measure it anew."""
    faiss = _faiss()
    index = faiss.read_index(str(before))
    _fill(index, vectors[had:])
    return _measured(faiss, index, vectors, path, np.random.default_rng(len(vectors)))


def _fill(index: Any, vectors: Vectors) -> None:
    for start in range(0, len(vectors), _BLOCK):
        index.add(np.ascontiguousarray(vectors[start : start + _BLOCK], np.float32))


def _measured(
    faiss: Any, index: Any, vectors: Vectors, path: Path, chance: np.random.Generator
) -> Lists:
    """Find how many lists must be looked into, and write the index."""
    sampled = min(SAMPLED, len(vectors))
    own = np.sort(chance.choice(len(vectors), sampled, replace=False))
    queries = np.ascontiguousarray(vectors[own], np.float32)
    truth = _exact(faiss, queries, vectors, own)
    recall, probed = 0.0, PROBED[-1]
    for probed in PROBED:
        recall = _recall(faiss, index, queries, own, truth, probed)
        if recall >= GOAL:
            break
    probed = min(index.nlist, SPARE * probed)
    recall = _recall(faiss, index, queries, own, truth, probed)
    faiss.write_index(index, str(path))
    return Lists(index.nlist, probed, round(recall, 4), sampled)


def _recall(faiss: Any, index: Any, queries: Vectors, own: Rows, truth: Rows, probed: int) -> float:
    """Return the share of the true ten nearest others that a search finds."""
    params = faiss.SearchParametersIVF(nprobe=probed)
    found = index.search(queries, truth.shape[1] + 1, params=params)[1]
    others = (set(line) - {row} for line, row in zip(found.tolist(), own.tolist(), strict=True))
    pairs = zip(others, truth.tolist(), strict=True)
    return float(np.mean([len(some & set(line)) / len(line) for some, line in pairs]))


def _exact(faiss: Any, queries: Vectors, vectors: Vectors, own: Rows) -> NDArray[np.int64]:
    """Return the ten nearest rows of each query but its own, block by block."""
    k = min(10, len(vectors) - 1)
    best = np.full((len(queries), k), -2, np.float32)
    rows = np.full((len(queries), k), -1, np.int64)
    for start in range(0, len(vectors), _BLOCK):
        scores = queries @ np.asarray(vectors[start : start + _BLOCK]).T
        here = (own >= start) & (own < start + scores.shape[1])
        scores[np.flatnonzero(here), own[here] - start] = -2
        both = np.hstack([best, scores])
        names = np.hstack([rows, np.broadcast_to(np.arange(scores.shape[1]) + start, scores.shape)])
        order = np.argpartition(-both, k - 1, axis=1)[:, :k]
        best = np.take_along_axis(both, order, 1)
        rows = np.take_along_axis(names, order, 1)
    return rows


def _faiss() -> Any:
    """Import FAISS, whose types its Python wrappers do not tell."""
    import faiss

    return faiss


def _on_gpu(faiss: Any, index: Any) -> Any:
    """Return a copy of an index on the first GPU; None where there is none."""
    from retrieval.vectors.faiss import gpus

    return faiss.index_cpu_to_all_gpus(index, ngpu=1) if gpus(faiss) else None
