"""What evidence must carry: numbers with units, dates, names, negation and quantifiers."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from agents.check.amounts import carries, misplaced, of_dates, rival
from agents.check.dates import Date, dates, weekdays
from agents.check.names import (
    Name,
    core,
    initials,
    is_side,
    kinds,
    merged,
    names,
    plain,
    run_on,
    same,
    sided,
    within,
)
from agents.check.names_zh import HanName, han_names
from agents.check.number import Number
from agents.check.numbers import numbers
from agents.check.polarity import Polarity, denies, negated_by_word, opposite, polarity, shares
from agents.check.ranks import outranked, ranks
from agents.check.readings import free_units, ones
from agents.check.words import words

Kind = Literal["number", "date", "name", "negation", "quantifier", "opposite"]

_LOOSE = {
    "one": 1, "single": 1, "sole": 1, "once": 1, "an": 1, "一": 1, "only": 1,
    "both": 2, "pair": 2, "twice": 2, "double": 2, "couple": 2, "双": 2,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of one text.

    `words` are all its words as names compare them, `order` the same in order, `units` the
    dimensions of its unit words, `loose` small counts in other words ("both", "a single").
    """

    numbers: tuple[Number, ...]
    ones: tuple[Number, ...]
    dates: tuple[Date, ...]
    names: tuple[Name, ...]
    han_names: tuple[HanName, ...]
    weekdays: tuple[tuple[int, str], ...]
    polarity: Polarity
    ranks: frozenset[tuple[str, str]]
    words: frozenset[str]
    order: tuple[str, ...]
    initials: frozenset[str]
    units: frozenset[str]
    loose: frozenset[Decimal]


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
    found, every = dates(text), numbers(text)
    tokens = words(text)
    order = merged([plain(token.surface) for token in tokens])
    plains = frozenset(order).union(plain(token.surface) for token in tokens)
    return Facts(
        numbers=tuple(n for n in every if not any(d.start <= n.start < d.end for d in found)),
        ones=tuple(ones(text)),
        dates=tuple(found),
        names=tuple(
            name
            for name in names(text)
            if not any(n.start <= name.start and name.end <= n.end for n in every)
        ),
        han_names=tuple(han_names(text)),
        weekdays=tuple(weekdays(text)),
        polarity=polarity(text),
        ranks=ranks(text),
        words=plains,
        order=order,
        initials=initials(text),
        units=free_units(text),
        loose=frozenset(Decimal(value) for word, value in _LOOSE.items() if word in plains),
    )


def carried(claim: Facts, evidence: Facts) -> list[Missing]:
    """Return what the claim says and the evidence does not carry, each with its reason."""
    return [*missing_things(claim, evidence), *missing_sense(claim, evidence)]


def missing_things(claim: Facts, evidence: Facts) -> list[Missing]:
    """Return the numbers, dates and names of the claim that are nowhere in the evidence."""
    return [
        *_numbers(claim, evidence),
        *_dates(claim, evidence),
        *(_missing_name(name.text) for name in claim.names if not _named(name, evidence)),
        *(_missing_name(name.text) for name in claim.han_names if not _signed(name, evidence)),
    ]


def missing_sense(claim: Facts, evidence: Facts) -> list[Missing]:
    """Return where claim and evidence disagree in negation, quantifiers or opposite words.

    Meant for evidence of a sentence or two: over a whole page nearly every text denies something.
    """
    return [*_negation(claim.polarity, evidence.polarity), *_quantifiers(claim, evidence)]


def _numbers(claim: Facts, evidence: Facts) -> Iterator[Missing]:
    offered = (*evidence.numbers, *of_dates(evidence.dates), *evidence.ones)
    ours = frozenset(number.value for number in claim.numbers)
    for number in claim.numbers:
        text = number.text.strip()
        if not carries(number, offered, evidence.units, evidence.loose):
            other = rival(number, offered, ours)
            but = f" but {other.text.strip()}" if other else ""
            yield Missing("number", number.text, f"the quote does not say {text}{but}", bool(other))
        elif (other := misplaced(number, offered, evidence.units)) is not None:
            because = f"the quote says {text} of something else, and {other.text.strip()} here"
            yield Missing("number", number.text, because, True)


