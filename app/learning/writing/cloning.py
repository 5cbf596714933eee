"""Behaviour cloning: trains a LoRA adapter on prompts and replies, one step after the other.

What the prompts of a batch begin with alike, the instructions above all, is read once for the
whole batch: the gradients are those of reading it with each, at about half the cost. LoRA: Hu et
al. 2021, arXiv:2106.09685. The state is kept on the disk from time to time; a training that was
killed goes on from there and ends with the same weights.
"""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.learning import checkpoint
from app.learning.checkpoint import State
from app.learning.language.adapter import TARGETS
from app.learning.training import Progress
from app.learning.writing.coding import Coded, schedule, shared
from app.learning.writing.curve import Step

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import LlamaForCausalLM

EVERY = 20
"""Steps from one state on the disk to the next."""

LOSSES = "losses.json"
"""The file of every step's loss, beside the state."""

_SMOOTH = 0.95


@dataclass(frozen=True, slots=True)
class Recipe:
    """What decides, together with the data, what weights come out.

    The rate rises over `warmup` steps, stays, and falls to nothing over the last `falling` share of
    the steps, so that a run can be planned anew while its rate still stays. `batch` is in examples.
    """

    steps: int = 240
    seed: int = 1
    rank: int = 8
    alpha: int = 16
    rate: float = 6e-4
    batch: int = 8
    warmup: int = 10
    falling: float = 0.4
    clip: float = 1.0

    def scale(self, step: int) -> float:
        """Return the share of the rate that a step (from 0) learns at."""
        left = (self.steps - step) / max(1.0, self.steps * self.falling)
        return max(0.0, min((step + 1) / self.warmup, 1.0, left))

    def told(self) -> dict[str, float]:
        """Return the settings by name."""
        return asdict(self)


