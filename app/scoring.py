"""Scores pairs of texts by the cosine of their embeddings."""

from collections.abc import Sequence

from retrieval.embed import Embedder


class EmbeddingScorer:
    """Encodes each different text of a call once, in one batch. Usable from several threads."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def similarities(self, pairs: Sequence[tuple[str, str]]) -> Sequence[float]:
        """Return the cosine of each pair, -1..1."""
        if not pairs:
            return []
        texts = list(dict.fromkeys(text for pair in pairs for text in pair))
        vectors = self._embedder.encode(texts)
        row = {text: vectors[index] for index, text in enumerate(texts)}
        return [float(row[left] @ row[right]) for left, right in pairs]