def _dates(claim: Facts, evidence: Facts) -> Iterator[Missing]:
    for start in sorted({date.start for date in claim.dates}):
        readings = [date for date in claim.dates if date.start == start]
        if any(_dated(date, evidence) for date in readings):
            continue
        text = readings[0].text
        rival = next((other for other in evidence.dates if _same_shape(readings[0], other)), None)
        but = f" but {rival.text}" if rival else ""
        yield Missing("date", text, f"the quote does not say {text}{but}", bool(rival))
    for day, text in claim.weekdays:
        if all(day != other for other, _ in evidence.weekdays):
            said = next((other for _, other in evidence.weekdays), "")
            but = f" but {said}" if said else ""
            yield Missing("date", text, f"the quote does not say {text}{but}", bool(said))


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
    if not name.sure:
        return True
    if _written(core(name.tokens), evidence):
        return all(any(same(kind, word) for word in evidence.words) for kind in kinds(name.tokens))
    if len(name.tokens) == 1:
        return name.tokens[0] in evidence.initials
    if "".join(token[0] for token in name.tokens) in evidence.words:
        return True
    return any(all(_written(part, evidence) for part in parts) for parts in name.readings)


def _written(tokens: tuple[str, ...], evidence: Facts) -> bool:
    if len(tokens) == 1:
        return _single(tokens[0], evidence)
    if any(within(tokens, name) for name in evidence.names):
        return True
    if any(len(token) == 1 for token in tokens):
        size, order = len(tokens), evidence.order
        return any(order[at : at + size] == tokens for at in range(len(order)))
    return run_on(tokens, evidence.order)


def _single(token: str, evidence: Facts) -> bool:
    """True where the evidence has the word, and not only as "West Virginia" has Virginia."""
    times = sum(same(token, word) for word in evidence.order)
    holding = [name for name in evidence.names if any(same(token, word) for word in name.tokens)]
    return times > (0 if is_side(token) else sum(sided(token, name) for name in holding))


def _signed(name: HanName, evidence: Facts) -> bool:
    # Chinese has no spaces between words: those that there are come from the page's layout.
    said = "".join(evidence.polarity.han.split())
    return any("".join(sign.split()) in said for sign in name.signs)


def _missing_name(text: str) -> Missing:
    return Missing("name", text, f"the quote does not name {text}")


def _negation(claim: Polarity, evidence: Polarity) -> Iterator[Missing]:
    if claim.cues and not negated_by_word(claim, evidence):
        clash = bool(shares(evidence, claim.denied))
        if not evidence.cues or denies(claim, evidence):
            cue = claim.cues[0]
            yield Missing("negation", cue, f"the quote does not deny it ({cue})", clash)
    opposed = denies(evidence, claim) if claim.cues else shares(claim, evidence.denied)
    if evidence.cues and opposed:
        cue = evidence.cues[0]
        yield Missing("negation", cue, f"the quote says the opposite ({cue})", True)
    turned = opposite(claim, evidence)
    if turned:
        yield Missing("opposite", turned[0], f"the quote says {turned[1]}, not {turned[0]}", True)


def _quantifiers(claim: Facts, evidence: Facts) -> Iterator[Missing]:
    for kind, word in claim.polarity.quantifiers:
        if kind not in evidence.polarity.held and not (kind == "most" and _superlative(evidence)):
            yield Missing("quantifier", word, f"the quote does not say {word}")

    lower = outranked(claim.ranks, evidence.ranks)
    if lower:
        yield Missing("quantifier", lower.split()[-1], f"the quote says {lower}", True)


def _superlative(evidence: Facts) -> bool:
    return any(word.endswith("est") and len(word) > 5 for word in evidence.words)
