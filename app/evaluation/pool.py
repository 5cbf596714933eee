"""Searches the passages of a question set with the very steps of a library, index by index."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from retrieval.documents import Passage
from retrieval.embed import Embedder, embedded
from retrieval.following import following
from retrieval.fuse import fuse
from retrieval.ranking import rank
from retrieval.rerank import Reranker, said
from retrieval.split import in_context
from retrieval.words import Words, write

DEPTH = 50
"""Passages of each ranking that are fused, as in a library."""

KEPT, ADDED = 2, 3
"""Of the first search so many stay at the head when there is a second, then so many new ones."""


class Pool:
    """Passages in an index of words and a matrix of vectors; a passage's key is its number."""

    def __init__(self, passages: Sequence[Passage], embedder: Embedder, folder: Path) -> None:
        """The index of words is written into `folder`, which must not be there yet."""
        texts = [in_context(passage) for passage in passages]
        write(folder, before=None, added=enumerate(texts), dropped=np.empty(0, np.int64))
        self._words = Words(folder)
        self._embedder = embedder
        self._all = list(passages)
        vectors = embedded(embedder, texts)
        self._read = np.flatnonzero(vectors.any(axis=1))
        self._vectors = vectors[self._read]

    def lexical(self, query: str, depth: int = DEPTH) -> dict[int, float]:
        """Return the BM25 score of the best passages, best first."""
        return dict(self._words.search(query, depth))

    def dense(self, query: str, depth: int = DEPTH) -> dict[int, float]:
        """Return the cosine of the nearest passages, best first; none if the query is not read."""
        if not len(self._read) or not self._embedder.reads(query):
            return {}
        cosines = (self._vectors @ self._embedder.encode([query], query=True)[0]).round(6)
        best = np.lexsort((self._read, -cosines))[:depth]
        return dict(zip(self._read[best].tolist(), cosines[best].tolist(), strict=True))

    def search(self, query: str, k: int, reranker: Reranker | None = None) -> list[Passage]:
        """Return the best passages as a library would."""
        dense, lexical = self.dense(query), self.lexical(query)
        hits = rank(query, dense, lexical, self.passages, k, reranker).hits
        return [hit.passage for hit in hits]

    def again(self, query: str, k: int, reranker: Reranker | None) -> list[Passage]:
        """Search, then search for what the likeliest sentence of the best passage leaves open.

        The best two of the first search come first, then three new ones of the second, then the
        rest of both in turns, so that the first five or ten cost two searches and no more reading.
        """
        first = self.search(query, k, reranker)
        sentence = self._likeliest(query, first[0].text) if first else ""
        more = following(query, first[0].title, sentence) if first else ""
        second = self.search(more, k, reranker) if more else []
        new = [passage for passage in second if passage not in first[:KEPT]]
        rest = [p for pair in zip(first[KEPT:], new[ADDED:], strict=False) for p in pair]
        joined = [*first[:KEPT], *new[:ADDED], *rest, *first, *second]
        return list(dict.fromkeys(joined))[:k]

    def by_ranks(self, query: str, k: int) -> list[Passage]:
        """Return the best passages by reciprocal-rank fusion."""
        rankings = {"dense": list(self.dense(query)), "lexical": list(self.lexical(query))}
        return [self._all[item.row] for item in fuse(rankings)[:k]]

    def passages(self, keys: Sequence[int]) -> Mapping[int, Passage]:
        """Return passages by their keys."""
        return {key: self._all[key] for key in keys}

    def _likeliest(self, query: str, text: str) -> str:
        """Return the sentence nearest to the query; the first if the embedder does not read it."""
        texts = said(text)
        if not self._embedder.reads(query):
            return texts[0]
        aim = self._embedder.encode([query], query=True)[0]
        return texts[int((self._embedder.encode(texts) @ aim).argmax())]
