"""BM25 over words and CJK bigrams: an index in a folder, kept by tantivy."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from retrieval.terms import telling, tokens

_HEAP = 50_000_000
_TIES = 8
"""So many more are asked for than wanted, since what differs by rounding alone is ranked by row."""


class Keywords:
    """A lexical index opened for search; rows are the positions of the texts it was built from."""

    def __init__(self, folder: Path) -> None:
        import tantivy

        self._tantivy = tantivy
        self._index = tantivy.Index.open(str(folder))
        _register(tantivy, self._index)
        self._searcher = self._index.searcher()

    @property
    def count(self) -> int:
        """How many texts are indexed."""
        return int(self._searcher.num_docs)

    def search(
        self, query: str, k: int, among: Iterable[str] | None = None
    ) -> list[tuple[int, float]]:
        """Return at most `k` (row, BM25 score), best first, rows in order where scores are equal.

        Any text is a query: it is taken apart into terms, never parsed. Only texts of the documents
        `among` can be found; how rare a word is, is told by all texts.
        """
        terms = telling(tokens(query))
        if not terms or not self.count or k < 1:
            return []
        query_of, schema = self._tantivy.Query, self._index.schema
        should = self._tantivy.Occur.Should
        words = [(should, query_of.term_query(schema, "body", term)) for term in terms]
        wanted = query_of.boolean_query(words)
        if among is not None:
            inside = query_of.term_set_query(schema, "document", list(among))
            must = self._tantivy.Occur.Must
            unscored = query_of.const_score_query(inside, 0.0)
            wanted = query_of.boolean_query([(must, wanted), (must, unscored)])
        found = self._searcher.search(wanted, limit=k + _TIES).hits
        scored = [(self._row(address), float(score)) for score, address in found]
        return sorted(scored, key=lambda pair: (-round(pair[1], 5), pair[0]))[:k]

    def _row(self, address: Any) -> int:
        return int(self._searcher.doc(address)["row"][0])


def build(folder: Path, texts: Iterable[tuple[str, str]]) -> None:
    """Write an index of texts, each with its document's id, into `folder`, made if need be."""
    import tantivy

    folder.mkdir(parents=True, exist_ok=True)
    schema = tantivy.SchemaBuilder()
    schema.add_text_field("body", tokenizer_name="terms", index_option="freq")
    schema.add_text_field("document", tokenizer_name="raw", index_option="basic")
    schema.add_unsigned_field("row", stored=True)
    index = tantivy.Index(schema.build(), path=str(folder))
    _register(tantivy, index)
    writer = index.writer(heap_size=_HEAP, num_threads=1)
    for document in _documents(tantivy, texts):
        writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()


def _documents(tantivy: Any, texts: Iterable[tuple[str, str]]) -> Iterator[Any]:
    for row, (name, text) in enumerate(texts):
        document = tantivy.Document()
        document.add_text("document", name)
        document.add_text("body", " ".join(tokens(text)))
        document.add_unsigned("row", row)
        yield document


def _register(tantivy: Any, index: Any) -> None:
    """Terms reach tantivy already cut and are only parted at the spaces between them."""
    analyzer = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
    index.register_tokenizer("terms", analyzer)
