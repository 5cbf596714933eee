"""The power law of learning: error = a * n^-b + c, n being how much was learned from.

Hestness et al. 2017, arXiv:1712.00409; Rosenfeld et al. 2020, arXiv:1909.12673. Fitted by least
squares; where the error does not surely fall there is no law, and it is said why.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

AHEAD = (2, 4)
"""How many times of what was learned from an estimate is made for."""

SURE = 0.975
"""The share of samples in which the error must fall from the smallest part to the largest."""

PARTS = 4
"""The fewest sizes that three numbers are fitted to."""

POWERS = tuple(round(0.1 * step, 1) for step in range(1, 21))


@dataclass(frozen=True, slots=True)
class Law:
    """The law's a, b and c, and for more of what was learned from the error that it tells, with a
    95 % interval. Without a law `why` says why there is none."""

    law: tuple[float, float, float] | None = None
    ahead: tuple[tuple[int, float, float, float], ...] = ()
    why: str = ""


def law(
    sizes: "Numbers", errors: "Numbers", samples: "Numbers", what: str, whole: float = 0.0
) -> Law:
    """Fit errors of shape (parts,) at as many sizes, and look ahead from the `whole` of what was
    learned from, by default the last size. `samples`, shape (n, parts), are errors drawn anew, from
    which the intervals come: they know of no other chance. `what` names what must fall."""
    if len(sizes) < PARTS:
        return Law(why=f"there are only {len(sizes)} different sizes to fit it to")
    if float(np.mean(samples[:, 0] > samples[:, -1])) < SURE:
        return Law(why=f"{what} does not surely get better from the first part to the last")
    found = fitted(sizes, errors)
    if found[1] in (POWERS[0], POWERS[-1]):
        return Law(why=f"{what} does not bend as a power law does")
    others = [fitted(sizes, one) for one in samples]
    ahead = []
    for times in AHEAD:
        more = times * (whole or float(sizes[-1]))
        low, high = np.quantile([told(one, more) for one in others], [0.025, 0.975])
        ahead.append((int(more), *(round(float(e), 4) for e in (told(found, more), low, high))))
    a, b, c = found
    return Law((round(a, 4), b, round(c, 4)), tuple(ahead))  # type: ignore[arg-type]


def fitted(sizes: "Numbers", errors: "Numbers") -> tuple[float, float, float]:
    """Return a, b and c of least squares: for each power a line, neither end of it below zero."""
    best, found = np.inf, (0.0, POWERS[0], float(errors.mean()))
    for power in POWERS:
        scale = sizes**-power
        spread = scale - scale.mean()
        slope = max(0.0, float(spread @ errors / (spread @ spread)))
        slope = min(slope, float(errors.mean() / scale.mean()))
        floor = float(errors.mean() - slope * scale.mean())
        off = float(((errors - slope * scale - floor) ** 2).sum())
        if off < best:
            best, found = off, (slope, power, floor)
    return found


def told(found: tuple[float, float, float], size: float) -> float:
    """Return the error that a, b and c tell for a size."""
    a, b, c = found
    return float(a * size**-b + c)
