"""Picks the sentences of opened pages that are worth quoting for a question; scores come in."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agents.wording import carries, content, kind_of, terms
from retrieval.sentences import sentences

# Fitted by pairwise logistic regression (gold sentence against the others of its pool).
SIMILARITY = 2.5
WIDER = 1.8
OWN_WORDS = 6.5
NEAR_WORDS = 1.9
KIND = 2.2
LENGTH = 0.3
COSINE = 7.2
RANK = 3.3


@dataclass(frozen=True, slots=True)
class Span:
    """A sentence of a page: `page text[start:end] == text`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence with what is known of it.

    `page` tells pages apart (any key), `rank` is the place of its passage in the search (from 1)
    and `cosine` that of question and passage (None if unknown). `similarity` is the cosine of
    question and sentence, `wider` that of question and the sentence with the one before it; both
    are 0 where no embedder serves the language.
    """

    span: Span
    page: str
    rank: int = 1
    cosine: float | None = None
    similarity: float = 0.0
    wider: float = 0.0


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate with its score: a log-odds scale, so differences count and zero means nothing.

    `carried` is the share (0..1, by weight) of the question's content words in the sentence.
    """

    candidate: Candidate
    score: float
    carried: float


def candidates(text: str, start: int = 0, end: int | None = None) -> list[Span]:
    """Return the sentences of `text` that lie whole within `start`..`end`, or all that touch it
    when none lies whole within."""
    end = len(text) if end is None else end
    every = [Span(a, b, text[a:b]) for a, b in sentences(text)]
    whole = [span for span in every if start <= span.start and span.end <= end]
    return whole or [span for span in every if span.start < end and span.end > start]


def pairs(question: str, title: str, spans: Sequence[Span]) -> list[tuple[str, str]]:
    """Return the text pairs to score for the consecutive spans of one page, two a span:
    first (question, sentence), then (question, the sentence before or the title, and it)."""
    made: list[tuple[str, str]] = []
    for index, span in enumerate(spans):
        before = spans[index - 1].text if index else f"{title}."
        made += [(question, span.text), (question, f"{before} {span.text}")]
    return made


def rank(question: str, pool: Sequence[Candidate]) -> list[Ranked]:
    """Return the candidates best first; ties keep their order. Consecutive candidates of one page
    count as neighbours: a sentence is helped by question words in the one before or after it."""
    asked = content(question)
    held = [frozenset(terms(candidate.span.text)) for candidate in pool]
    weights = _weights(asked, held)
    floor = min((c.cosine for c in pool if c.cosine is not None), default=0.0)
    kind, known = kind_of(question), frozenset(asked)
    ranked = []
    for index, candidate in enumerate(pool):
        own = sum(weights[term] for term in weights if term in held[index])
        near = _beside(pool, held, index)
        beside = sum(weights[t] for t in weights if t in near and t not in held[index])
        cued = kind != "thing" and carries(kind, candidate.span.text, known)
        score = (
            SIMILARITY * candidate.similarity
            + WIDER * candidate.wider
            + OWN_WORDS * own
            + NEAR_WORDS * beside
            + KIND * cued
            + LENGTH * math.log(max(1, len(candidate.span.text)) / 100)
            + COSINE * (floor if candidate.cosine is None else candidate.cosine)
            + RANK / candidate.rank
        )
        ranked.append(Ranked(candidate, score, own))
    return sorted(ranked, key=lambda item: -item.score)


def pick(
    ranked: Sequence[Ranked], least: int = 1, most: int = 3, margin: float = 2.0
) -> list[Ranked]:
    """Return the best `least` different sentences, and up to `most` while each next one scores
    within `margin` of the one before it."""
    picked: list[Ranked] = []
    texts: set[str] = set()
    for item in ranked:
        text = " ".join(item.candidate.span.text.split())
        if text in texts:
            continue
        close = bool(picked) and picked[-1].score - item.score <= margin
        if len(picked) >= most or (len(picked) >= least and not close):
            break
        picked.append(item)
        texts.add(text)
    return picked


def lacking(question: str, quotes: Iterable[str]) -> list[str]:
    """Return the question's content words, as written, that no quote carries."""
    held = {term for quote in quotes for term in terms(quote)}
    return [word for term, word in content(question).items() if term not in held]


def _weights(asked: Iterable[str], held: Sequence[frozenset[str]]) -> dict[str, float]:
    """Weigh each term by its rarity in the pool; the weights sum to one."""
    counts = Counter(term for terms_of_one in held for term in terms_of_one)
    raw = {term: math.log(1 + len(held) / (0.5 + counts[term])) for term in asked}
    total = sum(raw.values()) or 1.0
    return {term: weight / total for term, weight in raw.items()}


def _beside(
    pool: Sequence[Candidate], held: Sequence[frozenset[str]], index: int
) -> frozenset[str]:
    near: frozenset[str] = frozenset()
    for other in (index - 1, index + 1):
        if 0 <= other < len(pool) and pool[other].page == pool[index].page:
            near |= held[other]
    return near
