"""Names a passage of a library by one 64-bit number: the edition of its document, its position."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.int64]
Editions = NDArray[np.int64]

BITS = 20
"""A document has fewer than 2**20 passages; editions take the other 43 bits of a signed number."""


def keys(edition: int, count: int) -> Keys:
    """Return the keys of the first `count` passages of a document, shape (count,)."""
    if count >= 1 << BITS:
        raise ValueError(f"{count} passages are too many for one document")
    return (np.int64(edition) << BITS) + np.arange(count, dtype=np.int64)


def edition(key: int) -> int:
    """Return the edition of the document that a passage belongs to."""
    return key >> BITS


def position(key: int) -> int:
    """Return the place of a passage in its document, from 0."""
    return key & ((1 << BITS) - 1)


def among(found: Keys, inside: Editions) -> NDArray[np.bool_]:
    """Say of each key whether its edition is one of `inside`, which is in rising order."""
    if not len(inside):
        return np.zeros(len(found), bool)
    wanted = found >> BITS
    place = np.searchsorted(inside, wanted).clip(max=len(inside) - 1)
    return np.asarray(inside[place] == wanted)


def rising(editions: Iterable[int]) -> Editions:
    """Return editions in rising order, each once."""
    return np.unique(np.fromiter(editions, np.int64))