class Cloning:
    """A training of an adapter for a model; takes up the state that its folder holds, if any."""

    def __init__(
        self,
        model: "LlamaForCausalLM",
        rows: Sequence[Coded],
        kinds: Sequence[str],
        recipe: Recipe,
        folder: Path,
        after: Path | None = None,
    ) -> None:
        import torch

        self._rows, self._recipe, self._folder = rows, recipe, folder
        costs = [row.cost for row in rows]
        self._batches = schedule(kinds, costs, recipe.batch, recipe.steps, recipe.seed)
        self.adapted = adapted(model, recipe, after)
        named = self.adapted.named_parameters()
        self._learned = {name: one for name, one in named if one.requires_grad}
        self._optimizer = torch.optim.AdamW(
            self._learned.values(), lr=recipe.rate, betas=(0.9, 0.99), weight_decay=0.0
        )
        self._kinds, self._losses = kinds, list[float | None]()
        self.step = 0
        state = checkpoint.restore(folder)
        if state:
            self._take_up(state)

    def run(self, every: int = EVERY) -> Iterator[Progress]:
        """Yield after every step. The state is kept after each `every` steps and the last one."""
        begun, done, loss, first = time.monotonic(), 0, 0.0, self.step
        while self.step < self._recipe.steps:
            batch = self._batches[self.step]
            now = self._learn([self._rows[row] for row in batch])
            self._losses.append(now)
            loss = now if self.step == first else _SMOOTH * loss + (1 - _SMOOTH) * now
            self.step += 1
            done += len(batch)
            if self.step % every == 0 or self.step == self._recipe.steps:
                self.keep()
            spent = time.monotonic() - begun
            left = spent / (self.step - first) * (self._recipe.steps - self.step)
            yield Progress(self.step, self._recipe.steps, loss, done / spent, left)

    def first_pass(self) -> list[Step]:
        """Return the steps so far that learned at the whole rate from examples not met before."""
        found: list[Step] = []
        before = 0
        for number, (batch, loss) in enumerate(zip(self._batches, self._losses, strict=False)):
            if before == len(self._rows):
                break
            after = before + len(batch)
            if loss is not None and self._recipe.scale(number) == 1.0:
                found.append(Step(self._kinds[batch[0]], loss, before, after))
            before = after
        return found

    def seconds(self) -> float:
        """Return how long a step takes, from the gradient of a batch of middling cost."""
        order = sorted(self._batches, key=lambda one: sum(self._rows[row].cost for row in one))
        begun = time.monotonic()
        self._gradient([self._rows[row] for row in order[len(order) // 2]])
        self._optimizer.zero_grad()
        return time.monotonic() - begun

    def keep(self) -> None:
        """Keep the state on the disk; the losses first, of which too many do no harm."""
        checkpoint.replace(self._folder / LOSSES, json.dumps(self._losses).encode())
        state = self._optimizer.state
        first, second = (
            {name: state[one][key] for name, one in self._learned.items()}
            for key in ("exp_avg", "exp_avg_sq")
        )
        checkpoint.save(self._folder, State(self.step, self._learned, first, second))

    def _take_up(self, state: State) -> None:
        import torch

        self.step = state.step
        self._losses = [*_losses(self._folder / LOSSES), *[None] * state.step][: state.step]
        for name, one in self._learned.items():
            with torch.no_grad():
                one.copy_(state.weights[name])
            self._optimizer.state[one] = {
                "step": torch.tensor(float(state.step)),
                "exp_avg": state.first[name],
                "exp_avg_sq": state.second[name],
            }

    def _learn(self, batch: Sequence[Coded]) -> float:
        import torch

        loss = self._gradient(batch)
        torch.nn.utils.clip_grad_norm_([*self._learned.values()], self._recipe.clip)
        for group in self._optimizer.param_groups:
            group["lr"] = self._recipe.rate * self._recipe.scale(self.step)
        self._optimizer.step()
        self._optimizer.zero_grad()
        return loss

    def _gradient(self, batch: Sequence[Coded]) -> float:
        loss = loss_of(self.adapted.base_model.model, batch)
        loss.backward()  # type: ignore[no-untyped-call]
        return float(loss.detach())


def _losses(path: Path) -> list[float | None]:
    """The losses that were kept; none where they cannot be read, as they only tell a tale."""
    try:
        return list(json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError):
        return []


def adapted(model: "LlamaForCausalLM", recipe: Recipe, after: Path | None = None) -> Any:
    """Put a LoRA on all linear layers: a fresh one, that changes nothing at first, or the one that
    lies in the folder `after`."""
    import torch
    from peft import LoraConfig, PeftModel, get_peft_model

    torch.manual_seed(recipe.seed)
    if after:
        return PeftModel.from_pretrained(model, str(after), is_trainable=True)
    config = LoraConfig(
        r=recipe.rank,
        lora_alpha=recipe.alpha,
        lora_dropout=0.0,
        target_modules=list(TARGETS),
        task_type="CAUSAL_LM",
    )
    return get_peft_model(model, config)


def loss_of(model: Any, batch: Sequence[Coded]) -> "Tensor":
    """Return the mean negative log likelihood of the tokens of the replies, the prompts given."""
    import torch

    alike = shared(batch)
    width = max(row.cost for row in batch) - alike
    ids = torch.zeros(len(batch), width, dtype=torch.long)
    mask = torch.zeros(len(batch), alike + width, dtype=torch.long)
    places: list[tuple[int, int, int]] = []
    for at, row in enumerate(batch):
        rest = row.ids[alike:]
        ids[at, : len(rest)] = torch.tensor(rest)
        mask[at, : row.cost] = 1
        for begin, end in row.spans:
            places += [(at, n - 1 - alike, row.ids[n]) for n in range(begin, end)]
    hidden = _hidden(model, batch[0].ids[:alike], ids, mask)
    rows, columns, targets = (torch.tensor(each) for each in zip(*places, strict=True))
    logits = model.lm_head(hidden[rows, columns])
    return torch.nn.functional.cross_entropy(logits, targets)


def _hidden(model: Any, alike: Sequence[int], ids: "Tensor", mask: "Tensor") -> "Tensor":
    """The last layer's output for `ids`, read behind the tokens that all have before them."""
    import torch
    from transformers import DynamicCache

    cache = DynamicCache(config=model.config)
    if alike:
        model.model(input_ids=torch.tensor([list(alike)]), past_key_values=cache, use_cache=True)
        cache.batch_repeat_interleave(len(ids))
    read = model.model(input_ids=ids, attention_mask=mask, past_key_values=cache, use_cache=True)
    return read.last_hidden_state  # type: ignore[no-any-return]
