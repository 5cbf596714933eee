"""One part of a store, opened for search; its vectors stay in their file and are read as needed."""

import importlib.util
from pathlib import Path
from typing import Final, Protocol

import numpy as np

from retrieval.keys import BITS, Editions, Keys
from retrieval.vectors.exact import Found, Mask, Rows, Vectors, candidates, scored
from retrieval.vectors.layout import Part, mapped, numbers

NARROW: Final = 100_000
"""So few rows are all compared: filtered, that is as fast as looking for them in lists."""


class Finder(Protocol):
    """Finds rows faster than exact search does; what it finds is scored anew."""

    def candidates(self, queries: Vectors, k: int, mask: Mask | None, count: int) -> Rows:
        """Return rows that likely hold the best `k`, shape (m, any), -1 where none is left.

        None but rows of the mask are found; `count` is how many it lets through.
        """
        ...


class OpenPart:
    """The vectors of one part by row, their keys, and which of them are deleted.

    Raises `OSError`, `ValueError` or `RuntimeError` when the files are not what `part` says.
    """

    def __init__(self, folder: Path, part: Part, dimension: int, dropped: Editions) -> None:
        self.part = part
        self.keys: Keys = numbers(folder / part.keys, part.rows)
        self.vectors = mapped(folder / part.vectors, part.rows, dimension)
        rising = bool((self.keys[1:] > self.keys[:-1]).all())
        self._order = None if rising else np.argsort(self.keys, kind="stable")
        self._sorted = self.keys if self._order is None else self.keys[self._order]
        dead = self.within(dropped)
        self.live = part.rows - int(np.count_nonzero(dead))
        self._alive = None if self.live == part.rows else ~dead
        self.finder: Finder | None = None
        if part.lists is not None and importlib.util.find_spec("faiss"):
            from retrieval.vectors.ivf import Grouped

            self.finder = Grouped(folder / part.grouped, part.rows, dimension, part.lists)

    def within(self, editions: Editions) -> Mask:
        """Say of each row whether it belongs to one of the editions, which are in rising order."""
        first = np.searchsorted(self._sorted, editions << BITS)
        end = np.searchsorted(self._sorted, (editions + 1) << BITS)
        present = first < end
        # Each edition is a run; +1 where it begins and -1 behind it sum up to 1 along the run.
        edges = np.zeros(self.part.rows + 1, np.int8)
        edges[first[present]] += 1
        edges[end[present]] -= 1
        mask = np.cumsum(edges[:-1], dtype=np.int8).view(np.bool_)
        if self._order is not None:
            mask[self._order] = mask.copy()
        return mask

    def allowed(self, inside: Editions | None) -> tuple[Mask | None, int]:
        """Return which rows may be found, None for each of them, and how many these are."""
        if inside is None:
            return self._alive, self.live
        mask = self.within(inside)
        if self._alive is not None:
            mask &= self._alive
        count = int(np.count_nonzero(mask))
        return (None if count == self.part.rows else mask), count

    def holds(self, keys: Keys) -> bool:
        """Whether any of the keys is here, deleted or not."""
        at = np.searchsorted(self._sorted, keys).clip(max=self.part.rows - 1)
        return bool((self._sorted[at] == keys).any())

    def dead(self) -> Editions:
        """Return the deleted editions that still lie here, in rising order."""
        rows = slice(0) if self._alive is None else ~self._alive
        return np.unique(self.keys[rows] >> BITS)

    def living(self) -> tuple[Keys, Vectors]:
        """Return the keys and vectors that are not deleted."""
        rows = slice(None) if self._alive is None else self._alive
        return self.keys[rows], self.vectors[rows]

    @property
    def memory(self) -> int:
        """Bytes it takes once all of it was looked at."""
        dimension = int(self.vectors.shape[1])
        numbers = self.part.rows * (4 * dimension + 8)
        order = 0 if self._order is None else 16 * self.part.rows
        alive = 0 if self._alive is None else self.part.rows
        # A number of a vector is a byte in the lists, and an id eight.
        lists = self.part.rows * (dimension + 8) if self.part.lists else 0
        return numbers + order + alive + lists

    def search(self, queries: Vectors, k: int, mask: Mask | None, count: int) -> Found:
        """Return the best `k` of the `count` rows of a mask, shape (m, min(k, count))."""
        k = min(k, count)
        found = [
            scored(query, self.vectors, self.keys, rows, k)
            for query, rows in zip(queries, self._rows(queries, k, mask, count), strict=True)
        ]
        return np.stack([scores for scores, _ in found]), np.stack([keys for _, keys in found])

    def _rows(self, queries: Vectors, k: int, mask: Mask | None, count: int) -> list[Rows]:
        if self.finder is None or (mask is not None and count <= NARROW):
            return list(candidates(queries, self.vectors, k, mask))
        found = []
        lines = self.finder.candidates(queries, k, mask, count)
        for query, line in zip(queries, lines, strict=True):
            rows = line[line >= 0]
            if len(rows) < k:
                # The lists that were searched hold too few.
                (rows,) = candidates(query[None], self.vectors, k, mask)
            found.append(rows)
        return found
