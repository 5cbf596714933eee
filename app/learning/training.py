"""Trains the verifier: one step after the other, kept on the disk from time to time."""

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from app.learning import checkpoint
from app.learning.checkpoint import State
from app.learning.pairs import NEUTRAL, NOT_CARRIED
from app.learning.recipe import Recipe, schedule
from app.verifier.coding import Coded, padded
from app.verifier.net import HEAD, KINDS, WORDS, forward

if TYPE_CHECKING:
    from torch import Tensor
    from torch.optim import Optimizer

EVERY = 150
"""Steps from one state on the disk to the next."""

HALVES = 2
"""Parts of a batch that are worked on side by side, each by one thread; fixed, for the sum of the
gradients depends on it in its last digits."""

_SMOOTH = 0.98


@dataclass(frozen=True, slots=True)
class Progress:
    """Steps done out of `steps`, the smoothed loss, pairs learned from per second, and the seconds
    that are left at that pace."""

    step: int
    steps: int
    loss: float
    pace: float
    left: float


class Rates(Protocol):
    """The settings of a recipe that the optimizer needs; `fast` is that of new weights."""

    @property
    def rate(self) -> float: ...

    @property
    def fast(self) -> float: ...

    @property
    def decay(self) -> float: ...


class Training:
    """A training of given weights. Takes up the state that its folder holds, if any."""

    def __init__(
        self,
        weights: "dict[str, Tensor]",
        rows: Sequence[Coded],
        labels: Sequence[int],
        recipe: Recipe,
        folder: Path,
    ) -> None:
        import torch

        self._recipe, self._folder = recipe, folder
        self._rows, self._labels = rows, torch.tensor(labels)
        self._batches = schedule(rows, recipe)
        self.weights = weights
        self._learned = {name: one for name, one in weights.items() if name != WORDS}
        state = checkpoint.restore(folder)
        self.step = state.step if state else 0
        with torch.no_grad():
            for name, one in state.weights.items() if state else ():
                weights[name].copy_(one)
        for one in self._learned.values():
            one.requires_grad_(True)
        self._optimizer = optimizer(self._learned, recipe, state)

    def run(self, every: int = EVERY) -> Iterator[Progress]:
        """Yield after every step. The state is kept after each `every` steps and the last one."""
        import torch

        torch.set_num_threads(1)
        begun, pairs, loss = time.monotonic(), 0, 0.0
        first = self.step
        with ThreadPoolExecutor(HALVES) as workers:
            while self.step < self._recipe.steps:
                batch = self._batches[self.step]
                now = self._learn(batch, workers)
                loss = now if self.step == first else _SMOOTH * loss + (1 - _SMOOTH) * now
                self.step += 1
                pairs += len(batch)
                if self.step % every == 0 or self.step == self._recipe.steps:
                    self.keep()
                spent = time.monotonic() - begun
                left = spent / (self.step - first) * (self._recipe.steps - self.step)
                yield Progress(self.step, self._recipe.steps, loss, pairs / spent, left)

    def seconds(self) -> float:
        """Return how long a step takes, from the gradient of the batch of middling cost."""
        order = sorted(self._batches, key=lambda one: len(one) * len(self._rows[one[-1]].ids))
        batch = order[len(order) // 2]
        with ThreadPoolExecutor(HALVES) as workers:
            self._gradient(batch, workers)
            begun = time.monotonic()
            self._gradient(batch, workers)
        return time.monotonic() - begun

    def keep(self) -> None:
        """Keep the state on the disk."""
        state = self._optimizer.state
        moments = {
            key: {name: state[one][key] for name, one in self._learned.items()}
            for key in ("exp_avg", "exp_avg_sq")
        }
        made = State(self.step, self._learned, moments["exp_avg"], moments["exp_avg_sq"])
        checkpoint.save(self._folder, made)

    def _learn(self, batch: list[int], workers: ThreadPoolExecutor) -> float:
        import torch

        loss, gradients = self._gradient(batch, workers)
        for one, gradient in zip(self._learned.values(), gradients, strict=True):
            one.grad = gradient
        torch.nn.utils.clip_grad_norm_([*self._learned.values()], self._recipe.clip)
        for group in self._optimizer.param_groups:
            group["lr"] = group["peak"] * self._recipe.scale(self.step)
        self._optimizer.step()
        return loss

    def _gradient(
        self, batch: list[int], workers: ThreadPoolExecutor
    ) -> "tuple[float, list[Tensor]]":
        """Return the mean loss of a batch and its gradient for every weight that is learned."""
        parts = [part for part in (batch[at::HALVES] for at in range(HALVES)) if part]
        done = list(workers.map(self._part, parts))
        count = len(batch)
        sums = [sum(each) / count for each in zip(*(made for _, made in done), strict=True)]
        return sum(loss for loss, _ in done) / count, sums

    def _part(self, rows: list[int]) -> "tuple[float, tuple[Tensor, ...]]":
        import torch

        logits = forward(self.weights, *padded([self._rows[row] for row in rows]))
        loss = losses(logits, self._labels[rows]).sum()
        return float(loss.detach()), torch.autograd.grad(loss, [*self._learned.values()])


def losses(logits: "Tensor", labels: "Tensor") -> "Tensor":
    """Return the negative log likelihood of each label, shape (pairs,); a claim that is just "not
    carried" may be contradicted or neither."""
    import torch

    chances = logits.log_softmax(1)
    known = chances.gather(1, labels.clamp(max=NEUTRAL)[:, None])[:, 0]
    either = torch.logsumexp(chances[:, 1:], 1)
    return -torch.where(labels == NOT_CARRIED, either, known)


def optimizer(learned: "Mapping[str, Tensor]", recipe: Rates, state: State | None) -> "Optimizer":
    """AdamW (arXiv:1711.05101), with the moments of a state that was kept."""
    import torch

    new = {name for name in learned if name.startswith((HEAD, KINDS))}
    groups = [
        {"params": [learned[n] for n in learned if (n in new) is fresh], "peak": recipe.rate * fast}
        for fresh, fast in ((False, 1.0), (True, recipe.fast))
    ]
    optimizer = torch.optim.AdamW(
        groups, lr=recipe.rate, betas=(0.9, 0.98), weight_decay=recipe.decay
    )
    if state is None:
        return optimizer
    for name, one in learned.items():
        optimizer.state[one] = {
            "step": torch.tensor(float(state.step)),
            "exp_avg": state.first[name],
            "exp_avg_sq": state.second[name],
        }
    return optimizer
