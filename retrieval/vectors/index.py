"""What an index of vectors does, and which back end is taken."""

from pathlib import Path
from typing import Literal, Protocol, assert_never

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Rows = NDArray[np.int64]
Kind = Literal["flat", "faiss"]


class VectorIndex(Protocol):
    """Inner-product search over rows of float32 vectors, numbered from 0 in the order of adding."""

    @property
    def kind(self) -> str:
        """Name of the back end, and the device it runs on if that is not the CPU."""
        ...

    @property
    def count(self) -> int:
        """How many vectors it holds."""
        ...

    def add(self, vectors: Vectors) -> None:
        """Append vectors, shape (n, dimension)."""
        ...

    def search(self, queries: Vectors, k: int, among: Rows | None = None) -> tuple[Vectors, Rows]:
        """Return scores and rows, both (m, min(k, count)), best first, for queries (m, dimension).

        Scores are rounded to six decimals; rows with equal scores stand in order. `among`, rows in
        rising order and each once, are all that can be found; the best `k` of them are.
        """
        ...

    def save(self, path: Path) -> None:
        """Write the index to a file."""
        ...


def empty(kind: Kind, dimension: int) -> VectorIndex:
    """Return an index without vectors."""
    match kind:
        case "flat":
            from retrieval.vectors.flat import FlatIndex

            return FlatIndex(dimension)
        case "faiss":
            from retrieval.vectors.faiss import FaissIndex

            return FaissIndex(dimension)
        case _:
            assert_never(kind)


def load(kind: Kind, path: Path) -> VectorIndex:
    """Read an index that `save` wrote. Check the file's checksum first: back ends trust it."""
    match kind:
        case "flat":
            from retrieval.vectors.flat import FlatIndex

            return FlatIndex.load(path)
        case "faiss":
            from retrieval.vectors.faiss import FaissIndex

            return FaissIndex.load(path)
        case _:
            assert_never(kind)


def ordered(scores: Vectors, rows: Rows) -> tuple[Vectors, Rows]:
    """Round scores and sort each line by falling score, then by row."""
    rounded = np.round(scores, 6)
    order = np.lexsort((rows, -rounded), axis=-1)
    return np.take_along_axis(rounded, order, -1), np.take_along_axis(rows, order, -1)


def exact(queries: Vectors, vectors: Vectors, rows: Rows, k: int) -> tuple[Vectors, Rows]:
    """Multiply queries with all vectors, which stand in `rows`; return the best `k` of each."""
    scores = np.asarray(queries @ vectors.T, dtype=np.float32)
    scores, found = ordered(scores, np.broadcast_to(rows, scores.shape))
    return scores[:, :k], found[:, :k]
