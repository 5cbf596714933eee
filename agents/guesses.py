"""How likely each phrase of the quotes is to answer a question, by a fitted linear score.

The features are those of the logistic baseline of SQuAD (Rajpurkar et al. 2016, section 5) as far
as they need no parser: nearness to the question's words, shape, borders, and the kind asked for.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from agents.guess_weights import WEIGHTS
from agents.phrases import EDGES, Phrase, Word, phrases, words_of
from agents.wording import bigrams, carries, content, kind_of, stem

_FOCUS = re.compile(r"\b(?:what|which|whose|how many|how much)\s+([\w'’-]+)", re.IGNORECASE)
_VERBS = frozenset(
    ("is", "was", "were", "are", "had", "has", "have", "did", "would", "will", "can")
)
_NO_FOCUS = _VERBS | {"does", "do", "of", "kind", "type", "name", "else", "other"}
_WHY = re.compile(r"\bwhy\b|\bwhat (?:caused|causes|reason)", re.IGNORECASE)
_HOW = re.compile(r"\bhow\b", re.IGNORECASE)
_YEAR = re.compile(r"[12]\d{3}")
_MONTH = re.compile(
    r"\b(?:january|february|march|april|may|june|july|august|september|october|november|december)\b",
    re.IGNORECASE,
)
_MONEY = re.compile(r"[$£€%]|million|billion|percent")


@dataclass(frozen=True, slots=True)
class Guess:
    """A phrase of text number `index` (from 0) with its share (0..1) of the odds of all phrases."""

    index: int
    phrase: Phrase
    odds: float


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the score needs to know of a question."""

    kind: str
    stems: frozenset[str]
    focus: str


@dataclass(frozen=True, slots=True)
class _Line:
    """A text with its words, their stems and the places of the question's words."""

    index: int
    words: list[Word]
    stems: list[str]
    hits: list[int]
    share: float


def guesses(question: str, texts: Sequence[str]) -> list[Guess]:
    """Return the phrases of all texts, the likeliest first; their odds sum to one.

    None for a question in Chinese: the weights know English alone.
    """
    return [] if bigrams(question) else [*_guesses(question, tuple(texts))]


@lru_cache(maxsize=8)
def _guesses(question: str, texts: tuple[str, ...]) -> tuple[Guess, ...]:
    """The same; a run asks for those of its quotes some six times."""
    scored = [
        (index, phrase, sum(WEIGHTS.get(name, 0.0) * value for name, value in traits.items()))
        for index, phrase, traits in described(question, texts)
    ]
    top = max((score for _, _, score in scored), default=0.0)
    total = sum(math.exp(score - top) for _, _, score in scored)
    made = [Guess(i, phrase, math.exp(score - top) / total) for i, phrase, score in scored]
    return tuple(sorted(made, key=lambda guess: -guess.odds))


def described(
    question: str, texts: Sequence[str]
) -> Iterator[tuple[int, Phrase, dict[str, float]]]:
    """Yield every phrase, with its text's number and the traits that the weights are fitted on."""
    asked = _asked(question)
    lines = [_line(index, text, asked) for index, text in enumerate(texts)]
    best = max((line.share for line in lines), default=0.0)
    for line, text in zip(lines, texts, strict=True):
        place = {
            "share": line.share - best,
            "second": line.index == 1,
            "later": line.index > 1,
        }
        for phrase in phrases(text, line.words):
            plain = (
                place | _shape(line, phrase) | _borders(line, phrase) | _focus(line, phrase, asked)
            )
            plain |= _nearness(line, phrase)
            kind = {f"{asked.kind}:{name}": value for name, value in _kinds(phrase, asked, plain)}
            yield line.index, phrase, {k: float(v) for k, v in (plain | kind).items()}


