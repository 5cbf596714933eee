"""Writes a store of vectors: what is new beside the files of the store before, or all anew."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import numpy as np

from retrieval import keys as named
from retrieval.keys import Editions, Keys
from retrieval.vectors import layout as files
from retrieval.vectors.exact import Vectors
from retrieval.vectors.layout import Layout, Part
from retrieval.vectors.part import OpenPart

Block = tuple[Keys, Vectors]
"""Keys, shape (n,), and their vectors, shape (n, dimension)."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """When something else is done; the measurements behind the figures are in docs/benchmarks.md.

    From `lists` vectors on they are put in lists. `rest` vectors outside the lists are borne, or
    a sixteenth of those inside if that is more. Parts of up to `merged` vectors are written
    together. One vector in `dead` may be a deleted one.
    """

    lists: int = 100_000
    rest: int = 50_000
    merged: int = 8192
    dead: int = 4


SIZES: Final = Sizes()
NONE: Final[Editions] = np.empty(0, np.int64)


def write(
    folder: Path,
    *,
    before: Path | None,
    added: Iterable[Block],
    dropped: Editions,
    everything: Callable[[], Iterable[Block]],
    dimension: int,
    sizes: Sizes = SIZES,
) -> None:
    """Write the store that follows the one in `before` into a folder that is not there yet.

    Blocks are taken one at a time. Vectors of length 0 are left out: nothing can find them.
    `dropped` are the editions deleted since, in rising order. `everything` returns all that live
    after the change, the added ones too; it is asked when there is no store before, or when that
    one has too many deleted or too many new vectors to go on with. Files of `before` are linked
    and never changed. Nothing is brought to the disk for certain: that is left to the caller.

    Raises `ValueError` for blocks of the wrong shape, numbers that are not finite, and a key that
    is stored twice; also what `VectorStore.open` raises for the store before.
    """
    folder.mkdir(parents=True)
    layout = None
    if before is not None:
        layout = _followed(folder, before, added, dropped, dimension, sizes)
    if layout is None:
        layout = _anew(folder, everything(), dimension, sizes)
    files.save(folder, layout)


def _anew(folder: Path, blocks: Iterable[Block], dimension: int, sizes: Sizes) -> Layout:
    part = _streamed(folder, "1", blocks, dimension)
    if part is None:
        return Layout(dimension)
    _check(files.numbers(folder / part.keys, part.rows), ())
    if part.rows >= sizes.lists and find_spec("faiss"):
        from retrieval.vectors.ivf import build

        vectors = files.mapped(folder / part.vectors, part.rows, dimension)
        part = replace(part, lists=build(folder / part.grouped, vectors))
    return Layout(dimension, (part,))


def _followed(
    folder: Path,
    before: Path,
    added: Iterable[Block],
    dropped: Editions,
    dimension: int,
    sizes: Sizes,
) -> Layout | None:
    """Return what was written, or None, with nothing left of it, when all must be built anew."""
    old = files.read(before)
    if old.dimension != dimension:
        return None
    gone = np.union1d(files.read_dropped(before, old), dropped)
    parts = [OpenPart(before, part, dimension, gone) for part in old.parts]
    number = max((int(part.name) for part in old.parts), default=0) + 1
    new = _streamed(folder, str(number), added, dimension, gone)
    if new is not None:
        _check(files.numbers(folder / new.keys, new.rows), parts)
    if _overdue(parts, new.rows if new else 0, sizes):
        _remove(folder, new)
        return None
    parts = [part for part in parts if part.live]
    if new is not None:
        parts, new = _merged(folder, parts, new, sizes)
    for part in parts:
        files.link(before, folder, part.part)
    dead = np.unique(np.concatenate([part.dead() for part in parts] or [NONE]))
    if len(dead):
        (folder / files.DROPPED).write_bytes(dead.astype("<i8").tobytes())
    kept = tuple(part.part for part in parts)
    return Layout(dimension, (*kept, new) if new else kept, len(dead))


def _overdue(parts: list[OpenPart], added: int, sizes: Sizes) -> bool:
    rows = sum(part.part.rows for part in parts) + added
    live = sum(part.live for part in parts) + added
    if (rows - live) * sizes.dead > rows:
        return True
    inside = sum(part.part.rows for part in parts if part.part.lists)
    if inside:
        return rows - inside > max(sizes.rest, inside // 16)
    return live >= sizes.lists and find_spec("faiss") is not None


def _merged(
    folder: Path, parts: list[OpenPart], new: Part, sizes: Sizes
) -> tuple[list[OpenPart], Part]:
    """Write small parts before the new one together with it, so that there are never many.

    A part joins only one at least half its size: so a vector is written again a few times at most.
    """
    rows, first = new.rows, len(parts)
    while first and parts[first - 1].live <= min(2 * rows, sizes.merged - rows):
        first -= 1
        rows += parts[first].live
    if first == len(parts):
        return parts, new
    dimension = parts[0].vectors.shape[1]
    keys = files.numbers(folder / new.keys, new.rows)
    latest = (keys, files.mapped(folder / new.vectors, new.rows, dimension))
    blocks = (*(part.living() for part in parts[first:]), latest)
    whole = _streamed(folder, str(int(new.name) + 1), blocks, dimension)
    assert whole is not None
    _remove(folder, new)
    return parts[:first], whole


def _streamed(
    folder: Path,
    name: str,
    blocks: Iterable[Block],
    dimension: int,
    gone: Editions = NONE,
) -> Part | None:
    """Write blocks as a part as they come, less what is deleted; None if nothing is left."""
    part, rows = Part(name, 0), 0
    with (folder / part.vectors).open("wb") as vectors, (folder / part.keys).open("wb") as keys:
        for some, block in blocks:
            if block.shape != (len(some), dimension):
                raise ValueError(f"vectors have the shape {block.shape}, for {len(some)} keys")
            if not np.isfinite(block).all():
                raise ValueError("a vector holds a number that is not finite")
            kept = block.any(axis=1) & ~named.among(some, gone)
            vectors.write(np.ascontiguousarray(block[kept], "<f4").data)
            keys.write(np.ascontiguousarray(some[kept], "<i8").data)
            rows += int(np.count_nonzero(kept))
    if rows:
        return replace(part, rows=rows)
    _remove(folder, part)
    return None


def _check(keys: Keys, parts: Iterable[OpenPart]) -> None:
    if len(np.unique(keys)) < len(keys) or any(part.holds(keys) for part in parts):
        raise ValueError("a passage is stored twice")


def _remove(folder: Path, part: Part | None) -> None:
    for name in part.files if part else ():
        (folder / name).unlink()
