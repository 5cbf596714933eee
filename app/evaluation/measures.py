"""The measures of a ranking, each from the ranks at which the gold parts of a question stand."""

import math
from collections.abc import Iterable, Sequence

from app.evaluation.sets import Span

Places = Sequence[int]
"""The rank, from 1, of each gold part of one question; 0 for a part that was not found."""


def recall(places: Places, k: int) -> float:
    """Return the share of the gold parts among the first `k`."""
    return sum(0 < place <= k for place in places) / len(places)


def complete(places: Places, k: int) -> float:
    """Return 1.0 if all gold parts are among the first `k`, else 0.0."""
    return float(all(0 < place <= k for place in places))


def reciprocal_rank(places: Places, k: int) -> float:
    """Return 1 / rank of the first gold part, 0.0 if it is not among the first `k`."""
    return max((1 / place for place in places if 0 < place <= k), default=0.0)


def ndcg(places: Places, k: int) -> float:
    """Return the normalised discounted cumulative gain at `k`, every gold part counting alike.

    Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques" (2002).
    """
    gain = sum(1 / math.log2(1 + place) for place in places if 0 < place <= k)
    return gain / sum(1 / math.log2(2 + index) for index in range(min(k, len(places))))


def span_recall(found: Iterable[Span], gold: Iterable[Span]) -> float:
    """Return the share of the gold characters that the found spans cover.

    Smith and Troynikov, "Evaluating Chunking Strategies for Retrieval" (Chroma, 2024), with
    characters in place of tokens, as their code has it.
    """
    wanted = _merged(gold)
    return _common(_merged(found), wanted) / _length(wanted)


def span_iou(found: Iterable[Span], gold: Iterable[Span]) -> float:
    """Return the characters both found and gold over those found or gold (same report)."""
    had, wanted = _merged(found), _merged(gold)
    common = _common(had, wanted)
    return common / (_length(had) + _length(wanted) - common)


def _merged(spans: Iterable[Span]) -> list[Span]:
    """Return the spans in order, those that touch made one."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.source, span.start)):
        last = merged[-1] if merged else None
        if last and last.source == span.source and span.start <= last.end:
            merged[-1] = Span(span.source, last.start, max(last.end, span.end))
        else:
            merged.append(span)
    return merged


def _length(spans: Iterable[Span]) -> int:
    return sum(span.end - span.start for span in spans)


def _common(left: Sequence[Span], right: Sequence[Span]) -> int:
    pairs = ((a, b) for a in left for b in right if a.source == b.source)
    return sum(max(0, min(a.end, b.end) - max(a.start, b.start)) for a, b in pairs)
