"""Exact search on a GPU, where the installed FAISS sees one."""

import importlib.util
import math
import threading
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from retrieval.vectors.exact import MARGIN, Mask, Rows, Vectors
from retrieval.vectors.part import NARROW, OpenPart

LIMIT: Final = 2048
"""An index on a GPU returns no more than this for one query."""
_SPARE: Final = 8
_BLOCK: Final = 1 << 16
_SCRATCH: Final = 1 << 28


class OnGpu:
    """A flat index of FAISS that holds the vectors of one part; searches take turns."""

    def __init__(self, index: Any, vectors: Vectors, turn: threading.Lock) -> None:
        self._index = index
        self._turn = turn
        for start in range(0, len(vectors), _BLOCK):
            index.add(np.ascontiguousarray(vectors[start : start + _BLOCK]))

    def candidates(self, queries: Vectors, k: int, mask: Mask | None, count: int) -> Rows:
        """Return rows that surely hold the best `k` of the mask; all -1 where that is not sure.

        A GPU cannot select, so the more is asked for, the less the mask lets through.
        """
        rows = int(self._index.ntotal)
        wanted = min(rows, math.ceil((2 * k + _SPARE) * rows / count))
        if wanted > LIMIT:
            return np.full((len(queries), 1), -1)
        with self._turn:
            scores, found = self._index.search(queries, wanted)
        kept = found >= 0 if mask is None else mask[found]
        found[~kept] = -1
        if wanted < rows:
            kth = -np.sort(np.where(kept, -scores, np.inf), axis=1)[:, k - 1]
            found[kth - MARGIN < scores[:, -1]] = -1
        return np.asarray(found)


def take(parts: Sequence[OpenPart]) -> bool:
    """Let a GPU with room for them search the larger parts; say whether one does."""
    large = [part for part in parts if part.part.rows > NARROW]
    if not large or importlib.util.find_spec("faiss") is None:
        return False
    import faiss

    if not gpus(faiss):
        return False
    resources = faiss.StandardGpuResources()
    resources.setTempMemory(_SCRATCH)
    turn = threading.Lock()
    try:
        flat = [faiss.GpuIndexFlatIP(resources, part.vectors.shape[1]) for part in large]
        placed = [OnGpu(index, part.vectors, turn) for index, part in zip(flat, large, strict=True)]
    except RuntimeError:
        # Its memory is too small, or taken.
        return False
    for part, finder in zip(large, placed, strict=True):
        part.finder = finder
    return True


def gpus(faiss: Any) -> int:
    """How many GPUs the installed FAISS can use; the CPU build has none."""
    return int(faiss.get_num_gpus()) if hasattr(faiss, "StandardGpuResources") else 0
