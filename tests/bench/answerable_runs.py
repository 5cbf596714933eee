"""Browses for questions that a library answers and for ones that it does not, and keeps the events.

An answerable question is asked of all documents of its set. For the unanswerable half the article
that answers is hidden from the search (xquad, cmrc2018, drcd), or the set has questions of its own
that nothing answers beside the passage they were written for (squad2, clapnq).
"""

import json
import math
import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from agents.codec import dump
from agents.events import Asked, Event, Limits, Quoted, Stopped
from agents.guided import GuidedPolicy
from agents.kit import Kit
from agents.loop import run
from agents.models.scripted import ScriptedModel
from agents.sayings import language_of
from app.assistant import Stopwatch
from app.evaluation.pool import DEPTH, Pool
from app.evaluation.sets import Half, half
from app.scoring import EmbeddingScorer
from plugins.registry import Registry
from retrieval.documents import Document, Hit, content_id
from retrieval.embed import Embedder, Vectors
from retrieval.ranking import rank
from retrieval.split import split

SEED = 20_26
ALL = 10_000
SQUAD = {
    "xquad-en": "xquad/xquad.en.json",
    "xquad-zh": "xquad/xquad.zh.json",
    "squad2": "squad2_cs224n/dev-v2.0.json",
    "cmrc2018": "cmrc2018/cmrc2018_dev.json",
    "drcd": "drcd/DRCD_dev.json",
}
SETS = (*SQUAD, "clapnq")
OWN = ("squad2", "clapnq")
"""Sets that have questions of their own which nothing answers."""

ARTICLES = {"squad2": 3}
"""Articles of each half that are read, of sets that would take hours; the first by their hash."""


@dataclass(frozen=True, slots=True)
class Case:
    """A question, its half, the article that it is about, and what answers it: strings of which
    one must be quoted from a document of `source`; none where nothing in the set does."""

    id: str
    question: str
    half: Half
    article: str
    source: str
    gold: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Put:
    """A case as it is asked: with the article of its answer in the library, or without; of all
    documents, or of the `few` sources that are named."""

    case: Case
    hidden: bool
    few: frozenset[str] = frozenset()

    @property
    def answerable(self) -> bool:
        return bool(self.case.gold) and not self.hidden


def read(name: str, data: Path) -> tuple[list[Document], list[Case]]:
    """Return the documents and cases of a set."""
    if name == "clapnq":
        return _clapnq(data / "clapnq")
    documents, cases = [], []
    for article in _articles(name, json.loads((data / SQUAD[name]).read_text("utf-8"))["data"]):
        for number, paragraph in enumerate(article["paragraphs"]):
            key = article.get("title") or str(paragraph["id"])
            title = article.get("title", "").replace("_", " ")
            source = f"{key}/{number}"
            documents.append(Document(source, title, paragraph["context"]))
            for item in paragraph["qas"]:
                gold = () if item.get("is_impossible") else _texts(item["answers"])
                case = Case(str(item["id"]), item["question"], half(key), key, source, gold)
                cases.append(case)
    return documents, cases


def _articles(name: str, every: Sequence[Any]) -> list[Any]:
    if name not in ARTICLES:
        return list(every)
    ordered = sorted(every, key=lambda article: content_id(article["title"]))
    halves = [[a for a in ordered if half(a["title"]) == one] for one in ("tune", "report")]
    return [article for one in halves for article in one[: ARTICLES[name]]]


