"""Compares two outputs question by question: means, their difference, and how sure it is."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.batch.output import read
from app.batch.results import Row
from retrieval.errors import UserError

if TYPE_CHECKING:
    import numpy

SAMPLES = 10_000
LEVEL = 0.95
SEED = 20_26
_CELLS = 1 << 22

METRICS: dict[str, Callable[[Row], float | None]] = {
    "exact": lambda row: row["exact"],
    "f1": lambda row: row["f1"],
    "contains": lambda row: row["contains"],
    "answered": lambda row: float(row["outcome"] == "answered"),
    "declined": lambda row: float(row["outcome"] == "declined"),
    "failed": lambda row: float(row["outcome"] == "failed"),
    "supported": lambda row: row["supported"],
    "seconds": lambda row: row["seconds"],
    "tokens": lambda row: float(row["tokens_read"] + row["tokens_written"]),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """A metric on the `count` questions where both outputs have it: the means, second less first,
    and the 95 % interval of that difference."""

    metric: str
    count: int
    first: float
    second: float
    difference: float
    low: float
    high: float

    @property
    def clear(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two outputs on the questions of both. `only` counts those that one of them alone has;
    `other` are ids under which they asked something else."""

    common: int
    only: tuple[int, int]
    other: int
    differences: tuple[Difference, ...]


def compare(first: Path, second: Path) -> Comparison:
    """Compare two outputs; `UserError` if one cannot be read or they share no question."""
    left, right = _by_id(first), _by_id(second)
    shared = [id for id in left if id in right]
    same = [id for id in shared if left[id]["question"] == right[id]["question"]]
    if not same:
        raise UserError(
            f"{first} and {second} have no question in common",
            cure="compare outputs of the same questions with the same ids",
        )
    pairs = [(left[id], right[id]) for id in same]
    return Comparison(
        common=len(same),
        only=(len(left) - len(shared), len(right) - len(shared)),
        other=len(shared) - len(same),
        differences=tuple(_differences(pairs)),
    )


def _by_id(path: Path) -> dict[str, Row]:
    rows = read(path)
    if not all(map(_is_row, rows)):
        raise UserError(f"{path} is no output of vouch batch", cure="give two outputs")
    return {str(row["id"]): row for row in rows}


def _is_row(row: object) -> bool:
    """Whether every metric can be read from a row."""
    if not isinstance(row, dict) or not {"id", "question"} <= row.keys():
        return False
    try:
        values = [measure(row) for measure in METRICS.values()]
    except (KeyError, TypeError, ValueError):
        return False
    return all(value is None or isinstance(value, int | float) for value in values)


def _differences(pairs: Sequence[tuple[Row, Row]]) -> Iterator[Difference]:
    import numpy

    for metric, measure in METRICS.items():
        both = [(measure(a), measure(b)) for a, b in pairs]
        known = [(a, b) for a, b in both if a is not None and b is not None]
        if not known:
            continue
        first, second = numpy.array(known, dtype=float).T
        low, high = interval(second - first)
        mean = float((second - first).mean())
        yield Difference(
            metric, len(known), float(first.mean()), float(second.mean()), mean, low, high
        )


def interval(
    differences: "numpy.ndarray", samples: int = SAMPLES, seed: int = SEED
) -> tuple[float, float]:
    """Return the percentile bootstrap interval of the mean of paired differences (Efron 1979).

    Questions are drawn anew with replacement, both systems' scores of one together.
    """
    import numpy

    generator = numpy.random.default_rng(seed)
    count = len(differences)
    means: list[float] = []
    while len(means) < samples:
        some = min(samples - len(means), max(1, _CELLS // count))
        drawn = generator.integers(0, count, size=(some, count))
        means.extend(differences[drawn].mean(axis=1))
    tail = (1 - LEVEL) / 2
    low, high = numpy.quantile(means, [tail, 1 - tail])
    return float(low), float(high)
