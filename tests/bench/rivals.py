"""Three lexical indexes behind one shape: ours (tantivy), bm25s and SQLite's FTS5.

All are given the same terms: ours cuts the texts itself, the others get them cut.
"""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

from retrieval.keys import edition, keys, position, rising
from retrieval.terms import telling, tokens
from retrieval.words import Words, write

EACH = 8
"""Passages of one document."""


class Rival(Protocol):
    """An index whose rows are the numbers of the texts, from 0."""

    def build(self, folder: Path, texts: Iterable[str]) -> None:
        """Make the index in a folder that exists and is empty."""
        ...

    def open(self, folder: Path) -> None:
        """Open what was built, in the same or another process."""
        ...

    def search(self, query: str, k: int) -> list[int]:
        """Return the rows of the best `k` texts, best first."""
        ...

    def add(self, folder: Path, first: int, texts: list[str]) -> None:
        """Make the next index out of the one in `folder`, with more texts from row `first`."""
        ...


def key(row: int) -> int:
    """Return the key of a text, where each document has `EACH` passages; editions are from 1."""
    return int(keys(1 + row // EACH, EACH)[row % EACH])


def row(of: int) -> int:
    """Return the row of a key."""
    return (edition(of) - 1) * EACH + position(of)


class Ours:
    """The index of the library."""

    def build(self, folder: Path, texts: Iterable[str]) -> None:
        named = ((key(number), text) for number, text in enumerate(texts))
        write(folder / "words", before=None, added=named, dropped=rising(()))

    def open(self, folder: Path) -> None:
        self._words = Words(folder / "words")

    def search(self, query: str, k: int) -> list[int]:
        return [row(found) for found, _ in self._words.search(query, k)]

    def add(self, folder: Path, first: int, texts: list[str]) -> None:
        named = [(key(first + number), text) for number, text in enumerate(texts)]
        write(folder / "next", before=folder / "words", added=named, dropped=rising(()))


class Bm25s:
    """bm25s has no way to add: more texts mean a new index of all of them."""

    def build(self, folder: Path, texts: Iterable[str]) -> None:
        from bm25s import BM25

        names: dict[str, int] = {}
        ids = [[names.setdefault(t, len(names)) for t in text.split(" ") if t] for text in texts]
        index = BM25(k1=1.2, b=0.75, method="lucene")
        index.index((ids, names), show_progress=False)
        index.save(folder / "bm25s", show_progress=False)

    def open(self, folder: Path) -> None:
        from bm25s import BM25

        self._index: Any = BM25.load(folder / "bm25s")

    def search(self, query: str, k: int) -> list[int]:
        return [found for found, _ in self._scored(query, k)]

    def right(self, query: str, k: int) -> set[int]:
        """Return the rows that score no less than the one at place `k`, which may be more rows."""
        scored = self._scored(query, 20 * k)
        least = scored[min(k, len(scored)) - 1][1] - 1e-4 if scored else 0.0
        return {found for found, score in scored if score >= least}

    def _scored(self, query: str, k: int) -> list[tuple[int, float]]:
        known = [term for term in telling(tokens(query)) if term in self._index.vocab_dict]
        if not known:
            return []
        found, scores = self._index.retrieve([known], k=k, show_progress=False)
        pairs = zip(found[0].tolist(), scores[0].tolist(), strict=True)
        return [pair for pair in pairs if pair[1] > 0]

    def add(self, folder: Path, first: int, texts: list[str]) -> None:
        raise NotImplementedError("built anew")


class Fts5:
    """A table that stores the terms and nothing of the text."""

    def build(self, folder: Path, texts: Iterable[str]) -> None:
        with self._connected(folder) as base:
            base.execute(
                "CREATE VIRTUAL TABLE words USING fts5(body, content='', "
                "tokenize=\"unicode61 remove_diacritics 0 tokenchars '.'\")"
            )
            base.executemany("INSERT INTO words (rowid, body) VALUES (?, ?)", enumerate(texts))

    def open(self, folder: Path) -> None:
        self._base = self._connected(folder)

    def search(self, query: str, k: int) -> list[int]:
        terms = " OR ".join(f'"{term}"' for term in telling(tokens(query)))
        asked = "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rank LIMIT ?"
        return [found for (found,) in self._base.execute(asked, (terms, k))] if terms else []

    def add(self, folder: Path, first: int, texts: list[str]) -> None:
        with self._connected(folder) as base:
            named = list(enumerate(texts, first))
            base.executemany("INSERT INTO words (rowid, body) VALUES (?, ?)", named)

    def _connected(self, folder: Path) -> sqlite3.Connection:
        base = sqlite3.connect(folder / "fts5.db")
        base.execute("PRAGMA journal_mode = WAL")
        base.execute("PRAGMA synchronous = FULL")
        return base
