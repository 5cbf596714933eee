"""How the verifier is trained: the settings, the order of the examples, the rate at each step."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import count, islice

from app.verifier.coding import Coded


@dataclass(frozen=True, slots=True)
class Recipe:
    """What decides, together with the data, what weights come out.

    The rate rises over `warmup` steps, stays, and falls to nothing over the last `falling` share of
    the steps, so that a run can be planned anew while its rate still stays. The head and the kinds
    of token, which begin at random, learn `fast` times as fast. `tokens` and `pairs` bound a batch.
    """

    seed: int = 1
    steps: int = 2500
    rate: float = 1.5e-4
    fast: float = 5.0
    warmup: int = 100
    falling: float = 0.3
    decay: float = 0.01
    tokens: int = 1024
    pairs: int = 24
    clip: float = 1.0

    def scale(self, step: int) -> float:
        """Return the share of the rate that a step (from 0) learns at."""
        left = (self.steps - step) / max(1.0, self.steps * self.falling)
        return max(0.0, min((step + 1) / self.warmup, 1.0, left))

    def told(self) -> dict[str, float]:
        """Return the settings by name."""
        return asdict(self)


CHUNK = 1600
"""Pairs that are put in order of length together, so that those of a batch are about as long."""


def schedule(rows: Sequence[Coded], recipe: Recipe) -> list[list[int]]:
    """Return which rows make up the batch of each step; after a pass comes another, in a new
    order."""
    passes = (_pass(rows, recipe, recipe.seed + number) for number in count())
    return list(islice((batch for each in passes for batch in each), recipe.steps))


def _pass(rows: Sequence[Coded], recipe: Recipe, seed: int) -> Iterator[list[int]]:
    dice = random.Random(seed)
    order = list(range(len(rows)))
    dice.shuffle(order)
    for at in range(0, len(order), CHUNK):
        alike = sorted(order[at : at + CHUNK], key=lambda row: len(rows[row].ids))
        made = list(_batches(alike, rows, recipe))
        dice.shuffle(made)
        yield from made


def _batches(alike: list[int], rows: Sequence[Coded], recipe: Recipe) -> Iterator[list[int]]:
    batch: list[int] = []
    for row in alike:
        full = (len(batch) + 1) * len(rows[row].ids) > recipe.tokens
        if batch and (full or len(batch) == recipe.pairs):
            yield batch
            batch = []
        batch.append(row)
    yield batch
