"""Whether a number of a claim is carried by one of the evidence, and what stands in its place."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from agents.check.dates import Date
from agents.check.number import BEFORE_CHRIST, PERCENT, PERIOD, Number

NEAR = Decimal("1.5")
"""How far an exact number may lie beyond the bound of a claim ("more than 300") that it carries."""

BESIDE = 100
"""Characters between two numbers of the evidence that may have been taken for one another."""

_APART = (PERCENT, BEFORE_CHRIST, PERIOD, "before noon", "after noon")
_ALIKE = ({"pound", "pound weight"}, {"second", "time"})
_SHARE = Decimal("0.7")


def of_dates(found: Iterable[Date]) -> Iterable[Number]:
    """Yield the years and days of dates as numbers that may carry those of a claim."""
    for date in found:
        for part in (date.year, date.day):
            if part is not None:
                value = Decimal(part)
                yield Number(value, str(part), date.start, date.end, value, named=True)


def carries(
    number: Number, offered: Sequence[Number], units: frozenset[str], loose: frozenset[Decimal]
) -> bool:
    """True where some offered number says what the number of a claim says.

    `units` are the dimensions of all unit words of the evidence, `loose` its small counts in other
    words ("both").
    """
    if any(_equal(number, other, units) for other in offered):
        return True
    if number.label:
        return all(other.label != number.label for other in offered)
    return not number.dimension and not number.ordinal and number.value in loose


def misplaced(number: Number, offered: Sequence[Number], units: frozenset[str]) -> Number | None:
    """Return the number that the evidence gives for what a claim's number counts, where it has the
    claim's number for another thing only: 40 rooms beside 12 rooms and 40 shops."""
    if not number.nouns or number.ordinal or number.named or number.year_like:
        return None
    equal = [other for other in offered if _equal(number, other, units)]
    if not equal or any(not other.nouns or number.nouns & other.nouns for other in equal):
        return None
    rivals = (
        other
        for other in offered
        if number.nouns & other.nouns
        and other.dimension == number.dimension
        and not other.ordinal
        and any(abs(other.start - one.start) < BESIDE for one in equal)
        and not _equal(number, other, units)
    )
    return next(rivals, None)


def rival(number: Number, offered: Iterable[Number], said: frozenset[Decimal]) -> Number | None:
    """Return the nearest number that could stand in the place of a claim's number; none that the
    claim says as well (`said`)."""
    could = [other for other in offered if _rivals(number, other) and other.value not in said]
    return min(could, key=lambda other: abs(other.value - number.value), default=None)


def _rivals(ours: Number, theirs: Number) -> bool:
    """True where the two could stand in one place: same unit, and both years or neither."""
    if ours.dimension != theirs.dimension or ours.ordinal != theirs.ordinal:
        return False
    return ours.year_like == theirs.year_like


def _equal(ours: Number, theirs: Number, units: frozenset[str]) -> bool:
    if ours.dimension == PERIOD:
        return _within_period(ours, theirs)
    if theirs.dimension == PERIOD and ours.ordinal:
        return theirs.until - theirs.value == 100 and theirs.value == 100 * (ours.raw - 1)
    if ours.label and theirs.label and ours.label != theirs.label:
        return False
    if ours.ordinal != theirs.ordinal and not (ours.named or theirs.named):
        return False
    if ours.dimension == theirs.dimension or {ours.dimension, theirs.dimension} in _ALIKE:
        return _meets(ours, theirs, ours.value, theirs.value)
    if not theirs.dimension:
        return ours.dimension in units and _meets(ours, theirs, ours.raw, theirs.raw)
    if ours.dimension or theirs.dimension in _APART:
        return False
    return _meets(ours, theirs, ours.raw, theirs.raw)


def _within_period(ours: Number, theirs: Number) -> bool:
    """True where a decade or century of a claim takes in a year or period of the evidence."""
    if theirs.dimension == PERIOD:
        same = (ours.value < 100) == (theirs.value < 100) or ours.value < 0
        first, last = (theirs.value, theirs.until) if same else (theirs.value % 100,) * 2
        return ours.value <= first and last <= ours.until + 1
    year = -theirs.raw if theirs.dimension == BEFORE_CHRIST else theirs.raw
    if theirs.dimension not in ("", BEFORE_CHRIST) or theirs.ordinal:
        return False
    if 0 <= ours.value < 100 and theirs.year_like:
        year %= 100
    return ours.value <= year <= ours.until


def _meets(ours: Number, theirs: Number, value: Decimal, other: Decimal) -> bool:
    """True where the evidence's value says the claim's, each as exactly as it is meant."""
    if _against(ours, theirs):
        return False
    if value == other:
        return _as_exact(ours, theirs)
    if ours.fraction != theirs.fraction and abs(value - other) < _SHARE:
        return value != value.to_integral() or other != other.to_integral()
    if ours.span is not None and not ours.apart:
        return theirs.span is None and ours.span[0] <= theirs.value <= ours.span[1]
    if ours.bound == "about" and not ours.ordinal:
        inside = theirs.span is not None and theirs.span[0] <= ours.value <= theirs.span[1]
        return inside or _rounds(other, value)
    return _beyond(ours, theirs, value, other)


def _against(ours: Number, theirs: Number) -> bool:
    """True where one is at least and the other at most its value."""
    up, down = ("over", "least"), ("under", "most")
    if ours.bound in up:
        return theirs.bound in down
    return ours.bound in down and theirs.bound in up


def _as_exact(ours: Number, theirs: Number) -> bool:
    """Of equal values: whether the claim's is no narrower than that of the evidence."""
    if theirs.span is not None and ours.span is None and not theirs.apart:
        low = ours.value == theirs.span[0]
        held = ("about", "over", "least") if low else ("about", "under", "most")
        return ours.bound in held
    if ours.exact and theirs.bound:
        return False
    strict = ours.bound in ("over", "under")
    return not (strict and not theirs.bound and not theirs.span and not theirs.year_like)


def _beyond(ours: Number, theirs: Number, value: Decimal, other: Decimal) -> bool:
    """True where "more than 300" meets 312: the same thing, and not far beyond the bound."""
    if ours.year_like or ours.ordinal or not (ours.dimension or ours.nouns & theirs.nouns):
        return False
    if ours.bound in ("over", "least"):
        return value < other <= value * NEAR
    return ours.bound in ("under", "most") and value / NEAR <= other < value


def _rounds(exact: Decimal, rounded: Decimal) -> bool:
    """True where `exact` rounds to `rounded` at its last digit that is not 0, as "about" allows."""
    if rounded < 20 or not exact:
        return False
    exponent = rounded.normalize().as_tuple().exponent
    step = Decimal(10) ** int(exponent)
    return abs(exact - rounded) <= step / 2 and abs(exact - rounded) <= rounded / 10
