"""Turns what the indexes found into hits: fuses the rankings, then looks at the best once more."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from retrieval.documents import Hit, Passage
from retrieval.fuse import Fused, Scores, blend
from retrieval.rerank import Reranker

Passages = Callable[[Sequence[int]], Mapping[int, Passage]]


@dataclass(frozen=True, slots=True)
class Ranked:
    """Hits, best first, and how many passages that belong among them are gone."""

    hits: list[Hit]
    missing: int


def rank(
    query: str,
    dense: Scores,
    lexical: Scores,
    passages: Passages,
    k: int,
    reranker: Reranker | None = None,
) -> Ranked:
    """Return at most `k` hits out of a ranking by cosine and one by BM25, each best first.

    A dense ranking belongs here only if the embedder reads the query, and must hold no passage that
    it does not read. `passages` gives passages by their keys; those that are gone are missing.
    """
    fused = blend(dense, lexical)
    looked = fused[: max(k, reranker.depth if reranker else 0)]
    held = passages([item.row for item in looked])
    kept = [item for item in looked if item.row in held]
    if reranker is not None:
        kept = reranked(query, kept, held, reranker)
    hits = [
        Hit(held[item.row], item.score, at, item.found_by, dense.get(item.row))
        for at, item in enumerate(kept[:k], start=1)
    ]
    return Ranked(hits, min(k, len(looked)) - len(hits))


def reranked(
    query: str, fused: Sequence[Fused], held: Mapping[int, Passage], reranker: Reranker
) -> list[Fused]:
    """Return a fused ranking with the best `reranker.depth` in a new order, the others after them.

    To the score of each its own is added, as the share of the way from the least to 1, times
    `reranker.weight`. What it cannot judge is given the least.
    """
    best, others = fused[: reranker.depth], fused[reranker.depth :]
    scores = reranker.score(query, [held[item.row] for item in best])
    judged = scores[~np.isnan(scores)]
    if not len(judged):
        return list(fused)
    least = float(judged.min())
    reach = max(1.0 - least, 1e-6)
    shares = np.nan_to_num((scores - least) / reach, nan=0.0) * reranker.weight
    moved = [
        replace(item, score=item.score + float(share))
        for item, share in zip(best, shares, strict=True)
    ]
    return sorted(moved, key=lambda item: (-round(item.score, 6), item.row)) + list(others)
