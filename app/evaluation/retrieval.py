"""Measures how well passages are found: every ranking on every question set, and against BM25."""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.batch.compare import interval
from app.evaluation import measures
from app.evaluation.plain import PlainBM25
from app.evaluation.pool import Pool
from app.evaluation.sets import Half, Question, QuestionSet, Span, places
from retrieval.documents import Passage
from retrieval.embed import Embedder
from retrieval.errors import UserError
from retrieval.rerank import Reranker
from retrieval.split import in_context

PLAIN, LEXICAL, DENSE, RANKS = "plain BM25", "lexical", "dense", "rank fusion"
FUSED, RERANKED, AGAIN = "fused", "re-ranked", "searched again"

TOP = 50
"""Passages of a ranking that are looked at: paragraphs cut in two take two places."""

FIXED = 800
"""Characters of the passages that plain BM25 searches where any part of a document is sought."""

Search = Callable[[str], list[Passage]]
Figures = dict[str, float]


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of one ranking, each the mean over the questions."""

    ranking: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Comparison:
    """A ranking against another by one measure: both means, and the 95 % interval of the
    difference between them (paired bootstrap over the questions)."""

    ranking: str
    against: str
    measure: str
    before: float
    after: float
    low: float
    high: float

    @property
    def fewer(self) -> float:
        """The share of the other ranking's misses that this one avoids; below 0 if it has more."""
        return (self.after - self.before) / (1 - self.before) if self.before < 1 else 0.0


@dataclass(frozen=True, slots=True)
class Measured:
    """What one half of one question set came to."""

    name: str
    half: Half
    questions: int
    documents: int
    passages: int
    rows: tuple[Row, ...]
    comparisons: tuple[Comparison, ...]


def measured(
    given: QuestionSet, half: Half, embedder: Embedder, reranker: Reranker | None
) -> Measured:
    """Search for every question of a half with every ranking. `UserError` if it has none."""
    questions = given.asked(half)
    if not questions:
        raise UserError(
            f"the {half} half of the question set {given.name!r} has no questions",
            cure="get the data again as docs/benchmarks.md says",
        )
    passages = given.passages()
    with tempfile.TemporaryDirectory() as folder:
        pool = Pool(passages, embedder, Path(folder) / "words")
        found = {
            name: [figures(search(question.text), question, given) for question in questions]
            for name, search in _rankings(given, pool, questions, reranker).items()
        }
    rows = tuple(Row(name, _means(each)) for name, each in found.items())
    compared = tuple(_comparisons(found, main_measure(given)))
    return Measured(
        given.name, half, len(questions), len(given.documents), len(passages), rows, compared
    )


def figures(passages: list[Passage], question: Question, given: QuestionSet) -> Figures:
    """Return the measures of one ranking of one question."""
    if given.unit == "span":
        spans = [Span(p.source, p.start, p.end) for p in passages[:5]]
        return {
            "recall@5": measures.span_recall(spans, question.gold),
            "IoU@5": measures.span_iou(spans, question.gold),
            "characters@5": float(sum(span.end - span.start for span in spans)),
        }
    ranks = places(passages, question, given.unit)
    found = {f"R@{k}": measures.recall(ranks, k) for k in (1, 5, 10)}
    found |= {"nDCG@10": measures.ndcg(ranks, 10), "MRR@10": measures.reciprocal_rank(ranks, 10)}
    if given.together:
        found |= {f"all@{k}": measures.complete(ranks, k) for k in (5, 10)}
    return found


def main_measure(given: QuestionSet) -> str:
    """Return the measure by which rankings of a set are compared."""
    return "recall@5" if given.unit == "span" else "all@10" if given.together else "R@5"


def _rankings(
    given: QuestionSet, pool: Pool, questions: Iterable[Question], reranker: Reranker | None
) -> dict[str, Search]:
    """Return what is compared. Where the embedder reads no question, words are all there is."""
    searches: dict[str, Search] = {PLAIN: _plain(given)}
    searches[LEXICAL] = lambda query: list(pool.passages(list(pool.lexical(query))).values())
    if any(pool.dense(question.text) for question in questions):
        searches[DENSE] = lambda query: list(pool.passages(list(pool.dense(query))).values())
        searches[RANKS] = lambda query: pool.by_ranks(query, TOP)
    searches[FUSED] = lambda query: pool.search(query, TOP)
    if reranker is not None:
        searches[RERANKED] = lambda query: pool.search(query, TOP, reranker)
    if given.together:
        searches[AGAIN] = lambda query: pool.again(query, TOP, reranker)
    return searches


def _plain(given: QuestionSet) -> Search:
    """Return plain BM25 over whole documents, given passages, or passages of `FIXED` characters."""
    passages = given.passages() if given.unit == "cut" else list(_uncut(given))
    words = PlainBM25([in_context(passage) for passage in passages])
    return lambda query: [passages[row] for row, _ in words.search(query, TOP)]


def _uncut(given: QuestionSet) -> Iterator[Passage]:
    for document in given.documents:
        text = document.text
        width = FIXED if given.unit == "span" else max(1, len(text))
        for start in range(0, len(text), width):
            part = text[start : start + width]
            yield Passage(
                document.id, document.source, document.title, part, start, start + len(part)
            )


def _comparisons(found: Mapping[str, list[Figures]], measure: str) -> Iterator[Comparison]:
    """Compare the last ranking of one search with plain BM25 and with the better single one, and
    two searches with one, by the first five and ten alike."""
    last = RERANKED if RERANKED in found else FUSED
    single = max(
        (name for name in (LEXICAL, DENSE) if name in found),
        key=lambda name: _means(found[name])[measure],
    )
    yield _comparison(found, last, PLAIN, measure)
    yield _comparison(found, last, single, measure)
    if AGAIN in found:
        for one in ("all@5", "all@10"):
            yield _comparison(found, AGAIN, last, one)


def _comparison(
    found: Mapping[str, list[Figures]], ranking: str, against: str, measure: str
) -> Comparison:
    before = np.array([each[measure] for each in found[against]])
    after = np.array([each[measure] for each in found[ranking]])
    low, high = interval(after - before)
    return Comparison(
        ranking, against, measure, float(before.mean()), float(after.mean()), low, high
    )


def _means(each: list[Figures]) -> Figures:
    return {name: float(np.mean([one[name] for one in each])) for name in each[0]}
