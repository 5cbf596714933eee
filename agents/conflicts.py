"""Quotes of different places that answer a question with different facts: told, never averaged."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import combinations
from typing import Protocol, TypeVar

from agents.answers import Conflict, Difference, Quoted
from agents.check.dates import Date, dates
from agents.check.names import names
from agents.check.number import Number
from agents.check.numbers import numbers
from agents.guesses import guesses
from agents.wording import bigrams, content, kind_of, stem, terms

ABOUT = 0.5
"""Share of the question's content words that both quotes must carry, with their titles."""

NAMED = 0.65
"""Share that both texts themselves must carry where a name or a bare year tells a conflict."""

ALIKE = 0.7
"""Share of the shorter quote's words that must stand in both, in order, for a swapped word to tell
a conflict by itself."""

LONGEST = 6
"""Words, or Chinese characters, of what was swapped."""

SURE = 0.4
"""The least odds of a name, with the phrases around it, that is taken for what a quote answers."""

REACH = 20
"""Characters at which a word of the question counts half as much as one right beside a fact."""

_BY = re.compile(r"\b(\w+(?:ed|en|wn|ught|ilt|ade|old|ung))\s+by\s+(?:the\s+)?$", re.IGNORECASE)
"""What somebody did, right before the name."""
_DATELINE = re.compile(r"\s*(?:\.\.\.|…|[-–—·|])")
_TOKEN = re.compile(r"[\u3400-\u9fff]|\d[\d.,:]*\d|\d|[^\W\d_]+(?:['’][^\W\d_]+)*|[%$€£]")
_NOT = frozenset(
    [
        "not",
        "no",
        "never",
        "neither",
        "nor",
        "cannot",
        "didn't",
        "wasn't",
        "isn't",
        "不",
        "没",
        "未",
        "无",
        "非",
    ]
)
_FILLERS = frozenset("的了是在和与及或之也其这那个们于为以而并就都有被把从到对由等将着过地得")


def conflicts(question: str, quotes: Sequence[Quoted]) -> tuple[Conflict, ...]:
    """Return the pairs of quotes that contradict each other in what was asked, in their order.

    Two quotes conflict if both are about the question and either say the same but for one swapped
    fact, or answer it with dates, amounts or names of which neither stands in the other quote.
    """
    asked = frozenset(content(question))
    about = [quote for quote in quotes if _about(asked, quote)]
    found = (_conflict(question, asked, a, b) for a, b in combinations(about, 2) if _apart(a, b))
    return tuple(one for one in found if one is not None)


def _about(asked: frozenset[str], quote: Quoted) -> bool:
    held = frozenset(terms(f"{quote.title} {quote.heading} {quote.text}"))
    return bool(asked) and len(asked & held) >= ABOUT * len(asked)


def _apart(first: Quoted, second: Quoted) -> bool:
    """True for quotes of two documents, or of two places of one that do not touch."""
    if first.document != second.document:
        return True
    return first.end < second.start or second.end < first.start


def _conflict(question: str, asked: frozenset[str], a: Quoted, b: Quoted) -> Conflict | None:
    for way in (_swapped, _dated, _counted, _named):
        told = way(question, asked, a.text, b.text)
        if told is not None:
            kind, first, second = told
            return Conflict(kind, a.number, first, b.number, second)
    return None


Told = tuple[Difference, str, str]


def _swapped(question: str, asked: frozenset[str], left: str, right: str) -> Told | None:
    """The first fact that stands in the place of another one in a sentence otherwise the same."""
    a, b = list(_TOKEN.finditer(left)), list(_TOKEN.finditer(right))
    mine, theirs = [_fold(t[0]) for t in a], [_fold(t[0]) for t in b]
    matcher = SequenceMatcher(None, mine, theirs, autojunk=False)
    same = sum(block.size for block in matcher.get_matching_blocks())
    if min(len(a), len(b)) < LONGEST or same < ALIKE * min(len(a), len(b)):
        return None
    for what, i, j, k, m in matcher.get_opcodes():
        gone, new = mine[i:j], theirs[k:m]
        if what in ("insert", "delete") and {*gone, *new} <= _NOT and len(gone) + len(new) <= 2:
            return "negation", _words(left, a, i, j) or "", _words(right, b, k, m) or ""
        inside = i > 0 and k > 0 and j <= len(a) and m <= len(b)
        if what == "replace" and max(len(gone), len(new)) <= LONGEST and (inside or j < len(a)):
            first, second = _words(left, a, i, j), _words(right, b, k, m)
            kind = _kind(first, second)
            wanted = kind != "number" or kind_of(question) not in ("person", "place")
            if kind and wanted and not asked & {*terms(first), *terms(second)}:
                return kind, first, second
    return None


def _fold(token: str) -> str:
    return token if token.isdigit() else stem(token)


def _words(text: str, found: Sequence[re.Match[str]], start: int, end: int) -> str:
    return text[found[start].start() : found[end - 1].end()] if end > start else ""


def _kind(first: str, second: str) -> Difference | None:
    """The kind of fact that both are; None where they are of two kinds, or of none."""
    if any(c.isdigit() for c in first) and any(c.isdigit() for c in second):
        return "number"
    if bigrams(first) and bigrams(second):
        fillers = any(c in _FILLERS for c in first + second)
        return "name" if len(first) > 1 and len(second) > 1 and not fillers else None
    if first[:1].isupper() and second[:1].isupper():
        return "name"
    return None


