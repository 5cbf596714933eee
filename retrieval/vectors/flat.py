"""Exact search in one NumPy matrix: the reference that other back ends are compared with."""

from pathlib import Path
from typing import Self

import numpy as np

from retrieval.vectors.index import Rows, Vectors, exact


class FlatIndex:
    """Vectors in memory; every search multiplies with all of them."""

    def __init__(self, dimension: int) -> None:
        self._vectors: Vectors = np.empty((0, dimension), dtype=np.float32)

    @property
    def kind(self) -> str:
        return "flat"

    @property
    def count(self) -> int:
        return len(self._vectors)

    def add(self, vectors: Vectors) -> None:
        self._vectors = np.vstack([self._vectors, vectors.astype(np.float32, copy=False)])

    def search(self, queries: Vectors, k: int, among: Rows | None = None) -> tuple[Vectors, Rows]:
        if among is None:
            return exact(queries, self._vectors, np.arange(self.count, dtype=np.int64), k)
        return exact(queries, self._vectors[among], among, k)

    def save(self, path: Path) -> None:
        with path.open("wb") as file:
            np.save(file, self._vectors, allow_pickle=False)

    @classmethod
    def load(cls, path: Path) -> Self:
        vectors = np.load(path, allow_pickle=False)
        index = cls(vectors.shape[1])
        index._vectors = vectors
        return index
