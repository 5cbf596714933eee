"""How likely the kept quotes are to answer the question: a fitted score of what the events hold."""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from agents import view
from agents.answering import answers_kind
from agents.asked import STRICTNESS
from agents.entailing import ENTAILED, entailed
from agents.events import Event, Found, Measured, Quoted, Result
from agents.guesses import guesses
from agents.odds import logit
from agents.sufficiency_weights import WEIGHTS
from agents.wording import bigrams, content, kind_of, stem, terms

Features = dict[str, float]
Decision = Literal["answer", "decline"]
Sort = Literal["en", "en words", "zh"]


_NAME = re.compile(r"(?<!^)(?<![.?!:]\s)\b[A-Z][\w’'-]+|\b\d[\d.,]*")
_KINDS = ("time", "number", "person", "place")


SECOND = (0.287, 0.618, 0.691)
"""The bias, and the weights of the first stage and of what the verifier read, all as logits."""


@dataclass(frozen=True, slots=True)
class Sufficiency:
    """The probability (0..1) that the kept quotes answer the question, the weights that it was
    worked out with, and the features that it came from, by name."""

    probability: float
    sort: Sort = "en words"
    features: tuple[tuple[str, float], ...] = ()


def sufficiency(events: Sequence[Event]) -> Sufficiency:
    """Return how likely the quotes of a run are to answer its question; 0 without a quote.

    A pure fold of the events up to the end of browsing, and of what the verifier then read.
    Questions in Chinese have weights of their own, and so have those for which no embedder gave a
    cosine; for neither of these the verifier is heard.
    """
    quotes = view.quotes(events)
    if not quotes:
        return Sufficiency(0.0)
    sort = sort_of(events)
    found = features(events)
    weights = WEIGHTS[sort]
    score = weights["bias"] + sum(weights.get(name, 0.0) * value for name, value in found.items())
    first, read = 1 / (1 + math.exp(-score)), entailed(events)
    if sort != "en" or read is None:
        return Sufficiency(first, sort, tuple(found.items()))
    both = (*found.items(), (ENTAILED, read))
    return Sufficiency(second(first, logit(read)), sort, both)


def second(first: float, entailed: float) -> float:
    """Return the probability (0..1) of both stages, `entailed` being the logit of the verifier's
    (fitted by tests/bench/entailed.py on articles that it was not trained on)."""
    bias, one, other = SECOND
    return 1 / (1 + math.exp(-(bias + one * logit(first) + other * entailed)))


def decide(sufficiency: Sufficiency, strictness: float = STRICTNESS) -> Decision:
    """Say whether to answer. `strictness` (0..1) is the least probability that is answered from:
    at 0 any quote is enough, at 1 none is."""
    enough = sufficiency.probability >= strictness and sufficiency.probability > 0
    return "answer" if enough and strictness < 1 else "decline"


def sort_of(events: Sequence[Event]) -> Sort:
    """Say which weights serve a run: by the language of its question, and whether the embedder
    read it."""
    if bigrams(view.asked(events).question):
        return "zh"
    seen = any(r.cosine is not None for found in view.searches(events) for r in found.results)
    return "en" if seen else "en words"


def features(events: Sequence[Event]) -> Features:
    """Return what the probability is worked out from; shares, cosines and odds lie in 0..1."""
    question, quotes = view.asked(events).question, view.quotes(events)
    results = _results(events)
    weights = _weights(question, results)
    found = dict(_carried(question, quotes, results, weights))
    found |= _cosines(events, quotes, results)
    found |= _shape(question, quotes)
    found |= _ranking(events, quotes)
    return {name: round(float(value), 4) for name, value in found.items()}


def _results(events: Sequence[Event]) -> list[Result]:
    """The passages that the searches found, each once."""
    every = [result for found in view.searches(events) for result in found.results]
    return list({result.passage: result for result in every}.values())


def _weights(question: str, results: Sequence[Result]) -> dict[str, float]:
    """Weigh the question's words by their rarity in what was found; the weights sum to one."""
    counts = Counter(term for result in results for term in set(terms(_whole(result))))
    raw = {t: math.log(1 + (len(results) + 1) / (0.5 + counts[t])) for t in content(question)}
    total = sum(raw.values()) or 1.0
    return {term: weight / total for term, weight in raw.items()}


