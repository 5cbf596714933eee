"""Vectors by key on disk: exact while they are few, in lists with an exact rest when many."""

from pathlib import Path

import numpy as np

from retrieval.keys import Editions, Keys
from retrieval.vectors import gpu
from retrieval.vectors.exact import Vectors, best
from retrieval.vectors.layout import Layout, Lists, read, read_dropped
from retrieval.vectors.part import OpenPart
from retrieval.vectors.write import write

__all__ = ["VectorStore", "write"]


class VectorStore:
    """The unit vectors of a folder that `retrieval.vectors.write` wrote; it never changes.

    Any number of threads may search at once.
    """

    def __init__(self, layout: Layout, parts: list[OpenPart], *, on_gpu: bool) -> None:
        self._layout = layout
        self._parts = parts
        self._on_gpu = on_gpu

    @classmethod
    def open(cls, folder: Path) -> "VectorStore":
        """Open a folder; check its files against their checksums first.

        Raises `OSError`, `ValueError` or `RuntimeError` when the files do not fit together.
        """
        layout = read(folder)
        dropped = read_dropped(folder, layout)
        parts = [OpenPart(folder, part, layout.dimension, dropped) for part in layout.parts]
        return cls(layout, parts, on_gpu=gpu.take(parts))

    @property
    def count(self) -> int:
        """How many vectors can be found."""
        return sum(part.live for part in self._parts)

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._layout.dimension

    @property
    def kind(self) -> str:
        """How it is searched, in words for people."""
        if self._on_gpu:
            return "exact on GPU"
        return f"IVF {self._lists.count}, 8 bit" if self._lists else "exact"

    @property
    def recall(self) -> float | None:
        """Share of the true ten nearest among the ten that are found; None where that is all.

        It was measured when the lists were made, with `sampled` queries.
        """
        return self._lists.recall if self._lists and not self._on_gpu else None

    @property
    def sampled(self) -> int:
        """How many queries `recall` was measured with."""
        return self._lists.sampled if self._lists and not self._on_gpu else 0

    @property
    def memory(self) -> int:
        """About how many bytes it takes once all was looked at; most are pages of its files."""
        return sum(part.memory for part in self._parts)

    def search(
        self, queries: Vectors, k: int, inside: Editions | None = None
    ) -> tuple[Vectors, Keys]:
        """Return scores and keys, both (m, min(k, number allowed)), for queries (m, dimension).

        The best come first; scores are rounded to six decimals, and equal ones stand in rising
        order of keys. `inside`, editions in rising order, each once, are all that can be found.
        Raises `ValueError` for queries of another shape or with numbers that are not finite.
        """
        wanted = np.ascontiguousarray(queries, dtype=np.float32)
        if wanted.ndim != 2 or wanted.shape[1] != self.dimension:
            raise ValueError(f"queries have the shape {wanted.shape}, not (m, {self.dimension})")
        if not np.isfinite(wanted).all():
            raise ValueError("a query holds a number that is not finite")
        allowed = [(part, *part.allowed(inside)) for part in self._parts]
        k = min(k, sum(count for _, _, count in allowed))
        if k < 1 or not len(wanted):
            shape = (len(wanted), max(k, 0))
            return np.empty(shape, np.float32), np.empty(shape, np.int64)
        found = [part.search(wanted, k, mask, count) for part, mask, count in allowed if count]
        scores, keys = (np.concatenate(both, axis=1) for both in zip(*found, strict=True))
        scores, keys = best(scores, keys, k)
        return scores.astype(np.float32), keys

    @property
    def _lists(self) -> Lists | None:
        return next((part.lists for part in self._layout.parts if part.lists), None)
