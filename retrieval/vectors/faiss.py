"""Exact search with FAISS, on a GPU where the installed FAISS finds one."""

from pathlib import Path
from typing import Any, Self

import numpy as np

from retrieval.vectors.index import Rows, Vectors, exact, ordered

TIES = 8
"""So many more are asked for than wanted, since what differs by rounding alone is ranked by row."""


class FaissIndex:
    """An inner-product FAISS index without quantization (IndexFlatIP)."""

    def __init__(self, dimension: int) -> None:
        import faiss

        self._faiss = faiss
        self._index = self._placed(faiss.IndexFlatIP(dimension))

    @property
    def kind(self) -> str:
        return "faiss on GPU" if self._gpu() else "faiss"

    @property
    def count(self) -> int:
        return int(self._index.ntotal)

    def add(self, vectors: Vectors) -> None:
        self._index.add(np.ascontiguousarray(vectors, dtype=np.float32))

    def search(self, queries: Vectors, k: int, among: Rows | None = None) -> tuple[Vectors, Rows]:
        count = self.count if among is None else len(among)
        if min(k, count) < 1:
            shape = (len(queries), 0)
            return np.empty(shape, np.float32), np.empty(shape, np.int64)
        wanted = np.ascontiguousarray(queries, dtype=np.float32)
        if among is not None and self._gpu():
            # Indexes on a GPU cannot select, but hand out their vectors.
            return exact(wanted, self._index.reconstruct_batch(among), among, k)
        scores, rows = ordered(*self._nearest(wanted, min(k + TIES, count), among))
        return scores[:, :k], rows[:, :k]

    def _nearest(self, queries: Vectors, k: int, among: Rows | None) -> tuple[Vectors, Rows]:
        chosen = None
        # The parameters point at the selector, but do not keep it alive.
        selector = None if among is None else self._faiss.IDSelectorBatch(among)
        if selector is not None:
            chosen = self._faiss.SearchParameters()
            chosen.sel = selector
        scores, rows = self._index.search(queries, k, params=chosen)
        return scores, rows

    def save(self, path: Path) -> None:
        index = self._faiss.index_gpu_to_cpu(self._index) if self._gpu() else self._index
        path.write_bytes(self._faiss.serialize_index(index).tobytes())

    @classmethod
    def load(cls, path: Path) -> Self:
        import faiss

        index = cls.__new__(cls)
        index._faiss = faiss
        stored = faiss.deserialize_index(np.fromfile(path, dtype=np.uint8))
        index._index = index._placed(stored)
        return index

    def _gpu(self) -> bool:
        return gpus(self._faiss) > 0

    def _placed(self, index: Any) -> Any:
        """Move an index to the first GPU, if there is one."""
        if not self._gpu():
            return index
        resources = self._faiss.StandardGpuResources()
        # The resources must live as long as the index that uses them.
        self._resources = resources
        return self._faiss.index_cpu_to_gpu(resources, 0, index)


def gpus(faiss: Any) -> int:
    """How many GPUs the installed FAISS can use; the CPU build has none."""
    return int(faiss.get_num_gpus()) if hasattr(faiss, "StandardGpuResources") else 0
