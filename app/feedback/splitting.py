"""Train and test: all examples of a prompt on one side, and a person's prompts where it can be."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from app.feedback.choosing import Example

LARGEST = 0.25
"""The share of all examples that the largest group of prompts and people joined may have."""

Guarantee = Literal["prompt and person", "prompt"]


@dataclass(frozen=True, slots=True)
class Split:
    """Ids of the examples on each side, and what is never on both sides."""

    train: tuple[str, ...]
    test: tuple[str, ...]
    guarantee: Guarantee


def split(examples: Sequence[Example], share: float = 0.1) -> Split:
    """Put about `share` of the examples aside for testing, the same ones each time.

    Prompts and people are joined into groups that have neither in common. Where the largest group
    is small (`LARGEST`), whole groups are drawn, by a hash, so that no prompt and no person stands
    on both sides. Else (one person asked for nearly everything) prompts are drawn alone.
    """
    joined = _joined(examples)
    sizes = Counter(joined[_prompt(example)] for example in examples)
    apart = bool(sizes) and max(sizes.values()) <= LARGEST * len(examples)
    keys = [joined[_prompt(e)] if apart else _prompt(e) for e in examples]
    drawn = [_fraction(key) < share for key in keys]
    if all(drawn):
        drawn = [False] * len(drawn)  # A few examples could all be drawn; none would train.
    return Split(
        tuple(e.id for e, out in zip(examples, drawn, strict=True) if not out),
        tuple(e.id for e, out in zip(examples, drawn, strict=True) if out),
        "prompt and person" if apart else "prompt",
    )


def _joined(examples: Sequence[Example]) -> dict[str, str]:
    """Name each prompt's and person's group by its first prompt: union-find over both."""
    above: dict[str, str] = {}

    def top(name: str) -> str:
        above.setdefault(name, name)
        while above[name] != name:
            above[name] = name = above[above[name]]
        return name

    for example in examples:
        first, second = sorted((top(_prompt(example)), top(f"user {example.by}")))
        above[second] = first
    return {name: top(name) for name in above}


def _prompt(example: Example) -> str:
    return f"prompt {example.group}"


def _fraction(key: str) -> float:
    return int(hashlib.sha256(f"split {key}".encode()).hexdigest()[:12], 16) / 16**12
