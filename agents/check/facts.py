"""What evidence must carry: numbers with units, dates, names, negation and quantifiers."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from agents.check.dates import Date, dates
from agents.check.names import Name, core, initials, names, plain, run_on, same, within
from agents.check.numbers import DECADE, Number, free_units, numbers
from agents.check.polarity import Polarity, opposite, polarity, shares
from agents.check.words import words

Kind = Literal["number", "date", "name", "negation", "quantifier", "opposite"]

_LOOSE = {
    "one": 1, "single": 1, "sole": 1, "once": 1, "an": 1, "一": 1, "only": 1,
    "both": 2, "pair": 2, "twice": 2, "double": 2, "couple": 2, "双": 2,
}  # fmt: skip
_APART = ("percent", "before christ", DECADE)


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of one text.

    `words` are all its words as names compare them, `order` the same in order, `units` the
    dimensions of its unit words, `loose` small counts in other words ("both", "a single").
    """

    numbers: tuple[Number, ...]
    dates: tuple[Date, ...]
    names: tuple[Name, ...]
    polarity: Polarity
    words: frozenset[str]
    order: tuple[str, ...]
    initials: frozenset[str]
    units: frozenset[str]
    loose: frozenset[int]


@dataclass(frozen=True, slots=True)
class Missing:
    """A fact of a claim that the evidence does not carry, with a clause for people that says so.

    `clash` is True where the evidence has something else in its place rather than nothing.
    """

    kind: Kind
    text: str
    because: str
    clash: bool = False


@lru_cache(maxsize=1024)
def facts(text: str) -> Facts:
    """Extract the facts of a text. Numbers inside a date belong to the date."""
    text = unicodedata.normalize("NFC", text)
    found = dates(text)
    tokens = words(text)
    plains = frozenset(plain(token.surface) for token in tokens)
    return Facts(
        numbers=tuple(
            n for n in numbers(text) if not any(d.start <= n.start < d.end for d in found)
        ),
        dates=tuple(found),
        names=tuple(names(text)),
        polarity=polarity(text),
        words=plains,
        order=tuple(plain(token.surface) for token in tokens),
        initials=initials(text),
        units=free_units(text),
        loose=frozenset(value for word, value in _LOOSE.items() if word in plains),
    )


def carried(claim: Facts, evidence: Facts) -> list[Missing]:
    """Return what the claim says and the evidence does not carry, each with its reason."""
    return [*missing_things(claim, evidence), *missing_sense(claim, evidence)]


def missing_things(claim: Facts, evidence: Facts) -> list[Missing]:
    """Return the numbers, dates and names of the claim that are nowhere in the evidence."""
    return [
        *_numbers(claim, evidence),
        *_dates(claim, evidence),
        *(_missing_name(name) for name in claim.names if not _named(name, evidence)),
    ]


def missing_sense(claim: Facts, evidence: Facts) -> list[Missing]:
    """Return where claim and evidence disagree in negation, quantifiers or opposite words.

    Meant for evidence of a sentence or two: over a whole page nearly every text denies something.
    """
    return [*_negation(claim.polarity, evidence.polarity), *_quantifiers(claim, evidence)]


def _numbers(claim: Facts, evidence: Facts) -> Iterator[Missing]:
    offered = (*evidence.numbers, *_of_dates(evidence.dates))
    ours = {number.value for number in claim.numbers}
    for number in claim.numbers:
        if any(_equal(number, other, evidence) for other in offered):
            continue
        if not number.dimension and number.value in evidence.loose:
            continue
        rivals = [o for o in offered if _rivals(number, o) and o.value not in ours]
        rival = min(rivals, key=lambda other: abs(other.value - number.value), default=None)
        but = f" but {rival.text.strip()}" if rival else ""
        yield Missing(
            "number", number.text, f"the quote does not say {number.text.strip()}{but}", bool(rival)
        )


def _of_dates(found: tuple[Date, ...]) -> Iterator[Number]:
    for date in found:
        for part in (date.year, date.day):
            if part is not None:
                value = Decimal(part)
                yield Number(value, str(part), date.start, date.end, value)


def _equal(ours: Number, theirs: Number, evidence: Facts) -> bool:
    if ours.dimension == theirs.dimension:
        return _close(ours, theirs)
    if ours.dimension == DECADE:
        return not theirs.dimension and ours.raw <= theirs.raw < ours.raw + 10
    if not theirs.dimension:
        return ours.dimension in evidence.units and _close_raw(ours, theirs)
    return not ours.dimension and theirs.dimension not in _APART and _close_raw(ours, theirs)


