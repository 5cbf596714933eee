"""Vectors under keys in a folder: parts that are only ever added, and what was deleted of them."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Self

import numpy as np

from retrieval.keys import Editions, Keys
from retrieval.vectors import layout, merging
from retrieval.vectors.exact import Found, Rows, Vectors, best, candidates, scored
from retrieval.vectors.layout import Layout
from retrieval.vectors.lists import ListedVectors
from retrieval.vectors.part import OpenPart

NARROW = 10_000
"""Among so few allowed vectors each is compared, whatever the kind of index."""

Blocks = Iterable[tuple[Keys, Vectors]]


class VectorStore:
    """An opened store, which never changes; any threads may search it."""

    def __init__(self, folder: Path) -> None:
        """Open a folder. Raises `OSError`, `ValueError` or `RuntimeError` if its files do not
        belong together; check their checksums first."""
        self._layout = layout.read(folder)
        gone = layout.dropped(folder, self._layout)
        self._parts = [OpenPart(folder, part, self.dimension) for part in self._layout.parts]
        for part in self._parts:
            part.drop(gone)
        self._listed = [
            None
            if part.lists is None
            else ListedVectors(folder / f"{part.name}.ivf", part.lists, part.rows)
            for part in self._layout.parts
        ]

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open a folder that `write` made."""
        return cls(folder)

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._layout.dimension

    @property
    def count(self) -> int:
        """How many vectors can be found."""
        return sum(part.live for part in self._parts)

    @property
    def kind(self) -> str:
        """How they are searched, in words for people."""
        kinds = [listed.kind for listed in self._listed if listed is not None]
        return " and exact".join(kinds[:1]) if kinds else "exact"

    @property
    def recall(self) -> float | None:
        """Share of the true ten nearest that is found, measured on the store's own vectors; None
        where every vector is compared."""
        found = [part.lists.recall for part in self._layout.parts if part.lists is not None]
        return found[0] if found else None

    @property
    def memory(self) -> int:
        """Bytes that a search may touch, most of them files that the system keeps in memory."""
        full = 4 * self.dimension + 8
        total = 0
        for part in self._layout.parts:
            total += part.rows * (full if part.lists is None else 2 * self.dimension + 16)
        return total

    def search(
        self, queries: Vectors, k: int, inside: Editions | None = None
    ) -> tuple[Vectors, Keys]:
        """Return scores and keys, both (m, min(k, number allowed)), best first.

        `queries` has the shape (m, dimension). Scores are inner products rounded to six decimals;
        equal ones stand in rising order of keys. Only passages of the editions `inside`, which are
        in rising order, can be found; None allows all.
        """
        wanted = np.ascontiguousarray(queries, np.float32)
        found: list[list[Found]] = [[] for _ in wanted]
        for part, listed in zip(self._parts, self._listed, strict=True):
            mask, count = part.allowed(inside)
            if not count or k < 1:
                continue
            if listed is not None and count > max(NARROW, k):
                rows = list(_some(listed.nearest(wanted, k, mask, count), k))
                if any(len(line) < k for line in rows):
                    rows = list(candidates(wanted, part.vectors, k, mask))
            else:
                rows = list(candidates(wanted, part.vectors, k, mask))
            for line, query, near in zip(found, wanted, rows, strict=True):
                line.append(scored(query, part.vectors, part.keys, near, k))
        return _joined(found, k)


def _some(rows: Rows, k: int) -> Iterable[Rows]:
    return (line[line >= 0] for line in rows)


def _joined(found: list[list[Found]], k: int) -> tuple[Vectors, Keys]:
    """Put the best of the parts together, query by query."""
    scores, keys = [], []
    for line in found:
        every = [np.concatenate(side) for side in zip(*line, strict=True)] if line else []
        ranked = best(every[0], every[1], k) if every else (np.empty(0), np.empty(0, np.int64))
        scores.append(ranked[0])
        keys.append(ranked[1])
    if not found:
        return np.empty((0, 0), np.float32), np.empty((0, 0), np.int64)
    return np.stack(scores).astype(np.float32), np.stack(keys).astype(np.int64)


def write(
    folder: Path,
    *,
    before: Path | None,
    added: Blocks,
    dropped: Editions,
    everything: Callable[[], Blocks],
    dimension: int,
) -> None:
    """Write the new `folder`: the store of folder `before`, less `dropped`, plus `added`.

    Blocks of keys and vectors are read as they come; vectors of zeros are left out. Files of
    `before` are shared and never changed. `everything` gives all vectors anew where there is
    nothing to go on from and `added` is not all.
    """
    folder.mkdir(parents=True)
    known = Layout(dimension) if before is None else layout.read(before)
    gone = np.empty(0, np.int64) if before is None else layout.dropped(before, known)
    for part in known.parts:
        assert before is not None
        layout.link(before, folder, part)
    gone = np.union1d(gone, dropped).astype(np.int64)
    new = merging.written(folder, merging.next_name(known.parts), added, dimension)
    parts = (*known.parts, new) if new.rows else known.parts
    parts, gone = merging.tidied(folder, parts, gone, dimension)
    gone.astype("<i8").tofile(folder / layout.DROPPED)
    Layout(dimension, parts, len(gone)).save(folder)
