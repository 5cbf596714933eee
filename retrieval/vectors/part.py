"""One part of a store, opened for search: its vectors stay in the file and are read as needed."""

from pathlib import Path

import numpy as np

from retrieval.keys import BITS, Editions, Keys
from retrieval.vectors.exact import Mask, Vectors
from retrieval.vectors.layout import Part, numbers


class OpenPart:
    """Vectors by row, and which rows are alive.

    Raises `OSError`, `ValueError` or `RuntimeError` when the files do not hold what `part` says.
    """

    def __init__(self, folder: Path, part: Part, dimension: int) -> None:
        self.keys: Keys = numbers(folder / f"{part.name}.i64", part.rows)
        self.vectors = mapped(folder / f"{part.name}.f32", part.rows, dimension)
        rising = bool((self.keys[1:] > self.keys[:-1]).all())
        self._order = None if rising else np.argsort(self.keys, kind="stable")
        self._sorted = self.keys if self._order is None else self.keys[self._order]
        self._alive: Mask | None = None
        self.live = part.rows

    def drop(self, dropped: Editions) -> None:
        """Take the passages of these editions, in rising order, for deleted."""
        dead = self.within(dropped)
        self.live = len(self.keys) - int(np.count_nonzero(dead))
        self._alive = None if self.live == len(self.keys) else ~dead

    def allowed(self, inside: Editions | None) -> tuple[Mask | None, int]:
        """Return which rows may be found, None for every one, and how many these are."""
        if inside is None:
            return self._alive, self.live
        mask = self.within(inside)
        if self._alive is not None:
            mask &= self._alive
        count = int(np.count_nonzero(mask))
        return (None if count == len(mask) else mask), count

    def within(self, editions: Editions) -> Mask:
        """Say of each row whether it belongs to one of the editions, which are in rising order."""
        first = np.searchsorted(self._sorted, editions << BITS)
        end = np.searchsorted(self._sorted, (editions + 1) << BITS)
        present = first < end
        # A run of rows begins with +1 and ends with -1, so the sum up to a row is 1 inside.
        edges = np.zeros(len(self.keys) + 1, np.int8)
        edges[first[present]] += 1
        edges[end[present]] -= 1
        mask = np.cumsum(edges[:-1], dtype=np.int8).view(np.bool_)
        if self._order is not None:
            mask[self._order] = mask.copy()
        return mask


def mapped(path: Path, rows: int, dimension: int) -> Vectors:
    """Map a file of vectors, shape (rows, dimension); `ValueError` for one of another size."""
    if path.stat().st_size != 4 * rows * dimension:
        raise ValueError(f"{path.name} does not hold {rows} vectors of {dimension} numbers")
    if not rows or not dimension:
        return np.empty((rows, dimension), np.float32)
    return np.memmap(path, "<f4", "r", shape=(rows, dimension))
