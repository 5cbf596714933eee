"""Measures a reward of a home on public preferences, beside rules that need no learning."""

from collections.abc import Callable, Sequence

from app.learning.reward.comparing import Comparison
from app.learning.reward.head import Row
from app.learning.reward.measuring import Measured, measured
from app.learning.reward.ranker import Rewarding
from app.learning.reward.reading import PART, Reader

Told = Callable[[int, int], None]
"""Is told how many comparisons are read, of how many."""


def compared(
    given: Sequence[Comparison], reward: Rewarding, reader: Reader, told: Told = lambda at, of: None
) -> Measured:
    """Read the answers of the comparisons, and compare the reward with what was preferred."""
    rows: list[Row] = []
    for at in range(0, len(given), PART):
        part = given[at : at + PART]
        found = reader.read([side for one in part for side in (one.first, one.second)])
        rows += [
            Row(one.group, found[2 * n], found[2 * n + 1], one.share, one.origin)
            for n, one in enumerate(part)
        ]
        told(len(rows), len(given))
    return measured(rows, reward.margins(given, rows))
