"""What a reward weighs of an answer: nearness, the judges' rulings, citations, form and length.

Only the words that are the answer's own are looked at: quotes that are shown below a short answer
are neither claims of it nor part of its length.
"""

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache

from agents.answering import answers_kind
from agents.answers import Quoted, Verdict
from agents.check.words import script
from agents.claims import bare, split
from agents.compose import quotes_answer
from agents.dropping import FAILING, is_evidence
from agents.guesses import guesses
from agents.wording import content, terms
from app.feedback.figures import words
from app.learning.reward.comparing import Side

Features = dict[str, float]

VERSION = 1
"""Goes up when a feature comes to mean something else: rewards of another version are not used."""

LENGTH = "length"
"""The logarithm of the number of words: known so that its part can be taken out."""

LIKELY = 40
"""Likeliest phrases of the quotes, one of which an answer may hold."""

CONTAINMENT = "containment"


def claims_of(side: Side) -> tuple[int, ...]:
    """Return which claims of the text, in the order of `split`, are the answer's own."""
    found = split(side.text)
    own = tuple(n for n, claim in enumerate(found) if not is_evidence(side.text, claim))
    return own or tuple(range(len(found)))


def own_words(side: Side) -> str:
    """Return the text without quotes that stand below it; all of it where that is nothing else."""
    lines = side.text.split("\n")
    own = [line for line in lines if line.strip() and line.strip() not in _evidence(side.quotes)]
    return "\n".join(own) or side.text


def near(side: Side) -> list[tuple[str, str]]:
    """Return the pairs of texts whose similarity is wanted: the answer with the question, then
    with each quote, then the question with each quote. None outside Latin script."""
    said = bare(own_words(side))
    if script(said) != "latin" or script(side.question) != "latin":
        return []
    quotes = [quote.text for quote in side.quotes]
    return [
        (said, side.question),
        *((said, quote) for quote in quotes),
        *((side.question, quote) for quote in quotes),
    ]


def features(
    side: Side, verdicts: Sequence[Verdict], similarities: Sequence[float] = ()
) -> Features:
    """Return the features of an answer. `similarities` (-1..1) answer `near(side)`.

    What is not known is left out: rulings of an answer that was not checked or claims nothing,
    similarities where none were measured.
    """
    own = [v for v in verdicts if not is_evidence(side.text, v.claim)] or [*verdicts]
    return {
        **_form(side),
        **_words(side),
        **(_rulings(own, side.quotes) if own else {}),
        **(_nearness(similarities) if similarities else {}),
    }


def _form(side: Side) -> Features:
    text = own_words(side)
    return {
        LENGTH: math.log1p(words(bare(text))),
        "quotes alone": float(bool(side.quotes) and side.text == quotes_answer(side.quotes)),
        "quotes below": float(text != side.text),
    }


def _words(side: Side) -> Features:
    """How the words of the answer lie between the question and the quotes."""
    said = bare(own_words(side))
    held = frozenset(term for quote in side.quotes for term in terms(quote.text))
    asked = frozenset(content(side.question))
    stems = [*content(said)]
    new = [stem for stem in stems if stem not in asked]
    many = max(1, len(stems))
    return {
        "held by quotes": sum(stem in held for stem in stems) / many,
        "new words": len(new) / many,
        "question's words": len(asked.intersection(stems)) / max(1, len(asked)),
        "kind asked for": float(answers_kind(side.question, said)),
        "likely phrase": _likely(side, said),
    }


def _likely(side: Side, said: str) -> float:
    """The odds (0..1) of the likeliest phrase of the quotes that the answer holds."""
    flat = " ".join(said.split()).casefold()
    found = _guessed(side.question, tuple(quote.text for quote in side.quotes))
    return next((odds for phrase, odds in found if phrase in flat), 0.0)


@lru_cache(maxsize=256)
def _guessed(question: str, texts: tuple[str, ...]) -> tuple[tuple[str, float], ...]:
    found = guesses(question, texts)[:LIKELY]
    return tuple((" ".join(one.phrase.text.split()).casefold(), one.odds) for one in found)


def _rulings(verdicts: Sequence[Verdict], quotes: Sequence[Quoted]) -> Features:
    many = len(verdicts)
    counted = {
        name: sum(verdict.ruling == name for verdict in verdicts)
        for name in ("supported", "contradicted", "unsupported", "unchecked")
    }
    failed = [verdict for verdict in verdicts if verdict.ruling in FAILING]
    sure = [v.confidence for v in verdicts if v.ruling == "supported"]
    chances = [v.confidence if v.ruling == "supported" else 1 - v.confidence for v in verdicts]
    cited = {number for verdict in verdicts for number in verdict.claim.cites}
    return {
        **{f"share {name}": count / many for name, count in counted.items()},
        "claims supported": math.log1p(counted["supported"]),
        "claims failing": math.log1p(len(failed)),
        "all supported": float(counted["supported"] == many),
        "sure of support": sum(sure) / len(sure) if sure else 0.0,
        "weakest claim": min(chances),
        "refused by containment": sum(v.judge == CONTAINMENT for v in failed) / many,
        "marks of a claim": sum(len(v.claim.cites) for v in verdicts) / many,
        "claims cited": sum(bool(v.claim.cites) for v in verdicts) / many,
        "quotes cited": len(cited) / max(1, len(quotes)),
    }


def _nearness(similarities: Sequence[float]) -> Features:
    many = (len(similarities) - 1) // 2
    quotes, asked = similarities[1 : 1 + many], similarities[1 + many :]
    found = {"near the question": similarities[0]}
    if quotes:
        found["near a quote"] = max(quotes)
        found["near the quotes"] = sum(quotes) / many
        found["a quote near the question"] = max(asked)
    return found


def _evidence(quotes: Sequence[Quoted]) -> frozenset[str]:
    return frozenset(quotes_answer([quote]) for quote in quotes)


def supported(found: Mapping[str, float]) -> float:
    """Return how many claims are supported; 0 where nothing was checked."""
    return math.expm1(found.get("claims supported", 0.0))


def failing(found: Mapping[str, float]) -> float:
    """Return how many claims fail; 0 where nothing was checked."""
    return math.expm1(found.get("claims failing", 0.0))
