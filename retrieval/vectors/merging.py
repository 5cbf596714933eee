"""Keeps a store's parts few: small ones are joined, many vectors are grouped for quick search."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from retrieval.keys import Editions, Keys
from retrieval.vectors import lists
from retrieval.vectors.exact import Vectors
from retrieval.vectors.layout import Part
from retrieval.vectors.part import OpenPart

LISTED = 50_000
"""From so many vectors on they are grouped; below that, comparing all is quick enough."""

LOOSE = 20_000
"""So many vectors may stand beside the grouped ones, and a twentieth of those if that is more."""

SHARE = 20
DEAD = 4
"""Parts of which a quarter is deleted are written anew."""

GROWN = 2
"""Grouped vectors that are so many times those of the first grouping are grouped anew."""

_BLOCK = 8_192


def next_name(parts: Sequence[Part]) -> str:
    """Return a name that no part has."""
    return f"p{1 + max((int(part.name[1:]) for part in parts), default=0)}"


def written(
    folder: Path, name: str, blocks: Iterable[tuple[Keys, Vectors]], dimension: int
) -> Part:
    """Write a part of the vectors that are not zero; nothing if there are none."""
    rows = 0
    keys, vectors = folder / f"{name}.i64", folder / f"{name}.f32"
    with keys.open("wb") as numbers, vectors.open("wb") as file:
        for some, block in blocks:
            live = np.any(block != 0, axis=1) if len(block) else np.zeros(0, bool)
            if block.size and block.shape[1] != dimension:
                raise ValueError(f"vectors of {block.shape[1]} numbers, not {dimension}")
            some[live].astype("<i8").tofile(numbers)
            np.ascontiguousarray(block[live], "<f4").tofile(file)
            rows += int(np.count_nonzero(live))
    if not rows:
        keys.unlink()
        vectors.unlink()
    return Part(name, rows)


def tidied(
    folder: Path, parts: tuple[Part, ...], gone: Editions, dimension: int
) -> tuple[tuple[Part, ...], Editions]:
    """Join and group parts as their sizes ask for; return them and what is still deleted.

    Parts without lists are joined like the digits of a counter, so that a vector is copied a number
    of times that grows with the logarithm of their number.
    """
    listed = [part for part in parts if part.lists is not None]
    loose = [part for part in parts if part.lists is None]
    while len(loose) > 1 and loose[-2].rows <= 2 * loose[-1].rows:
        loose[-2:] = [_joined(folder, loose[-2:], parts, gone, dimension)]
        parts = (*listed, *loose)
    alive = {part.name: _opened(folder, part, gone, dimension).live for part in parts}
    dead = sum(part.rows for part in parts) - sum(alive.values())
    beside = sum(alive[part.name] for part in loose)
    many = beside > max(LOOSE, sum(part.rows for part in listed) // SHARE)
    if (sum(alive.values()) >= LISTED and many) or dead * DEAD > sum(p.rows for p in parts):
        parts = (_whole(folder, parts, gone, dimension),) if sum(alive.values()) else ()
        return tuple(part for part in parts if part.rows), np.empty(0, np.int64)
    return tuple(part for part in parts if part.rows), gone


def _whole(folder: Path, parts: Sequence[Part], gone: Editions, dimension: int) -> Part:
    """Write all that is alive as one part, grouped if it is much."""
    first, rest = parts[0], parts[1:]
    whole = _joined(folder, parts, parts, gone, dimension, keep=first)
    if whole.rows < LISTED:
        _discard(folder, first)
        return whole
    vectors = _opened(folder, whole, np.empty(0, np.int64), dimension).vectors
    path = folder / f"{whole.name}.ivf"
    untouched = _opened(folder, first, gone, dimension).live == first.rows
    grown = first.lists is None or whole.rows > GROWN * 2 ** (
        first.lists.count.bit_length() * 2 - 6
    )
    if first.lists is not None and rest and untouched and not grown:
        found = lists.extend(folder / f"{first.name}.ivf", path, vectors, first.rows)
    else:
        found = lists.build(path, vectors)
    _discard(folder, first)
    return Part(whole.name, whole.rows, found)


def _joined(
    folder: Path,
    some: Sequence[Part],
    every: Sequence[Part],
    gone: Editions,
    dimension: int,
    keep: Part | None = None,
) -> Part:
    """Write what is alive of some parts as one, and take them out of the folder."""
    blocks = (block for part in some for block in _alive(_opened(folder, part, gone, dimension)))
    part = written(folder, next_name(every), blocks, dimension)
    for old in some:
        if old is not keep:
            _discard(folder, old)
    return part


def _alive(part: OpenPart) -> Iterator[tuple[Keys, Vectors]]:
    mask, _ = part.allowed(None)
    for start in range(0, len(part.keys), _BLOCK):
        keys, vectors = part.keys[start : start + _BLOCK], part.vectors[start : start + _BLOCK]
        chosen = slice(None) if mask is None else mask[start : start + _BLOCK]
        yield keys[chosen], np.asarray(vectors[chosen])


def _opened(folder: Path, part: Part, gone: Editions, dimension: int) -> OpenPart:
    opened = OpenPart(folder, part, dimension)
    opened.drop(gone)
    return opened


def _discard(folder: Path, part: Part) -> None:
    """Take a part's files out of the folder; a generation before may still hold them."""
    for name in part.files:
        (folder / name).unlink(missing_ok=True)