def _dated(question: str, asked: frozenset[str], left: str, right: str) -> Told | None:
    """For a "when": the dates nearest to the question's words, neither of which the other has."""
    if kind_of(question) != "time":
        return None
    a, b = _dates(question, left), _dates(question, right)
    if not a or not b:
        return None
    first, second = _nearest(asked, left, a), _nearest(asked, right, b)
    if any(_agree(first, date) for date in b) or any(_agree(second, date) for date in a):
        return None
    if None in (first.month, second.month) and not _close(asked, left, right):
        return None
    return "date", first.text.strip(), second.text.strip()


def _close(asked: frozenset[str], left: str, right: str) -> bool:
    """Whether both texts themselves are about the question, and not about something near it."""
    shares = (len(asked & frozenset(terms(text))) for text in (left, right))
    return min(shares) >= NAMED * len(asked)


def _dates(question: str, text: str) -> list[Date]:
    """The dates of a text that the question does not give itself; else its bare years. A date that
    only says when the page was written is none."""
    given = {number.raw for number in numbers(question)}
    found = [date for date in dates(text) if date.year not in given]
    if found:
        return [date for date in found if not _DATELINE.match(text[date.end :]) or date.start]
    years = [n for n in numbers(text) if n.year_like and n.raw not in given]
    return [Date(int(n.raw), None, None, n.text, n.start, n.end) for n in years]


def _agree(a: Date, b: Date) -> bool:
    """True unless a part that both give differs."""
    pairs = ((a.year, b.year), (a.month, b.month), (a.day, b.day))
    return all(x is None or y is None or x == y for x, y in pairs)


class _Placed(Protocol):
    @property
    def start(self) -> int: ...


Place = TypeVar("Place", bound=_Placed)


def _nearest(asked: frozenset[str], text: str, found: Sequence[Place]) -> Place:
    """The fact that stands nearest to the question's words."""
    at = [m.start() for m in _TOKEN.finditer(text) if stem(m[0]) in asked]
    at += [n for n in range(len(text) - 1) if text[n : n + 2] in asked]
    return max(found, key=lambda fact: sum(1 / (REACH + abs(fact.start - n)) for n in at))


def _counted(question: str, asked: frozenset[str], left: str, right: str) -> Told | None:
    """For an amount: those nearest to the question's words, neither of which the other has."""
    kind = kind_of(question)
    if kind not in ("number", "thing"):
        return None
    a, b = _amounts(question, left), _amounts(question, right)
    if not a or not b:
        return None
    first, second = _nearest(asked, left, a), _nearest(asked, right, b)
    measured = bool(first.dimension) and first.dimension == second.dimension
    counted = kind == "number" and not second.dimension and bool(first.nouns & second.nouns)
    held = first.value in {n.value for n in b} or second.value in {n.value for n in a}
    if held or not (measured or counted):
        return None
    return "number", first.text.strip(), second.text.strip()


def _amounts(question: str, text: str) -> list[Number]:
    """The exact amounts of a text that the question does not give itself, and no dates."""
    given = {number.value for number in numbers(question)}
    spans = [(date.start, date.end) for date in dates(text)]
    return [
        n
        for n in numbers(text)
        if n.value not in given
        and not (n.ordinal or n.named or n.label or n.bound)
        and (n.dimension or (n.nouns and not n.year_like))
        and not any(start <= n.start < end for start, end in spans)
    ]


def _named(question: str, asked: frozenset[str], left: str, right: str) -> Told | None:
    """For a "who" or "where": the likeliest names, neither of which the other has."""
    if kind_of(question) not in ("person", "place") or bigrams(question):
        return None
    if not _close(asked, left, right):
        return None
    first, second = _name(question, left), _name(question, right)
    if first is None or second is None or _holds(left, second) or _holds(right, first):
        return None
    if _other_deed(asked, _deed(left, first), _deed(right, second)):
        return None
    return "name", first, second


def _deed(text: str, name: str) -> str:
    """The stem of what somebody did, where it stands right before the name somewhere; else ""."""
    places = re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text)
    found = (_BY.search(text[: place.start()]) for place in places)
    return next((stem(deed[1]) for deed in found if deed), "")


def _other_deed(asked: frozenset[str], first: str, second: str) -> bool:
    """True where one name did what is asked about and the other one something else."""
    return bool(first and second) and first != second and (first in asked) != (second in asked)


def _holds(text: str, name: str) -> bool:
    """True if a text has a word of a name."""
    return bool(frozenset(terms(name)) & frozenset(terms(text)))


@lru_cache(maxsize=64)
def _name(question: str, text: str) -> str | None:
    """The name that a text answers with, if one is likely enough."""
    likely = guesses(question, [text])
    asked = frozenset(content(question))
    scores: dict[str, float] = {}
    for name in names(text):
        if not asked & frozenset(terms(name.text)):
            inside = (g.odds for g in likely if g.phrase.text in name.text)
            around = (g.odds for g in likely if name.text in g.phrase.text != name.text)
            scores[name.text] = sum(inside) + sum(around)
    best = max(scores, key=lambda name: scores[name], default=None)
    return best if best is not None and scores[best] >= SURE else None
