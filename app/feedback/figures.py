"""Figures of an export: lengths of chosen and rejected, counts, and the balance of thumbs."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import mean, median
from typing import Any

from agents.check.words import CJK
from app.feedback.pairs import Pair

_WORD = re.compile(rf"[{CJK}]|[^\W{CJK}]+(?:['’-][^\W{CJK}]+)*")


def words(text: str) -> int:
    """Count words; a Chinese, Japanese or Korean character counts as one."""
    return len(_WORD.findall(text))


def lengths(pairs: Iterable[Pair]) -> dict[str, dict[str, float]]:
    """Return how much longer the chosen side is, in characters and in words.

    A model trained on pairs whose chosen side is longer learns to write more, whatever else it
    learns (Singhal 2023, arXiv 2310.03716): this says how much of that lies in the data.
    """
    sides = [(pair.chosen.completion, pair.rejected.completion) for pair in pairs]
    characters = [len(chosen) - len(rejected) for chosen, rejected in sides]
    return {
        "characters": _difference(characters),
        "words": _difference([words(chosen) - words(rejected) for chosen, rejected in sides]),
    }


def _difference(values: Sequence[int]) -> dict[str, float]:
    if not values:
        return {}
    longer = sum(value > 0 for value in values) / len(values)
    return {
        "mean": round(mean(values), 2),
        "median": float(median(values)),
        "chosen_longer": round(longer, 4),
    }


def counted(values: Iterable[str]) -> dict[str, int]:
    """Return how often each value occurs, the most frequent first."""
    return dict(sorted(Counter(values).items(), key=lambda item: (-item[1], item[0])))


def contradictions(pairs: Sequence[Pair]) -> int:
    """Count pairs of runs of which each was preferred to the other by somebody."""
    ways: Mapping[frozenset[str], set[str]] = defaultdict(set)
    for pair in pairs:
        if pair.chosen.run != pair.rejected.run:
            ways[frozenset((pair.chosen.run, pair.rejected.run))].add(pair.chosen.run)
    return sum(len(chosen) > 1 for chosen in ways.values())


def balance(ups: int, downs: int) -> dict[str, Any]:
    """Return the counts of good and bad examples and weights that make up for the difference.

    KTO wants desirable_weight * ups / (undesirable_weight * downs) between 1 and 4/3 (Ethayarajh
    2024, arXiv 2402.01306, equation 8); one of the two weights stays 1.
    """
    told: dict[str, Any] = {"up": ups, "down": downs}
    if not ups or not downs:
        return told
    desirable, undesirable = max(1.0, downs / ups), max(1.0, ups / downs)
    weights = {"desirable_weight": desirable, "undesirable_weight": undesirable}
    return told | {name: round(weight, 3) for name, weight in weights.items()}
