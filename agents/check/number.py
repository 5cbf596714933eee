"""What a number of a text is: its value, unit, bound, and the thing that it counts."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

ZERO = Decimal(0)
ONE = Decimal(1)
PERIOD = "period"
"""The dimension of decades and centuries: `value` is the first year, `until` the last."""

PERCENT = "percent"
BEFORE_CHRIST = "before christ"

Bound = Literal["", "about", "over", "least", "under", "most"]
"""How a number is held: exactly or unsaid, about, over, at least, under, at most."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number as a text has it: `raw` as written, `value` in the base unit of `dimension`.

    `dimension` is "" for a plain number; `ordinal` marks 1st, "third", 第三; `digits` is False for
    numbers in words. `span` are both ends of the range that it ends or begins, in base units, and
    `apart` marks one whose ends stand for themselves too (from 10 to 20).
    `nouns` are the stems of the words that it counts; `label` is the word that it is part of
    (covid-19); `named` marks a number that names its thing (season 3, World War II), `exact`
    "exactly", `fraction` a share that was not written as per cent. `scale` is the factor that a
    word like "million" gave, `figure` where the figures end and a unit begins.
    """

    value: Decimal
    text: str
    start: int
    end: int
    raw: Decimal = ZERO
    dimension: str = ""
    ordinal: bool = False
    bound: Bound = ""
    digits: bool = True
    until: Decimal = ZERO
    span: tuple[Decimal, Decimal] | None = None
    apart: bool = False
    nouns: frozenset[str] = frozenset()
    label: str = ""
    named: bool = False
    exact: bool = False
    fraction: bool = False
    scale: Decimal = ONE
    figure: int = 0

    @property
    def year_like(self) -> bool:
        """True for a plain number that may be a year."""
        plain = not self.dimension and not self.ordinal and "," not in self.text
        return plain and self.raw == self.raw.to_integral() and 1000 <= self.raw <= 2100
