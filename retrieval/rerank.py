"""Looks at the best passages once more, by their sentences."""

import math
import threading
from collections import Counter, OrderedDict
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from retrieval.cuts import pieces
from retrieval.documents import Passage
from retrieval.embed import Embedder
from retrieval.sentences import sentences
from retrieval.terms import asked, tokens

Scores = NDArray[np.float32]

LONG = 200
"""Characters from which on a sentence is looked at in parts."""


class Reranker(Protocol):
    """Scores passages for a query by more than an index can hold."""

    @property
    def id(self) -> str:
        """Names it, and all that its scores depend on."""
        ...

    @property
    def depth(self) -> int:
        """How many of the best passages are worth its time."""
        ...

    @property
    def weight(self) -> float:
        """How much its scores count, where those of the ranking before it count 1."""
        ...

    def score(self, query: str, passages: Sequence[Passage]) -> Scores:
        """Return a score of each passage, shape (n,): at most 1, which is a perfect match.

        Differences count, not the level. NaN stands for a passage that it cannot judge.
        """
        ...


class SentenceMax:
    """The cosine of the query and the nearest of a passage's likeliest sentences.

    A passage that speaks of many things has a vector near none of them, but one of its sentences
    may have. Vectors of sentences are made when they are needed, and the last ones are kept.
    Calls may come from any thread.
    """

    depth = 15
    weight = 0.6

    def __init__(self, embedder: Embedder, *, each: int = 2, kept: int = 8192) -> None:
        """Of a passage, the `each` sentences with the rarest words of the query are looked at;
        `kept` vectors stay in memory."""
        self._embedder = embedder
        self._each = each
        self._kept = kept
        self._vectors: OrderedDict[str, Scores] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def id(self) -> str:
        return f"sentences of {self._embedder.id}"

    def score(self, query: str, passages: Sequence[Passage]) -> Scores:
        scores = np.full(len(passages), np.nan, np.float32)
        if not self._embedder.reads(query):
            return scores
        read = {row: p for row, p in enumerate(passages) if self._embedder.reads(p.text)}
        chosen = likely(query, [said(passage.text) for passage in read.values()], self._each)
        vectors = self._encoded([text for texts in chosen for text in texts])
        aim = self._embedder.encode([query], query=True)[0]
        for row, texts in zip(read, chosen, strict=True):
            scores[row] = max(float(vectors[text] @ aim) for text in texts)
        return scores

    def _encoded(self, texts: Sequence[str]) -> dict[str, Scores]:
        """Return the vector of each text."""
        with self._lock:
            found = {text: self._vectors[text] for text in texts if text in self._vectors}
        missing = list(dict.fromkeys(text for text in texts if text not in found))
        if missing:
            found |= dict(zip(missing, self._embedder.encode(missing), strict=True))
        with self._lock:
            for text, vector in found.items():
                self._vectors[text] = vector
                self._vectors.move_to_end(text)
            while len(self._vectors) > self._kept:
                self._vectors.popitem(last=False)
        return found


def said(text: str) -> list[str]:
    """Return the sentences of a text, long ones in parts; the text itself if it has none."""
    spans = ((text[start:end]) for start, end in sentences(text))
    parts = [one[start:end] for one in spans for start, end in pieces(one, LONG)]
    return parts or [text[:LONG]]


def likely(query: str, texts: Sequence[Sequence[str]], each: int) -> list[list[str]]:
    """Return of every passage's sentences the `each` that hold the most of the query's words.

    A word weighs the more, the fewer of the passages hold it; sentences alike keep their order.
    """
    sought = frozenset(asked(query))
    held = [[sought & frozenset(tokens(one)) for one in passage] for passage in texts]
    often = Counter(word for passage in held for word in frozenset().union(*passage))
    weights = {word: math.log(1 + len(texts) / (0.5 + count)) for word, count in often.items()}
    chosen = []
    for passage, words in zip(texts, held, strict=True):
        worth = [sum(weights[word] for word in sorted(one)) for one in words]
        best = sorted(range(len(passage)), key=lambda at: -worth[at])[:each]
        chosen.append([passage[at] for at in best])
    return chosen
