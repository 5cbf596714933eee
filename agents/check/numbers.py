"""Numbers in a text, normalised: digits, words, scales, ordinals, shares, periods, ranges."""

import re
from collections.abc import Iterator
from dataclasses import replace

from agents.check.bounds import bound, exact
from agents.check.counted import counted, naming
from agents.check.fractions import shares
from agents.check.number import ONE, PERIOD, Number
from agents.check.periods import periods
from agents.check.readings import digits, han, romans, worded
from agents.check.units import SIGNS

_SIGN = rf"(?:US)?[{SIGNS}]?$"
_RANGE = re.compile(rf"\s*(?:[-–—~～]|to|and|or|至|到)\s*{_SIGN}")
_TO = re.compile(rf"\s*(?:[-–—~～]|to|至|到)\s*{_SIGN}")
_BETWEEN = re.compile(rf"(?:\bbetween|介于|在)\s*{_SIGN}", re.IGNORECASE)
_CHANGE = re.compile(rf"(?:\bfrom|\bby|从|由|自)\s*{_SIGN}", re.IGNORECASE)
_SEVERAL = re.compile(r"\s+(?:people|men|women|children|(?!loss)[a-z]+s)\b")


def numbers(text: str) -> list[Number]:
    """Return the numbers of a text in order; "one" and 一 alone, mostly pronouns, are left out."""
    told = list(_apart([*shares(text), *periods(text)]))
    plain = [*digits(text), *worded(text), *han(text), *romans(text)]
    rest = [n for n in plain if not any(n.start < o.end and o.start < n.end for o in told)]
    return _ranges(text, [_placed(text, number) for number in _apart([*told, *rest])])


def _apart(found: list[Number]) -> Iterator[Number]:
    """Of numbers that overlap, keep the first, and of those that begin together the longest."""
    end = -1
    for number in sorted(found, key=lambda number: (number.start, -number.end)):
        if number.start >= end:
            yield number
            end = number.end


def _placed(text: str, number: Number) -> Number:
    """The number with what stands around it: its bound, what it counts, whether it names."""
    return replace(
        number,
        bound=bound(text, number.start, number.figure or number.end, number.end),
        exact=exact(text, number.start),
        nouns=counted(text, number.end),
        named=number.named or (not number.dimension and naming(text, number.start)),
    )


def _ranges(text: str, found: list[Number]) -> list[Number]:
    """Give the low end of a range the unit and scale of its high end, both their span, and the
    second year of 2008-09 its century."""
    settled = list(found)
    for index in range(len(settled) - 2, -1, -1):
        low, high = settled[index], settled[index + 1]
        between = text[low.end : high.start]
        if PERIOD in (low.dimension, high.dimension) or not _RANGE.fullmatch(between):
            continue
        low = _like(low, high)
        if between.strip() in ("-", "–") and 1000 <= low.raw <= 2100 and 0 < high.raw < 100:
            value = low.raw // 100 * 100 + high.raw
            high = replace(high, value=value, raw=value, dimension="")
        if low.value < high.value and low.dimension == high.dimension:
            low, high = _spanned(text, low, high)
        settled[index : index + 2] = low, high
    return settled


def _spanned(text: str, low: Number, high: Number) -> tuple[Number, Number]:
    """Both ends with their span; those of years, scores and changes stand for themselves too."""
    ends = (low.value, high.value)
    if not _amounts(text, low, high):
        return replace(low, span=ends, apart=True), replace(high, span=ends, apart=True)
    apart = _CHANGE.search(text, max(0, low.start - 12), low.start) is not None
    low = replace(low, span=ends, bound="", nouns=high.nouns, apart=apart)
    return low, replace(high, span=ends, bound="", apart=apart)


def _like(low: Number, high: Number) -> Number:
    """The low end with the scale and unit that stand behind the high end alone."""
    if low.dimension or low.ordinal or not high.raw:
        return low
    scaled = low.raw * high.scale if low.scale == ONE and low.raw < high.raw / high.scale else None
    raw = low.raw if scaled is None else scaled
    factor = high.value / high.raw
    return replace(low, raw=raw, value=raw * factor, dimension=high.dimension)


def _amounts(text: str, low: Number, high: Number) -> bool:
    """True for a range of amounts, such as 5-10 km; not for years and scores."""
    between, before = text[low.end : high.start], text[max(0, low.start - 12) : low.start]
    if low.ordinal != high.ordinal or low.year_like or high.year_like:
        return False
    if _BETWEEN.search(before):
        return True
    if not _TO.fullmatch(between):
        return False
    if high.dimension or not between.strip().startswith(("-", "–", "—")):
        return True
    return _SEVERAL.match(text, high.end) is not None
