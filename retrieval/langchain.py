"""The library as LangChain knows such things: a retriever and a vector store."""

import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document as Found
from langchain_core.embeddings import Embeddings
from langchain_core.retrievers import BaseRetriever
from langchain_core.vectorstores import VectorStore
from langchain_core.vectorstores.utils import maximal_marginal_relevance
from pydantic import Field

from retrieval.documents import Document, Hit
from retrieval.embed import embedded
from retrieval.langchain_embeddings import LangChainEmbedder, LibraryEmbeddings
from retrieval.library import Library
from retrieval.memory_shelf import MemoryShelf

_MEDIA, _KEPT = "text/plain", "; metadata="
_FILTERS = ("collections", "sources", "tags")


class LibraryRetriever(BaseRetriever):
    """Finds passages of a library by words and by meaning.

    `collections`, `sources` (files or folders) and `tagged` limit the search, each to any of its
    names. A document found has the passage's text, its id, and as metadata `source`, `title`,
    `page` (from 1), `heading`, `start` and `end` (characters of the whole text), `score` (more is
    better), `collection`, `document` and `passage` (their ids), under what was given when it was
    added through `LibraryVectorStore`. Raises `UserError` as `Library.search` does.
    """

    library: Library
    k: int = Field(default=8, ge=1)
    collections: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    tagged: tuple[str, ...] = ()

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Found]:
        hits = self.library.search(query, self.k, self.collections, self.sources, self.tagged)
        return [found for found, _ in _documents(self.library, hits)]