def _close(ours: Number, theirs: Number) -> bool:
    if ours.value == theirs.value:
        return True
    return ours.hedged and not ours.ordinal and _rounds(theirs.value, ours.value)


def _close_raw(ours: Number, theirs: Number) -> bool:
    if ours.raw == theirs.raw:
        return True
    return ours.hedged and not ours.ordinal and _rounds(theirs.raw, ours.raw)


def _rounds(exact: Decimal, rounded: Decimal) -> bool:
    """True where `exact` rounds to `rounded` at its last digit that is not 0, as "about" allows."""
    if rounded < 20 or not exact:
        return False
    exponent = rounded.normalize().as_tuple().exponent
    step = Decimal(10) ** int(exponent)
    return abs(exact - rounded) <= step / 2 and abs(exact - rounded) <= rounded / 10


def _rivals(ours: Number, theirs: Number) -> bool:
    """True where the two could stand in one place: same unit, and both years or neither."""
    if ours.dimension != theirs.dimension or ours.ordinal != theirs.ordinal:
        return False
    return _year_like(ours) == _year_like(theirs)


def _year_like(number: Number) -> bool:
    return not number.dimension and 1000 <= number.raw <= 2100 and "," not in number.text


def _dates(claim: Facts, evidence: Facts) -> Iterator[Missing]:
    for start in sorted({date.start for date in claim.dates}):
        readings = [date for date in claim.dates if date.start == start]
        if any(_dated(date, evidence) for date in readings):
            continue
        text = readings[0].text
        rival = next((other for other in evidence.dates if _same_shape(readings[0], other)), None)
        but = f" but {rival.text}" if rival else ""
        yield Missing("date", text, f"the quote does not say {text}{but}", bool(rival))


def _dated(date: Date, evidence: Facts) -> bool:
    years = {number.value for number in evidence.numbers} | {d.year for d in evidence.dates}
    for other in evidence.dates:
        month = other.month == date.month
        day = date.day is None or other.day == date.day
        year = date.year in (None, other.year) or (other.year is None and date.year in years)
        if month and day and year:
            return True
    return False


def _same_shape(ours: Date, theirs: Date) -> bool:
    return (ours.day is None) == (theirs.day is None) or (
        ours.year is not None and theirs.year is not None
    )


def _named(name: Name, evidence: Facts) -> bool:
    tokens = core(name.tokens)
    if not name.sure or _written(tokens, evidence):
        return True
    if len(name.tokens) == 1:
        return name.tokens[0] in evidence.initials
    if "".join(token[0] for token in name.tokens) in evidence.words:
        return True
    return any(other.tokens == (tokens[-1],) for other in evidence.names)


def _written(tokens: tuple[str, ...], evidence: Facts) -> bool:
    if any(within(tokens, name) for name in evidence.names):
        return True
    if len(tokens) == 1:
        return any(same(tokens[0], word) for word in evidence.words)
    return run_on(tokens, evidence.order)


def _missing_name(name: Name) -> Missing:
    return Missing("name", name.text, f"the quote does not name {name.text}")


def _negation(claim: Polarity, evidence: Polarity) -> Iterator[Missing]:
    if claim.cues and not evidence.cues:
        cue, clash = claim.cues[0], bool(shares(evidence, claim.denied))
        yield Missing("negation", cue, f"the quote does not deny it ({cue})", clash)
    elif evidence.cues and not claim.cues and shares(claim, evidence.denied):
        cue = evidence.cues[0]
        yield Missing("negation", cue, f"the quote says the opposite ({cue})", True)
    turned = opposite(claim, evidence)
    if turned:
        yield Missing("opposite", turned[0], f"the quote says {turned[1]}, not {turned[0]}", True)


def _quantifiers(claim: Facts, evidence: Facts) -> Iterator[Missing]:
    for kind, word in claim.polarity.quantifiers:
        if kind not in evidence.polarity.held and not (kind == "most" and _superlative(evidence)):
            yield Missing("quantifier", word, f"the quote does not say {word}")


def _superlative(evidence: Facts) -> bool:
    return any(word.endswith("est") and len(word) > 5 for word in evidence.words)