def _whole(item: Result | Quoted) -> str:
    return f"{item.title} {item.heading} {item.text}"


def _carried(
    question: str,
    quotes: Sequence[Quoted],
    results: Sequence[Result],
    weights: dict[str, float],
) -> Iterator[tuple[str, float]]:
    """Shares of the question's words, by weight, in quotes and in the passages around them."""
    own = [frozenset(terms(quote.text)) for quote in quotes]
    wide = [frozenset(terms(_whole(quote))) for quote in quotes]
    around = [frozenset(terms(_whole(r))) | wide[i] for i, r in _around(quotes, results)]
    everything = frozenset().union(*wide)
    plain = len(frozenset(weights) & own[0]) / max(1, len(weights))
    names = {stem(name) for name in _NAME.findall(question.strip())} & set(weights)
    yield "first", plain
    yield "own", max(_share(weights, one) for one in own)
    yield "wide", max(_share(weights, one) for one in wide)
    yield "all", _share(weights, everything)
    yield "around", max((_share(weights, one) for one in around), default=0.0)
    yield "rarest lacking", max((w for t, w in weights.items() if t not in everything), default=0.0)
    yield "names lacking", len(names - everything) / max(1, len(names))
    yield "names", bool(names)
    context = everything.union(*around)
    yield "names unseen", len(names - context) / max(1, len(names))


def _share(weights: dict[str, float], held: frozenset[str]) -> float:
    return sum(weight for term, weight in weights.items() if term in held)


def _around(quotes: Sequence[Quoted], results: Sequence[Result]) -> Iterator[tuple[int, Result]]:
    """Yield the number of each quote (from 0) with each passage that it lies in."""
    for index, quote in enumerate(quotes):
        for result in results:
            if quote.document == result.document and _meet(quote, result):
                yield index, result


def _meet(quote: Quoted, result: Result) -> bool:
    return quote.start < result.end and result.start < quote.end


def _cosines(
    events: Sequence[Event], quotes: Sequence[Quoted], results: Sequence[Result]
) -> Features:
    """Cosines of the question with passages and sentences; nothing where no embedder read it."""
    known = sorted((r.cosine for r in results if r.cosine is not None), reverse=True)
    if not known:
        return {}
    quoted = [r.cosine for _, r in _around(quotes, results) if r.cosine is not None]
    first = next((e.scores for e in events if isinstance(e, Measured) and e.what == "spans"), ())
    near, wider = sorted(first[::2], reverse=True), sorted(first[1::2], reverse=True)
    return {
        "cosine": max(quoted, default=known[-1]),
        "top cosine": known[0],
        "cosine gap": known[0] - sum(known[1:5]) / max(1, len(known[1:5])),
        "sentence": near[0] if near else known[0],
        "sentence gap": near[0] - near[1] if len(near) > 1 else 0.0,
        "wider": wider[0] if wider else known[0],
    }


def _shape(question: str, quotes: Sequence[Quoted]) -> Features:
    """The kind of answer asked for, and whether the quotes hold one."""
    kind = kind_of(question)
    texts = [quote.text for quote in quotes]
    likely = guesses(question, texts)
    odds = [guess.odds for guess in likely[:2]]
    made = {
        "kind": answers_kind(question, texts[0]),
        "kind somewhere": any(answers_kind(question, text) for text in texts),
        "words": math.log(max(1, len(content(question)))),
        "odds": odds[0] if odds else 0.0,
        "odds gap": odds[0] - odds[1] if len(odds) > 1 else 0.0,
        "length": math.log(max(1, len(texts[0])) / 100),
    }
    return made | {f"asks {one}": kind == one for one in _KINDS}


def _ranking(events: Sequence[Event], quotes: Sequence[Quoted]) -> Features:
    """How the search went: scores, how many documents were quoted, whether it searched again."""
    searches: Sequence[Found] = view.searches(events)
    scores = [result.score for result in searches[0].results] if searches else []
    best = searches[0].results[0].document if scores else ""
    return {
        "score gap": scores[0] - scores[1] if len(scores) > 1 else sum(scores),
        "quotes": len(quotes),
        "documents": len({quote.document for quote in quotes}),
        "best quoted": quotes[0].document == best,
        "again": len(searches) > 1,
    }