class LibraryVectorStore(VectorStore):
    """A collection of a library as a vector store; its search is the library's own.

    The id of a text is its source in the library: given, or made of its content, so that the same
    text is kept once. Long texts are cut into passages, and a search finds these; one that is a
    whole text has that text's id, another the passage's. A text's metadata must be JSON; `source`
    and `title` are shown where it is quoted.
    """

    def __init__(self, library: Library, collection: str = "default") -> None:
        self.library = library
        self.collection = collection
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    @property
    def embeddings(self) -> Embeddings:
        """The library's embedder."""
        return LibraryEmbeddings(self.library.embedder)

    def add_texts(
        self,
        texts: Iterable[str],
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: Sequence[str | None] | None = None,
        tags: Iterable[str] = (),
        **kwargs: Any,
    ) -> list[str]:
        """Keep texts in place of what their ids held, with tags for all of them; return the ids.

        Raises `ValueError` when the lists differ in length or metadata is not JSON.
        """
        _known(kwargs, ())
        given = list(texts)
        told = metadatas or [{} for _ in given]
        named = list(ids) if ids is not None else [None for _ in given]
        if not len(given) == len(told) == len(named):
            raise ValueError(
                f"{len(given)} texts, {len(told)} metadatas and {len(named)} ids do not match"
            )
        documents = [self._document(*parts) for parts in zip(given, told, named, strict=True)]
        if documents:
            self.library.put(documents, tags=tags)
        return [document.source for document in documents]

    def delete(self, ids: list[str] | None = None, **kwargs: Any) -> bool | None:
        """Take texts out of the collection, all of them without ids; unknown ids do no harm."""
        _known(kwargs, ())
        self.library.drop(self._held() if ids is None else ids, self.collection)
        return True

    def get_by_ids(self, ids: Sequence[str], /) -> list[Found]:
        """Return whole texts by their ids; those that are not there are missing."""
        held = self._held()
        opened = [(one, self.library.open(held[one])) for one in dict.fromkeys(ids) if one in held]
        return [
            Found(
                id=one,
                page_content=document.text,
                metadata={
                    "source": one,
                    "title": document.title,
                    "collection": document.collection,
                    "document": document.id,
                    **_metadata(document),
                },
            )
            for one, document in opened
            if document is not None
        ]

    def similarity_search(self, query: str, k: int = 4, **kwargs: Any) -> list[Found]:
        """Return the best passages; `collections`, `sources` and `tags` limit the search, by
        default to the collection of this store."""
        return [found for found, _ in self.similarity_search_with_score(query, k, **kwargs)]

    def similarity_search_with_score(
        self, query: str, k: int = 4, **kwargs: Any
    ) -> list[tuple[Found, float]]:
        """Return the best passages as `similarity_search` does, with their scores: more is better.

        A score is the sum of 1 / (60 + rank) over the rankings by words and by meaning.
        """
        _known(kwargs, _FILTERS)
        scope = {"collections": (self.collection,), **kwargs}
        if "collections" not in kwargs and not self._held():
            return []
        return _documents(self.library, self.library.search(query, k, **scope))

    def max_marginal_relevance_search(
        self, query: str, k: int = 4, fetch_k: int = 20, lambda_mult: float = 0.5, **kwargs: Any
    ) -> list[Found]:
        """Return passages out of the `fetch_k` best that are near the query and unlike each other,
        as far as the library's embedder tells (Carbonell and Goldstein 1998)."""
        found = self.similarity_search(query, fetch_k, **kwargs)
        embedder = self.library.embedder
        if not embedder.reads(query):
            return found[:k]
        vectors = list(embedded(embedder, [one.page_content for one in found]))
        asked = embedder.encode([query], query=True)
        chosen = maximal_marginal_relevance(asked[0], vectors, lambda_mult, k)
        return [found[number] for number in chosen]

    def _select_relevance_score_fn(self) -> Any:
        """Bring scores between 0 and 1: 1 is the best of both rankings."""
        return lambda score: min(1.0, score / self.library.most)

    @classmethod
    def from_texts(
        cls,
        texts: list[str],
        embedding: Embeddings | None = None,
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: Sequence[str | None] | None = None,
        library: Library | None = None,
        collection: str = "default",
        **kwargs: Any,
    ) -> "LibraryVectorStore":
        """Return a store with texts in it: of a `library`, which has an embedder of its own, or
        else one in memory that the embedding encodes for and that nothing is left of.

        Raises `ValueError` without either of the two, or with both.
        """
        if (library is None) == (embedding is None):
            raise ValueError("a store needs a library or an embedding, and not both")
        folder = None
        if embedding is not None:
            folder = tempfile.TemporaryDirectory(prefix="vouch-")
            library = Library(MemoryShelf(), LangChainEmbedder(embedding), Path(folder.name))
        assert library is not None
        store = cls(library, collection)
        store._folder = folder
        store.add_texts(texts, metadatas, ids=ids, **kwargs)
        return store

    def _document(self, text: str, metadata: Mapping[str, Any], given: str | None) -> Document:
        try:
            kept = f"{_KEPT}{json.dumps(metadata, allow_nan=False)}" if metadata else ""
        except (TypeError, ValueError) as error:
            raise ValueError(f"metadata cannot be kept: {error}") from error
        source = str(metadata.get("source") or "")
        title = str(metadata.get("title") or PurePath(source).name)
        plain = Document("", title, text, f"{_MEDIA}{kept}", self.collection)
        name = given or (f"{source}#{plain.id[:12]}" if source else plain.id)
        return Document(name, title, text, plain.media, self.collection)

    def _held(self) -> dict[str, str]:
        """Return the document of each source of the collection."""
        return {
            source: holding.document
            for holding in self.library.holdings()
            if holding.collection == self.collection
            for source in holding.sources
        }


def _documents(library: Library, hits: Sequence[Hit]) -> list[tuple[Found, float]]:
    """Return hits as LangChain's documents, with their scores; a hit whose text was taken out
    meanwhile is left out."""
    opened = {hit.passage.document: library.open(hit.passage.document) for hit in hits}
    return [
        (_found(hit, document), hit.score)
        for hit in hits
        if (document := opened[hit.passage.document]) is not None
    ]


def _found(hit: Hit, document: Document) -> Found:
    passage = hit.passage
    metadata = {
        "source": passage.source,
        "title": passage.title,
        "page": passage.page,
        "heading": passage.heading,
        "start": passage.start,
        "end": passage.end,
        "score": hit.score,
        "collection": document.collection,
        "document": passage.document,
        "passage": passage.id,
    }
    whole = passage.text == document.text.strip()
    return Found(
        id=passage.source if whole else passage.id,
        page_content=document.text if whole else passage.text,
        metadata=metadata | _metadata(document),
    )


def _metadata(document: Document) -> dict[str, Any]:
    """Return what a text was added with."""
    _, _, kept = document.media.partition(_KEPT)
    told: dict[str, Any] = json.loads(kept) if kept else {}
    return told


def _known(given: Mapping[str, Any], names: Sequence[str]) -> None:
    """Raise `TypeError` for an argument that would be passed over in silence."""
    if unknown := set(given) - set(names):
        raise TypeError(f"the library knows no argument {sorted(unknown)[0]!r}")
