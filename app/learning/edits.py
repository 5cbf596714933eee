"""Edits that make a sentence untrue: numbers, months, names, negation, opposites."""

import random
import re
from collections.abc import Callable

from agents.check.words import listed
from app.learning.opposites import OPPOSITES
from app.learning.pairs import CONTRADICTED, NOT_CARRIED

Edit = Callable[[str, str, random.Random], str | None]
"""Takes a sentence, the text around it and the dice; None where it does not apply."""

MONTHS = listed(
    """January February March April May June July August September October November December"""
)

_NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?!\w)")
_MONTH = re.compile(rf"\b({'|'.join(MONTHS)})\b")
_NAME = re.compile(
    r"\b[A-Z][\w'’.-]*[a-z](?:\s+(?:of\s+the\s+|of\s+|the\s+|de\s+|von\s+)?[A-Z][\w'’.-]*[a-z])*"
)
_NO_NAME = frozenset(
    listed("""The A An In On At It He She They This That These His Her Their During After Before As
    By For From With When While However Although Its Two Three One There If Since Both Many Most
    Some And But Later Under Another""")
)
_AUXILIARY = re.compile(
    r"\b(is|are|was|were|has|have|had|can|could|will|would|does|did|may|must|should)\b(?! not|n't)"
)
_DENIAL = re.compile(r"\b(?:not|never)\s+|n't\b")
_OPPOSITE = re.compile(rf"\b({'|'.join(sorted(map(re.escape, OPPOSITES), key=len)[::-1])})\b")
_LISTED = re.compile(r"\s*(?:,|and|or|, and)\s*")


def broken(sentence: str, around: str, dice: random.Random) -> tuple[str, int] | None:
    """Return the sentence with one thing changed, and the label of what came of it, or None.

    `around` is text that names and numbers are taken from.
    """
    order = sorted(EDITS, key=lambda edit: -(dice.random() ** (1 / edit[1])))
    for edit, _, label in order:
        made = edit(sentence, around, dice)
        if made and made != sentence:
            return made, label
    return None


def number(sentence: str, around: str, dice: random.Random) -> str | None:
    """Another number in place of one: of the text around, or one that is off."""
    found = list(_NUMBER.finditer(sentence))
    if not found:
        return None
    chosen = dice.choice(found)
    old = chosen[0]
    others = [n[0] for n in _NUMBER.finditer(around) if n[0] != old and len(n[0]) == len(old)]
    new = dice.choice(others) if others and dice.random() < 0.4 else _off(old, dice)
    return sentence[: chosen.start()] + new + sentence[chosen.end() :]


def _off(old: str, dice: random.Random) -> str:
    plain = old.replace(",", "")
    value = float(plain)
    if "." in plain:
        digits = len(plain.partition(".")[2])
        return f"{value * dice.choice([0.5, 0.8, 1.3, 2, 3]):.{digits}f}"
    if len(plain) == 4 and 1000 < value < 2100:
        return str(int(value) + dice.choice([-30, -12, -7, -3, -2, -1, 1, 2, 3, 5, 9, 20]))
    if value <= 31:
        return str(max(1, int(value) + dice.choice([-4, -2, -1, 1, 2, 3, 6])))
    new = int(value * dice.choice([0.3, 0.5, 0.9, 1.1, 1.5, 2, 4]))
    return f"{new:,}" if "," in old else str(new)


def month(sentence: str, around: str, dice: random.Random) -> str | None:
    """Another month in place of one."""
    found = list(_MONTH.finditer(sentence))
    if not found:
        return None
    chosen = dice.choice(found)
    new = dice.choice([name for name in MONTHS if name != chosen[0]])
    return sentence[: chosen.start()] + new + sentence[chosen.end() :]


def name(sentence: str, around: str, dice: random.Random) -> str | None:
    """A name of the text around in place of one."""
    ours = names(sentence)
    if not ours:
        return None
    start, end, old = dice.choice(ours)
    words = set(old.split())
    known = {one for *_, one in ours}
    theirs = [one for *_, one in names(around) if one not in known and not words & {*one.split()}]
    alike = [one for one in theirs if len(one.split()) == len(words)] or theirs
    return sentence[:start] + dice.choice(alike) + sentence[end:] if alike else None


def exchange(sentence: str, around: str, dice: random.Random) -> str | None:
    """Two names of the sentence, each in the other's place."""
    ours = names(sentence)
    if len(ours) < 2:
        return None
    first, second = sorted(dice.sample(range(len(ours)), 2))
    (a, b, one), (c, d, other) = ours[first], ours[second]
    if {*one.split()} & {*other.split()} or _LISTED.fullmatch(sentence[b:c]):
        return None
    return sentence[:a] + other + sentence[b:c] + one + sentence[d:]


def negate(sentence: str, around: str, dice: random.Random) -> str | None:
    """A negation put in, or taken out."""
    denial = _DENIAL.search(sentence)
    if denial and dice.random() < 0.8:
        return sentence[: denial.start()] + sentence[denial.end() :]
    found = _AUXILIARY.search(sentence)
    if not found:
        return None
    word = dice.choice([" not", " not", " never"])
    return sentence[: found.end()] + word + sentence[found.end() :]


def turn(sentence: str, around: str, dice: random.Random) -> str | None:
    """A word of opposite or other meaning in place of one: first, last; all, some; won, lost."""
    found = list(_OPPOSITE.finditer(sentence))
    if not found:
        return None
    chosen = dice.choice(found)
    new = dice.choice(OPPOSITES[chosen[0]])
    return sentence[: chosen.start()] + new + sentence[chosen.end() :]


def names(text: str) -> list[tuple[int, int, str]]:
    """Return what looks like a name: start, end and text. A lone first word is none."""
    found = []
    for match in _NAME.finditer(text):
        start, said = match.start(), match[0]
        first, _, rest = said.partition(" ")
        if first in _NO_NAME:
            start, said = match.end() - len(rest.lstrip()), rest.lstrip()
        lone = match.start() == 0 and " " not in said
        if said and said not in MONTHS and not lone:
            found.append((start, start + len(said), said))
    return found


EDITS: tuple[tuple[Edit, int, int], ...] = (
    (number, 3, CONTRADICTED),
    (month, 1, CONTRADICTED),
    (name, 3, CONTRADICTED),
    (exchange, 2, NOT_CARRIED),
    (negate, 1, CONTRADICTED),
    (turn, 3, CONTRADICTED),
)
"""Each edit, how often it is tried first, and the label of what it makes."""
