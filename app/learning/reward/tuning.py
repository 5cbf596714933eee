"""Tunes an encoder on comparisons, one step after the other, kept on the disk from time to time."""

import math
import random
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import count, islice
from pathlib import Path
from typing import TYPE_CHECKING

from app.feedback.figures import words
from app.learning import checkpoint
from app.learning.checkpoint import State
from app.learning.reward.comparing import Comparison, Side
from app.learning.reward.encoding import begun, rewards, tokens
from app.learning.reward.features import own_words
from app.learning.training import Progress, optimizer
from app.verifier.net import WORDS

if TYPE_CHECKING:
    from torch import Tensor

EVERY = 25
"""Steps from one state on the disk to the next."""

LENGTH = "reward.length"
"""The weight of the difference in the logarithm of the lengths, which is learned and then dropped:
see `app.learning.reward.head`."""

_WIDE = 1000
"""What that difference is multiplied by, so that its weight gets on at the rate of the others."""

_SMOOTH = 0.9


@dataclass(frozen=True, slots=True)
class Recipe:
    """What decides, with the data, what weights come out. A step takes `questions` questions, each
    with all its comparisons; the rate rises over `warmup` steps and falls over the last third."""

    seed: int = 1
    steps: int = 120
    rate: float = 3e-5
    questions: int = 4
    warmup: int = 10
    decay: float = 0.01
    clip: float = 1.0
    fast: float = 1.0

    def scale(self, step: int) -> float:
        """Return the share of the rate that a step (from 0) learns at."""
        left = (self.steps - step) / max(1.0, self.steps / 3)
        return max(0.0, min((step + 1) / self.warmup, 1.0, left))

    def told(self) -> dict[str, float]:
        """Return the settings by name."""
        return asdict(self)


class Tuning:
    """A training of an encoder. Takes up the state that its folder holds, if any."""

    def __init__(self, given: Sequence[Comparison], recipe: Recipe, folder: Path) -> None:
        import torch

        self._recipe, self._folder = recipe, folder
        self._questions = _grouped(given)
        every = {side.id: side for one in given for side in (one.first, one.second)}
        self._coded = dict(zip(every, tokens([*every.values()]), strict=True))
        self._batches = list(islice(_dealt(sorted(self._questions), recipe), recipe.steps))
        self.weights = begun() | {LENGTH: torch.zeros(1)}
        state = checkpoint.restore(folder)
        self.step = state.step if state else 0
        with torch.no_grad():
            for name, one in state.weights.items() if state else ():
                self.weights[name].copy_(one)
        self._learned = {name: one for name, one in self.weights.items() if name != WORDS}
        for one in self._learned.values():
            one.requires_grad_(True)
        self._optimizer = optimizer(self._learned, recipe, state)

    def run(self, every: int = EVERY) -> Iterator[Progress]:
        """Yield after every step. The state is kept after each `every` steps and the last one."""
        began, pairs, loss, first = time.monotonic(), 0, 0.0, self.step
        while self.step < self._recipe.steps:
            batch = self._batches[self.step]
            now = self._learn(batch)
            loss = now if self.step == first else _SMOOTH * loss + (1 - _SMOOTH) * now
            self.step += 1
            pairs += sum(len(self._questions[name]) for name in batch)
            if self.step % every == 0 or self.step == self._recipe.steps:
                self.keep()
            spent = time.monotonic() - began
            left = spent / (self.step - first) * (self._recipe.steps - self.step)
            yield Progress(self.step, self._recipe.steps, loss, pairs / spent, left)

    def seconds(self) -> float:
        """Return how long a step takes, from one whose gradient is made and forgotten."""
        batch = self._batches[-1]
        began = time.monotonic()
        self._loss(batch).backward()  # type: ignore[no-untyped-call]
        self._optimizer.zero_grad()
        return time.monotonic() - began

    def keep(self) -> None:
        """Keep the state on the disk."""
        state = self._optimizer.state
        first, second = (
            {name: state[one][key] for name, one in self._learned.items()}
            for key in ("exp_avg", "exp_avg_sq")
        )
        checkpoint.save(self._folder, State(self.step, self._learned, first, second))

    def _learn(self, batch: Sequence[str]) -> float:
        import torch

        loss = self._loss(batch)
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_([*self._learned.values()], self._recipe.clip)
        for group in self._optimizer.param_groups:
            group["lr"] = group["peak"] * self._recipe.scale(self.step)
        self._optimizer.step()
        return float(loss.detach())

    def _loss(self, batch: Sequence[str]) -> "Tensor":
        """The mean over questions of the mean loss of their comparisons; each answer is read
        once."""
        import torch
        from torch.nn.functional import softplus

        given = [one for name in batch for one in self._questions[name]]
        ids = [(one.first.id, one.second.id) for one in given]
        names = list(dict.fromkeys(id for both in ids for id in both))
        place = {name: at for at, name in enumerate(names)}
        found = rewards(self.weights, [self._coded[name] for name in names])
        first, second = ([place[both[side]] for both in ids] for side in (0, 1))
        gaps = torch.tensor([length(one.first) - length(one.second) for one in given])
        margins = found[first] - found[second] + _WIDE * self.weights[LENGTH] * gaps
        shares = torch.tensor([one.share for one in given])
        weigh = torch.tensor([1 / len(self._questions[one.group]) for one in given])
        return (weigh * (softplus(margins) - shares * margins)).sum() / len(batch)


def length(side: Side) -> float:
    """Return the logarithm of the number of words of an answer."""
    return math.log1p(words(own_words(side)))


def _grouped(given: Sequence[Comparison]) -> dict[str, list[Comparison]]:
    found: dict[str, list[Comparison]] = defaultdict(list)
    for one in given:
        found[one.group].append(one)
    return dict(found)


def _dealt(names: Sequence[str], recipe: Recipe) -> Iterator[list[str]]:
    """Yield the questions of each step; after a pass comes another, in a new order."""
    for number in count():
        order = list(names)
        random.Random(f"{recipe.seed} {number}").shuffle(order)
        for at in range(0, len(order), recipe.questions):
            yield order[at : at + recipe.questions]
