"""Whether words are likely to answer a question, by its kind and by the odds of phrases."""

import math
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from agents.claims import MARK
from agents.guesses import Guess
from agents.odds import logit
from agents.wording import carries, content, kind_of

_EXTENT = re.compile(
    r"\bhow (?:long|tall|high|wide|deep|far|old|heavy|big|large|fast)\b|"
    r"\bwhat (?:is|was|are|were) the (?:\w+ )?"
    r"(?:height|length|width|weight|cost|price|population|distance|depth|area|speed|size)\b",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"[|`{}<>#*_\\]")
_NEGATED = re.compile(r"\b(?:not|never|neither|fail(?:s|ed)? to)\b|n['’]t\b", re.IGNORECASE)
"""What a question denies, the words around an answer cannot show."""
_INVERTED = re.compile(
    r"\b(?:do|does|did) (?:the|an?|it|he|she|they|we|you|this|that|these|those|his|her|its|their|"
    r"[A-Z]\w+)\b"
)
"""What a question has and a statement hardly ever: its words given back in their order."""
_DATE = re.compile(
    r"\b(?:january|february|march|april|may|june|july|august|september|october|november|december)"
    r"\b|^\W*(?:in |on )?\d{4}\W*$",
    re.IGNORECASE,
)

CHOICES = 4
"""How many likely phrases a weak model chooses from; a verifier reads these, and the likeliest if
it is none of them."""

LIKELY = 0.2
"""The least share of the odds that a short answer must have to stand before the quotes. On tune
halves .75 to .81 of those that do are right (XQuAD, English; SQuAD 2, answerable), of all .48."""

Read = Mapping[str, float]
"""Probabilities (0..1) that phrases are carried as the answer by their quotes, by their words."""

UNREAD: Read = MappingProxyType({})

READ = (1.195, 0.943, 0.642)
"""The bias, and the weights of a phrase's odds and of what the verifier read, all as logits."""

SURE = 0.5
"""The least probability at which a phrase that the verifier read may stand before the quotes."""

LEADING = 0.5
"""The least odds that the phrases of a sentence answer, taken together, for it to lead the quotes
in. Of 60 questions of tune articles (XQuAD, English) that the shipped adapter did not learn from,
17 have such a sentence, and .94 of those hold the answer; of all sentences .57 do
(tests/bench/leading.py)."""


def likely(guess: Guess, question: str, read: float | None = None) -> bool:
    """Whether a phrase may stand before the quotes; `read` is the probability (0..1) that its quote
    carries it as the answer, as a verifier read it. What a question denies, neither shows."""
    enough = guess.odds >= LIKELY if read is None else chance(guess.odds, read) >= SURE
    fits = enough and plain_words(guess) and not _NEGATED.search(question)
    return fits and answers_kind(question, guess.phrase.text)


def stands(guess: Guess, question: str, found: Sequence[Guess], read: Read) -> bool:
    """Whether a phrase of `found` may stand before the quotes: it is likely, and of those that were
    read no other one is, unless the two share words. Between two answers nobody chooses here."""
    fits = likely(guess, question, read.get(guess.phrase.text))
    return fits and not contested(guess.phrase.text, question, found, read)


def contested(text: str, question: str, found: Sequence[Guess], read: Read) -> bool:
    """Whether of the phrases that were read one is likely that shares no word with a text."""
    said = set(content(text))
    rivals = (one for one in found if one.phrase.text in read)
    return any(
        said.isdisjoint(content(one.phrase.text)) and likely(one, question, read[one.phrase.text])
        for one in rivals
    )


def chance(odds: float, read: float) -> float:
    """Return the probability (0..1) that a phrase of the kind asked for answers (fitted by
    tests/bench/phrases.py on articles that the verifier was not trained on)."""
    bias, one, other = READ
    return 1 / (1 + math.exp(-(bias + one * logit(odds) + other * logit(read))))


def leads(text: str, question: str, found: Sequence[Guess]) -> bool:
    """Whether a text of the model is likely to answer: see `odds`. A question given back with the
    answer in it is no sentence."""
    return not _INVERTED.search(text) and odds(text, question, found) >= LEADING


def odds(text: str, question: str, found: Sequence[Guess]) -> float:
    """Return what the phrases that a text holds, and that are of the kind asked for, have together
    of the odds of all phrases (0..1)."""
    held = [one for one in found if place(one.phrase.text, text) is not None]
    return sum(one.odds for one in held if answers_kind(question, one.phrase.text))


def place(phrase: str, text: str) -> re.Match[str] | None:
    """Where a text holds a phrase in whole words, citations aside."""
    said = " ".join(MARK.sub("", text).split())
    wanted = re.escape(" ".join(phrase.split()))
    return re.search(rf"(?<!\w){wanted}(?!\w)", said, re.IGNORECASE)


def choices(found: Sequence[Guess], most: int = CHOICES) -> list[Guess]:
    """Return the likeliest phrases that are plain words, at most so many."""
    return [guess for guess in found if plain_words(guess)][:most]


def plain_words(guess: Guess) -> bool:
    """False for a phrase that runs over the edge of a table's cell, a piece of code or markup."""
    return _MARKUP.search(guess.phrase.text) is None


def answers_kind(question: str, text: str) -> bool:
    """Say whether a text can answer the kind of question asked.

    A "when" wants a time, a "how many" a number, a "who" a name; no answer only repeats the
    question's words.
    """
    asked = frozenset(content(question))
    if not any(term not in asked for term in content(text)):
        return False
    if _EXTENT.search(question):
        return carries("number", text, asked) and not _DATE.search(text)
    kind = kind_of(question)
    return kind in ("thing", "place") or carries(kind, text, asked)
