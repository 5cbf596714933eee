"""Embeddings of LangChain as the library's embedder, and the other way about."""

from collections.abc import Sequence

import numpy as np
from langchain_core.embeddings import Embeddings

from retrieval.embed import Embedder, Vectors


class LangChainEmbedder:
    """An embedding of LangChain as the library's embedder; it is taken to read every language."""

    def __init__(self, embedding: Embeddings) -> None:
        self._embedding = embedding
        self.dimension = len(embedding.embed_query("dimension"))
        named = getattr(embedding, "model", None) or getattr(embedding, "model_name", "")
        self.id = f"langchain:{type(embedding).__name__} {named} {self.dimension}d unit"

    def reads(self, text: str) -> bool:
        return True

    def encode(self, texts: Sequence[str], *, query: bool = False) -> Vectors:
        given = list(texts)
        found = (
            [self._embedding.embed_query(text) for text in given]
            if query
            else self._embedding.embed_documents(given)
        )
        vectors = np.asarray(found, np.float32).reshape(len(given), self.dimension)
        unit: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True).clip(1e-12)
        return unit


class LibraryEmbeddings(Embeddings):
    """The library's embedder as an embedding of LangChain."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return the unit vector of each passage."""
        return [[float(value) for value in vector] for vector in self._embedder.encode(texts)]

    def embed_query(self, text: str) -> list[float]:
        """Return the unit vector of a question."""
        return [float(value) for value in self._embedder.encode([text], query=True)[0]]
