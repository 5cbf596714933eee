"""The systems that are compared end to end: plain RAG, quotes only, and Vouch."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from agents import compose, spans, view
from agents.entailing import ENTAILED
from agents.events import Answer, Answered, Asked, Drafted, Event, Quoted, Verdict
from agents.excerpts import POOL
from agents.kit import Kit
from agents.loop import run
from agents.models.base import Message, Model, Reply, Sampling
from agents.ports import Scorer, Sources, Verifier
from agents.replay import policy_for
from agents.sayings import language_of
from agents.sufficiency import sufficiency
from app.assistant import Stopwatch
from app.evaluation.pool import Pool
from plugins.registry import Registry
from retrieval.documents import Document, Hit
from retrieval.embed import Embedder
from retrieval.ranking import rank
from retrieval.rerank import Reranker
from retrieval.split import split

PASSAGES = 3
"""Passages that plain RAG gives the model."""

SENTENCES = 2
"""Sentences that are shown where quotes are all."""

WORDS = 160
"""Tokens of a reply of plain RAG at most."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a system showed for a question.

    `draft` is what it would have shown without its check, None where it has none. `score` is the
    higher, the likelier it took the question to be answerable.
    """

    text: str
    outcome: str
    form: str
    seconds: float
    score: float = 0.0
    draft: str | None = None
    quotes: tuple[Quoted, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    first: tuple[Verdict, ...] = ()


@dataclass(frozen=True, slots=True)
class Means:
    """What systems work with. `asked` holds the settings of Vouch's runs, but for the question."""

    model: Model
    scorer: Scorer
    embedder: Embedder
    asked: Asked
    verifier: Verifier | None = None
    reranker: Reranker | None = None


class Shelf:
    """Documents as a library searches them, in memory but for the index of words."""

    def __init__(self, documents: Sequence[Document], means: Means, folder: Path) -> None:
        passages = [passage for document in documents for passage in split(document)]
        self._pool = Pool(passages, means.embedder, folder)
        self._documents = {document.id: document for document in documents}
        self._reranker = means.reranker

    def search(
        self,
        query: str,
        k: int,
        collections: Sequence[str] = (),
        sources: Sequence[str] = (),
        tags: Sequence[str] = (),
    ) -> Sequence[Hit]:
        pool = self._pool
        return rank(query, pool.dense(query), pool.lexical(query), pool.passages, k,
                    self._reranker).hits  # fmt: skip

    def open(self, document: str) -> Document | None:
        return self._documents.get(document)


System = Callable[[str, Sources, Means], Shown]


def plain_rag(question: str, sources: Sources, means: Means) -> Shown:
    """Give the model the first passages and the question, and show what it writes."""
    began = time.monotonic()
    hits = sources.search(question, PASSAGES)
    passages = "\n\n".join(hit.passage.text for hit in hits)
    prompt = f"{passages}\n\nAnswer the question from the text above.\nQuestion: {question}"
    *_, reply = means.model.reply([Message("user", prompt)], Sampling(WORDS, prefix="rag"))
    assert isinstance(reply, Reply)
    quotes = tuple(_quoted(number, hit) for number, hit in enumerate(hits, start=1))
    took, score = time.monotonic() - began, hits[0].score if hits else 0.0
    return Shown(reply.text.strip(), "answered", "prose", took, score, quotes=quotes)


def quotes_only(question: str, sources: Sources, means: Means) -> Shown:
    """Show the best sentences of the best passages as they stand; no model, no check."""
    began = time.monotonic()
    hits = sources.search(question, 8)[:POOL]
    pool: list[spans.Candidate] = []
    for hit in hits:
        found = spans.candidates(hit.passage.text)
        pairs = spans.pairs(question, hit.passage.title, found) if hit.cosine is not None else []
        scores = means.scorer.similarities(pairs)
        for at, span in enumerate(found):
            near, wider = (scores[2 * at], scores[2 * at + 1]) if pairs else (0.0, 0.0)
            key = str(hit.rank)
            pool.append(spans.Candidate(span, key, hit.rank, hit.cosine, near, wider))
    best = spans.pick(spans.rank(question, pool), least=SENTENCES, most=SENTENCES)
    text = "\n".join(item.candidate.span.text for item in best)
    return Shown(text, "answered", "quotes", time.monotonic() - began, hits[0].score if hits else 0)


def vouch_prose(question: str, sources: Sources, means: Means) -> Shown:
    """The same as `vouch`, but the model writes prose whatever its probe came to: what a check is
    worth shows where there is something to check."""
    return vouch(question, sources, replace(means, asked=replace(means.asked, style="prose")))


def vouch_by_model(question: str, sources: Sources, means: Means) -> Shown:
    """The same as `vouch`, but the model chooses every step of browsing."""
    return vouch(question, sources, replace(means, asked=replace(means.asked, policy="model")))


def vouch(question: str, sources: Sources, means: Means) -> Shown:
    """A whole run with the policy that is asked for, without a journal."""
    began = time.monotonic()
    language, style = language_of(question), means.asked.style
    style = compose.style_for(style == "prose", style == "led", language)
    asked = replace(means.asked, question=question, language=language, style=style)
    events: list[Event] = [asked]
    kit = Kit(
        means.model,
        sources,
        means.scorer,
        Registry({}),
        Stopwatch(),
        threading.Event(),
        asked.limits.seconds,
        verifier=means.verifier,
    )
    for _ in run(events, kit, policy_for(asked)):
        pass
    return _shown(events, time.monotonic() - began)


def _shown(events: Sequence[Event], seconds: float) -> Shown:
    answered = view.answered(events)
    assert isinstance(answered, Answered), events[-1]
    answer: Answer = answered.answer
    draft = next((event.text for event in events if isinstance(event, Drafted)), None)
    first = [e.verdict for e in events if e.kind == "judged" and e.round == 0]
    end = next(i for i, event in enumerate(events) if event.kind == "stopped") + 1
    browsed = [
        *events[:end],
        *(e for e in events[end:] if e.kind == "measured" and e.what == ENTAILED),
    ]
    return Shown(
        answer.text,
        answer.outcome,
        answer.form,
        seconds,
        sufficiency(browsed).probability,
        draft if answer.outcome != "declined" else None,
        view.quotes(events),
        answer.verdicts,
        tuple(first),
    )


def _quoted(number: int, hit: Hit) -> Quoted:
    passage = hit.passage
    return Quoted(
        number,
        passage.document,
        passage.source,
        passage.title,
        passage.text,
        passage.start,
        passage.end,
    )


SYSTEMS: dict[str, System] = {
    "plain RAG": plain_rag,
    "quotes only": quotes_only,
    "Vouch": vouch,
    "Vouch in prose": vouch_prose,
    "Vouch by model": vouch_by_model,
}
CHECKED = "Vouch"
"""How the names of those begin whose answers are checked."""

USUAL = ("plain RAG", "quotes only", "Vouch")
"""The systems that are compared where none is named."""