def _asked(question: str) -> _Asked:
    kind: str = kind_of(question)
    if kind == "thing":
        kind = "why" if _WHY.search(question) else "how" if _HOW.search(question) else kind
    focus = _FOCUS.search(question)
    word = focus[1].lower() if focus else ""
    return _Asked(kind, frozenset(content(question)), "" if word in _NO_FOCUS else stem(word))


def _line(index: int, text: str, asked: _Asked) -> _Line:
    words = words_of(text)
    stems = [stem(word.text) for word in words]
    hits = [place for place, one in enumerate(stems) if one in asked.stems]
    share = len(asked.stems & set(stems)) / max(1, len(asked.stems))
    return _Line(index, words, stems, hits, share)


def _shape(line: _Line, phrase: Phrase) -> dict[str, float]:
    """What the phrase is made of."""
    inside = line.words[phrase.first : phrase.last + 1]
    weighty = [word for word in inside if word.low not in EDGES]
    known = sum(phrase.first <= place <= phrase.last for place in line.hits)
    return {
        "known": known / len(inside),
        "length": len(inside) / 5,
        "edges": (len(inside) - len(weighty)) / 5,
        "capital": all(word.text[0].isupper() for word in weighty),
        "digit": any(character.isdigit() for character in phrase.text),
        "and": any(word.low == "and" for word in inside),
        "comma": "," in phrase.text,
    }


def _borders(line: _Line, phrase: Phrase) -> dict[str, float]:
    """What stands left and right of it."""
    first, last = line.words[phrase.first], line.words[phrase.last]
    left = line.words[phrase.first - 1] if phrase.first else None
    right = line.words[phrase.last + 1] if phrase.last + 1 < len(line.words) else None
    return {
        "after edge": left is not None and left.low in EDGES,
        "after and": left is not None and left.low in ("and", "or"),
        "after mark": any(mark in first.before for mark in ',;:(—"“'),
        "before mark": any(mark in last.after for mark in ',;:)—"”('),
        "before edge": right is not None and right.low in EDGES,
        "before verb": right is not None and right.low in _VERBS,
        "at end": right is None,
        "quoted": any(m in first.before for m in '"“') and any(m in last.after for m in '"”'),
        "cut left": phrase.first > 1 and _joined(line.words[phrase.first - 1], first),
        "cut right": right is not None and _joined(last, right),
    }


def _joined(left: Word, right: Word) -> bool:
    """True for two capitalised words side by side: likely one name."""
    return left.text[0].isupper() and right.text[0].isupper() and left.after == " "


def _focus(line: _Line, phrase: Phrase, asked: _Asked) -> dict[str, float]:
    """Where the noun after "what" or "which" stands: "which tribe" is answered beside "tribe"."""
    stems = line.stems
    return {
        "focus in": bool(asked.focus) and asked.focus in stems[phrase.first : phrase.last + 1],
        "focus last": stems[phrase.last] == asked.focus,
        "focus left": phrase.first > 0 and stems[phrase.first - 1] == asked.focus,
        "focus right": phrase.last + 1 < len(stems) and stems[phrase.last + 1] == asked.focus,
    }


def _nearness(line: _Line, phrase: Phrase) -> dict[str, float]:
    """How close the question's words stand that are not in the phrase."""
    outside = [place for place in line.hits if not phrase.first <= place <= phrase.last]
    steps = [min(abs(place - phrase.first), abs(place - phrase.last)) for place in outside]
    return {"near": sum(1 / (1 + step) for step in steps) / 2}


def _kinds(phrase: Phrase, asked: _Asked, plain: dict[str, float]) -> Iterator[tuple[str, float]]:
    """Traits that count by the kind of answer asked for."""
    for name in ("capital", "digit", "length", "focus in"):
        yield name, plain[name]
    yield "time", carries("time", phrase.text)
    yield "number", carries("number", phrase.text)
    yield "year", _YEAR.fullmatch(phrase.text) is not None
    yield "month", _MONTH.search(phrase.text) is not None
    yield "money", _MONEY.search(phrase.text) is not None
