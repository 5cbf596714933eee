"""Plain BM25, the ranking that every other one is compared with: words as they are, no index."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

K1, B = 1.2, 0.75
STOP_WORDS = frozenset(
    [
        *("a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "if", "in", "into", "is"),
        *("it", "no", "not", "of", "on", "or", "such", "that", "the", "their", "then", "there"),
        *("these", "they", "this", "to", "was", "will", "with"),
    ]
)
"""Lucene's English stop words (`EnglishAnalyzer.ENGLISH_STOP_WORDS_SET`)."""

_CJK = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_CJK}]+|(?:(?![{_CJK}])[^\W_])+")
_WIDE = re.compile(f"[{_CJK}]")


class PlainBM25:
    """BM25 with Lucene's constants, stop words and idf, over words in lower case and CJK bigrams.

    Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009).
    """

    def __init__(self, texts: Sequence[str]) -> None:
        cut = [Counter(terms(text)) for text in texts]
        lengths = np.array([counts.total() for counts in cut], np.float64)
        norms = K1 * (1 - B + B * lengths / max(1.0, lengths.mean()))
        held: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for row, counts in enumerate(cut):
            for term, count in counts.items():
                held[term].append((row, count))
        self._count = len(texts)
        self._weights = {term: _weighed(pairs, norms) for term, pairs in held.items()}

    def search(self, query: str, k: int) -> list[tuple[int, float]]:
        """Return at most `k` (row, score) above zero, best first, rows in order where equal."""
        scores = np.zeros(self._count)
        for term in terms(query):
            if term in self._weights:
                rows, weights = self._weights[term]
                scores[rows] += weights
        order = np.lexsort((np.arange(self._count), -scores.round(6)))[:k]
        return [(int(row), float(scores[row])) for row in order if scores[row] > 0]


def terms(text: str) -> list[str]:
    """Return the words of a text in lower case, and the bigrams of its CJK runs."""
    found: list[str] = []
    for word in _WORD.findall(text.lower()):
        if _WIDE.match(word):
            found += [word[at : at + 2] for at in range(max(1, len(word) - 1))]
        elif word not in STOP_WORDS:
            found.append(word)
    return found


def _weighed(
    pairs: list[tuple[int, int]], norms: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the rows that hold a term, and what it adds to the score of each."""
    rows = np.array([row for row, _ in pairs], np.int64)
    counts = np.array([count for _, count in pairs], np.float64)
    rarity = math.log(1 + (len(norms) - len(rows) + 0.5) / (len(rows) + 0.5))
    return rows, rarity * counts * (K1 + 1) / (counts + norms[rows])
