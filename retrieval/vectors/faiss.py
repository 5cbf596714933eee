"""Exact search with FAISS, on a GPU where the installed FAISS finds one."""

from pathlib import Path
from typing import Any, Self

import numpy as np

from retrieval.vectors.index import Rows, Vectors, ordered


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

    def search(self, queries: Vectors, k: int) -> tuple[Vectors, Rows]:
        k = min(k, self.count)
        if k < 1:
            shape = (len(queries), 0)
            return np.empty(shape, np.float32), np.empty(shape, np.int64)
        scores, rows = self._index.search(np.ascontiguousarray(queries, dtype=np.float32), k)
        return ordered(scores, rows)

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