def _texts(answers: Sequence[Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(answer["text"] for answer in answers))


def _clapnq(folder: Path) -> tuple[list[Document], list[Case]]:
    documents, cases = [], []
    for name in ("answerable", "unanswerable"):
        lines = (folder / f"clapnq_{name}_A.jsonl").read_text("utf-8").splitlines()
        for item in map(json.loads, lines):
            passage = item["passages"][0]
            documents.append(Document(item["id"], passage["title"], passage["text"]))
            picked = [s for o in item["output"] for s in o.get("selected_sentences") or ()]
            gold = tuple(dict.fromkeys(picked)) if name == "answerable" else ()
            title = passage["title"]
            cases.append(Case(item["id"], item["input"], half(title), title, item["id"], gold))
    return documents, cases


def drawn(name: str, cases: Sequence[Case], most: int, few: int = 0) -> list[Put]:
    """Return at most `most` cases of each half, drawn with a fixed seed, as they are asked; with
    `few`, of so many documents at most, one of which is their own if it is not hidden."""
    chosen: list[Case] = []
    for wanted in ("tune", "report"):
        pool = sorted((c for c in cases if c.half == wanted), key=lambda c: c.id)
        chosen += random.Random(SEED).sample(pool, min(most, len(pool)))
    random.Random(SEED).shuffle(chosen)
    hidings = (False,) if name in OWN else (False, True)
    sources = sorted({case.source for case in cases})
    return [Put(case, hidden, _some(case, sources, few)) for case in chosen for hidden in hidings]


def _some(case: Case, sources: Sequence[str], few: int) -> frozenset[str]:
    if not few:
        return frozenset()
    chance = random.Random(f"{SEED} {case.id}")
    return frozenset([case.source, *chance.sample(sources, chance.randint(0, few - 1))])


class Unread:
    """An embedder that reads no language, so that words decide alone."""

    id, dimension = "none", 1

    def reads(self, text: str) -> bool:
        return False

    def encode(self, texts: Sequence[str], *, query: bool = False) -> Vectors:
        return np.zeros((len(texts), 1), np.float32)


class Shelf:
    """Documents as a library would search them, as the case in `put` has it."""

    def __init__(self, documents: Sequence[Document], embedder: Embedder, folder: Path) -> None:
        passages = [passage for document in documents for passage in split(document)]
        self._pool = Pool(passages, embedder, folder / "words")
        self._sources = [passage.source for passage in passages]
        self._documents = {document.id: document for document in documents}
        self.put: Put | None = None

    def search(
        self,
        query: str,
        k: int,
        collections: Sequence[str] = (),
        sources: Sequence[str] = (),
        tags: Sequence[str] = (),
    ) -> Sequence[Hit]:
        dense = self._seen(self._pool.dense(query, ALL))
        lexical = self._seen(self._pool.lexical(query, ALL))
        return rank(query, dense, lexical, self._pool.passages, k).hits

    def _seen(self, scores: dict[int, float]) -> dict[int, float]:
        shown = [key for key in scores if self._held(self._sources[key])]
        return {key: scores[key] for key in shown[:DEPTH]}

    def _held(self, source: str) -> bool:
        """Whether the library of the case that is asked holds a document."""
        assert self.put is not None
        hidden = self.put.hidden and source.rpartition("/")[0] == self.put.case.article
        return not hidden and (not self.put.few or source in self.put.few)

    def open(self, document: str) -> Document | None:
        return self._documents.get(document)


class _Never:
    def is_set(self) -> bool:
        return False


def browse(asked: Put, shelf: Shelf, embedder: Embedder) -> list[Event]:
    """Return the events of a run up to the end of browsing; no model takes part."""
    shelf.put = asked
    question = asked.case.question.strip()
    events: list[Event] = [
        Asked(question, limits=Limits(seconds=math.inf), language=language_of(question))
    ]
    kit = Kit(
        ScriptedModel((), name="none"),
        shelf,
        EmbeddingScorer(embedder),
        Registry([]),
        Stopwatch(),
        _Never(),
    )
    for event in run(events, kit, GuidedPolicy()):
        if isinstance(event, Stopped):
            break
    return events


def held(asked: Put, events: Sequence[Event], sources: dict[str, str]) -> bool:
    """Say whether a quote of the right document carries what answers; `sources` by document id."""
    if not asked.answerable:
        return False
    quotes = [event for event in events if isinstance(event, Quoted)]
    texts = [_flat(q.text) for q in quotes if sources[q.document] == asked.case.source]
    golds = [_flat(gold) for gold in asked.case.gold]
    return any(gold in text or text in gold for text in texts for gold in golds)


def _flat(text: str) -> str:
    return " ".join(text.casefold().split())


def collected(
    name: str, data: Path, most: int, embedder: Embedder, few: int = 0
) -> Iterator[dict[str, Any]]:
    """Yield a line of JSON's values for each run of a set: its case, its events, what holds."""
    documents, cases = read(name, data)
    sources = {document.id: document.source for document in documents}
    with tempfile.TemporaryDirectory() as folder:
        shelf = Shelf(documents, embedder, Path(folder))
        for asked in drawn(name, cases, most, few):
            events = browse(asked, shelf, embedder)
            yield {
                "set": name,
                "id": asked.case.id,
                "few": few,
                "half": asked.case.half,
                "answerable": asked.answerable,
                "held": held(asked, events, sources),
                "gold": list(asked.case.gold),
                "events": [dump(event) for event in events],
            }
