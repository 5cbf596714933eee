"""BM25 over words and CJK bigrams: an index in a folder that tantivy keeps and adds to."""

import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.keys import Editions, Keys, among, edition
from retrieval.terms import asked, tokens

_HEAP = 50_000_000
"""Bytes of new texts that are held in memory before they go to a file."""

_MOST = 64
"""A longer query is searched by its rarest terms alone."""

_NARROW = 1_000
"""So few editions are looked up in the index. More are at first taken out of a longer ranking, as
long as that is not longer than they are many: both cost a microsecond or two for each.
"""

_SPARE = 8
_LONGER = 8

_DIGITS = 5
_WRITTEN_ONCE = re.compile(r"[0-9a-f]{32}\.")
"""Files of a segment, which tantivy makes and removes but never changes."""


@contextmanager
def _told() -> Iterator[None]:
    """Where tantivy meets what it thinks impossible it panics, which no `except` of ours names."""
    try:
        yield
    except BaseException as error:
        if type(error).__name__ == "PanicException":
            raise ValueError(f"tantivy: {error}") from error
        raise


class Words:
    """The index of a folder as it was when opened; any number of threads may search it."""

    @_told()
    def __init__(self, folder: Path) -> None:
        """Open the index; raises ValueError or OSError if none is there that can be read.

        For some milliseconds more, tantivy may make a lock file in the folder.
        """
        import tantivy

        index = _opened(tantivy, folder)
        self._query, self._occur, self._schema = tantivy.Query, tantivy.Occur, index.schema
        self._searcher = index.searcher()
        segments = json.loads((folder / "meta.json").read_bytes())["segments"]
        self._all: int = sum(segment["max_doc"] for segment in segments)

    @property
    def count(self) -> int:
        """How many texts can be found."""
        return int(self._searcher.num_docs)

    @property
    def dead(self) -> int:
        """How many deleted texts still take room, and still count for how rare a word is."""
        return self._all - self.count

    def search(self, query: str, k: int, inside: Editions | None = None) -> list[tuple[int, float]]:
        """Return at most `k` (key, BM25 score), best first, keys rising where scores are equal.

        Any text is a query: it is taken apart into terms, never parsed. Only texts of the editions
        `inside` (in rising order) can be found, and none of them is missed for the sake of
        another; how rare a word is, is told by all texts.
        """
        terms = self._rarest(asked(query))
        if not terms or k < 1 or not self.count:
            return []
        wanted, limit = self._any(terms), k + _SPARE
        while True:
            if inside is not None and len(inside) < max(limit, _NARROW):
                wanted, limit, inside = self._both(wanted, inside), k + _SPARE, None
            limit = min(limit, self.count)
            keys, scores = self._ranked(wanted, limit)
            # What was not returned may score as much as the last, but no more.
            bound = scores[-1] if len(keys) == limit < self.count else -1.0
            if inside is not None:
                allowed = among(keys, inside)
                keys, scores = keys[allowed], scores[allowed]
            best = np.lexsort((keys, -scores))[:k]
            if bound < 0 or (len(best) == k and scores[best[-1]] > bound):
                return list(zip(keys[best].tolist(), scores[best].tolist(), strict=True))
            limit *= _LONGER

    def _rarest(self, terms: list[str]) -> list[str]:
        """Return the terms that occur, the rarest first, and not more than a search can bear."""
        often = {term: self._searcher.doc_freq("body", term) for term in terms}
        return sorted((term for term in terms if often[term]), key=often.__getitem__)[:_MOST]

    def _any(self, terms: list[str]) -> Any:
        """A bare union of terms is all that tantivy searches without scoring every match."""
        should, schema, of = self._occur.Should, self._schema, self._query.term_query
        each = [(should, of(schema, "body", term, "freq")) for term in terms]
        return self._query.boolean_query(each)

    def _both(self, wanted: Any, inside: Editions) -> Any:
        allowed = self._query.term_set_query(self._schema, "edition", inside.tolist())
        unscored = self._query.const_score_query(allowed, 0.0)
        must = self._occur.Must
        return self._query.boolean_query([(must, wanted), (must, unscored)])

    def _ranked(self, wanted: Any, limit: int) -> tuple[Keys, NDArray[np.float64]]:
        # Counting all matches would mean to visit them all.
        hits = self._searcher.search(wanted, limit=limit, count=False).hits
        keys = self._searcher.fast_field_values("key", [address for _, address in hits])
        scores = np.array([score for score, _ in hits], np.float64)
        return np.array(keys, np.int64), scores.round(_DIGITS)


@_told()
def write(
    folder: Path,
    *,
    before: Path | None,
    added: Iterable[tuple[int, str]],
    dropped: Editions,
) -> None:
    """Write into the new `folder` the index of folder `before`, less `dropped`, plus `added`.

    `added` gives keys and texts, in any order, and is read once; an edition may be dropped and
    added anew. The folder `before` is not touched, but shares the files that stay the same.
    Raises OSError or, where tantivy meets one, ValueError; what stands in `folder` is then void.
    """
    import tantivy

    folder.mkdir(parents=True)
    if before is None:
        index = tantivy.Index(_schema(tantivy), path=str(folder))
        _register(tantivy, index)
    else:
        _share(before, folder)
        index = _opened(tantivy, folder)
    writer = index.writer(heap_size=_HEAP, num_threads=1)
    if len(dropped):
        gone = tantivy.Query.term_set_query(index.schema, "edition", dropped.tolist())
        writer.delete_documents_by_query(gone)
    for key, text in added:
        writer.add_document(_document(tantivy, key, text))
    writer.commit()
    writer.wait_merging_threads()


def _share(before: Path, folder: Path) -> None:
    """Link the files of segments, copy the lists of them, leave the locks."""
    for path in before.iterdir():
        if path.suffix == ".lock":
            continue
        if _WRITTEN_ONCE.match(path.name):
            try:
                os.link(path, folder / path.name)
                continue
            except OSError:
                # Not every file system links, and none without end.
                pass
        shutil.copyfile(path, folder / path.name)


def _document(tantivy: Any, key: int, text: str) -> Any:
    document = tantivy.Document()
    document.add_text("body", " ".join(tokens(text)))
    document.add_unsigned("key", key)
    document.add_unsigned("edition", edition(key))
    return document


def _schema(tantivy: Any) -> Any:
    schema = tantivy.SchemaBuilder()
    schema.add_text_field("body", tokenizer_name="terms", index_option="freq")
    schema.add_unsigned_field("key", fast=True)
    schema.add_unsigned_field("edition", indexed=True)
    return schema.build()


def _opened(tantivy: Any, folder: Path) -> Any:
    index = tantivy.Index.open(str(folder))
    _register(tantivy, index)
    return index


def _register(tantivy: Any, index: Any) -> None:
    """Terms reach tantivy already cut and are only parted at the spaces between them."""
    analyzer = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
    index.register_tokenizer("terms", analyzer)
