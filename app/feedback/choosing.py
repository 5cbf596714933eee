"""Which examples of an export are kept: near-copies go, and nobody gives too many prompts."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from app.feedback.pairs import ORIGINS, Pair

PREFIX = 0.9
"""The share of the shorter of two texts that a common beginning must have to make them alike."""

PROMPTS = 200
"""Prompts of one person that are kept (InstructGPT: Ouyang 2022, section 3.2)."""


class Example(Protocol):
    """What is exported: it belongs to a group (a prompt) and comes from a person."""

    @property
    def id(self) -> str: ...

    @property
    def group(self) -> str: ...

    @property
    def by(self) -> str: ...


One = TypeVar("One", bound=Example)


def alike(left: str, right: str) -> bool:
    """True where two texts, white space aside, begin alike for 90 % of the shorter one."""
    left, right = " ".join(left.split()), " ".join(right.split())
    short = min(len(left), len(right))
    pairs = zip(left, right, strict=False)
    same = next((at for at, (one, other) in enumerate(pairs) if one != other), short)
    return same >= PREFIX * short


def distinct(pairs: Iterable[Pair]) -> list[Pair]:
    """Return the pairs that are no near-copies, in their order.

    A pair goes whose two sides are alike, and one whose chosen and rejected sides are each like
    those of another pair of its prompt. Of such two the one with the stronger origin stays
    (compare, thumbs, self-check, edit), then the older one.
    """
    given = list(pairs)
    kept: dict[str, list[Pair]] = defaultdict(list)
    for pair in sorted(given, key=lambda pair: (ORIGINS.index(pair.origin), pair.at, pair.id)):
        if alike(pair.chosen.completion, pair.rejected.completion):
            continue
        if not any(_same(pair, other) for other in kept[pair.prompt.id]):
            kept[pair.prompt.id].append(pair)
    ids = {pair.id for group in kept.values() for pair in group}
    return [pair for pair in given if pair.id in ids]


def _same(pair: Pair, other: Pair) -> bool:
    chosen = alike(pair.chosen.completion, other.chosen.completion)
    return chosen and alike(pair.rejected.completion, other.rejected.completion)


def capped(examples: Sequence[One], prompts: int = PROMPTS) -> list[One]:
    """Return the examples of at most so many prompts a person, chosen by a hash of both."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for example in examples:
        wanted[example.by].add(example.group)
    kept = {
        by: set(sorted(groups, key=lambda group: _drawn(by, group))[:prompts])
        for by, groups in wanted.items()
    }
    return [example for example in examples if example.group in kept[example.by]]


def _drawn(by: str, group: str) -> str:
    return hashlib.sha256(f"{by}\n{group}".encode("utf-8", "surrogatepass")).hexdigest()
