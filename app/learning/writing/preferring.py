"""Learns from preferences: DPO from pairs, KTO from single opinions, by TRL's trainers.

DPO: Rafailov et al. 2023, arXiv:2305.18290. KTO: Ethayarajh et al. 2024, arXiv:2402.01306; the
weights of good and bad replies follow its section 4.2. The reference is the model as it is when
learning begins, with the adapter that it begins from, if any.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING, Any

from app.learning.training import Progress
from app.learning.writing.cloning import Recipe, loss_of
from app.learning.writing.coding import Coded, coded
from app.learning.writing.examples import Example, Opinion, Preference

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

BETA = 0.1
"""How strongly the reference holds (both papers' default)."""

SLOWER = 0.4
"""Share of the rate of cloning: a preference moves what was learned, and should not undo it."""

WARMING = 0.1
"""Share of the steps over which the rate rises, at most."""

EVERY = 20
"""Steps from one state on the disk to the next."""

SIDES, WITH_REFERENCE = 2, 4 / 3

STATES = "states"


def preference_row(one: Preference) -> dict[str, Any]:
    """Return a row of TRL's conversational preference format."""
    return {"prompt": _turns(one), "chosen": _said(one.chosen), "rejected": _said(one.rejected)}


def opinion_row(one: Opinion) -> dict[str, Any]:
    """Return a row of TRL's conversational unpaired preference format."""
    return {"prompt": _turns(one), "completion": _said(one.reply), "label": one.good}


def weights(good: int, bad: int) -> tuple[float, float]:
    """Return what good and bad replies count, so that all good ones together count 1 to 4/3 times
    what all bad ones do: the rarer side counts more."""
    ratio = good / bad
    if 1.0 <= ratio <= 4 / 3:
        return 1.0, 1.0
    return (1.0, ratio) if ratio > 4 / 3 else (1.0 / ratio, 1.0)


def pace(recipe: Recipe) -> dict[str, float]:
    """Return the rate that a training begins to fall from, and over how many steps it rises."""
    return {
        "learning_rate": recipe.rate * SLOWER,
        "warmup_steps": min(recipe.warmup, int(WARMING * recipe.steps)),
    }


class Preferring:
    """A training of an adapted model by preferences; goes on from the state its folder holds."""

    def __init__(
        self,
        adapted: Any,
        tokenizer: "PreTrainedTokenizerBase",
        rows: Sequence[Preference] | Sequence[Opinion],
        recipe: Recipe,
        folder: Path,
        every: int = EVERY,
    ) -> None:
        from transformers import PrinterCallback

        self.adapted, self._recipe, self._folder = adapted, recipe, folder / STATES
        self._tried = _middling(rows, tokenizer)
        self._trainer = _trainer(adapted, tokenizer, rows, recipe, self._folder, every)
        # What it prints beside ours; `disable_tqdm` puts it in the place of a bar.
        self._trainer.remove_callback(PrinterCallback)
        self._newest = max(self._folder.glob("checkpoint-*"), key=_steps, default=None)
        self.step = _steps(self._newest) if self._newest else 0

    def run(self) -> Iterator[Progress]:
        """Yield after every step. The trainer works in a thread of its own; when nobody wants to
        hear more, it ends after the step that it is at."""
        if self._newest and self.step >= self._recipe.steps:
            self.adapted.load_adapter(str(self._newest), "default")
            return
        told: SimpleQueue[Progress | None] = SimpleQueue()
        enough = Event()
        self._trainer.add_callback(_teller(told, self._recipe, enough))
        with ThreadPoolExecutor(1) as pool:
            work = pool.submit(self._work, told)
            try:
                while (news := told.get()) is not None:
                    self.step = news.step
                    yield news
            finally:
                enough.set()
        work.result()

    def seconds(self) -> float:
        """Return about how long a step takes, from the gradient of one reply: each side of a pair
        is read once by the model and once by the reference, without gradient."""
        begun = monotonic()
        loss_of(self.adapted.base_model.model, [self._tried]).backward()  # type: ignore[no-untyped-call]
        self.adapted.zero_grad()
        return (monotonic() - begun) * self._recipe.batch * SIDES * WITH_REFERENCE

    def _work(self, told: "SimpleQueue[Progress | None]") -> None:
        try:
            self._trainer.train(resume_from_checkpoint=str(self._newest) if self.step else None)
        finally:
            told.put(None)


def _middling(
    rows: Sequence[Preference] | Sequence[Opinion], tokenizer: "PreTrainedTokenizerBase"
) -> Coded:
    """A reply of middling length, coded as for cloning."""
    every: list[Preference | Opinion] = sorted(rows, key=lambda row: len(row.prompt[-1].content))
    one = every[len(every) // 2]
    reply = one.reply if isinstance(one, Opinion) else one.chosen
    return coded(Example(one.prompt, reply, "", one.group, one.source), tokenizer)


def _steps(state: Path) -> int:
    """The steps that a state holds; 0 where it is not whole: the file written last is missing."""
    return int(state.name.split("-")[1]) if (state / "trainer_state.json").is_file() else 0


def _trainer(
    adapted: Any,
    tokenizer: "PreTrainedTokenizerBase",
    rows: Sequence[Preference] | Sequence[Opinion],
    recipe: Recipe,
    folder: Path,
    every: int,
) -> Any:
    from datasets import Dataset, disable_progress_bars  # type: ignore[import-untyped]
    from trl import DPOConfig, DPOTrainer, KTOConfig, KTOTrainer

    disable_progress_bars()
    common: dict[str, Any] = {
        "output_dir": str(folder), "max_steps": recipe.steps, "seed": recipe.seed,
        **pace(recipe), "beta": BETA, "max_grad_norm": recipe.clip,
        "save_strategy": "steps", "save_steps": every, "save_total_limit": 2,
        "report_to": "none", "disable_tqdm": True, "use_cpu": True, "bf16": False,
        "gradient_checkpointing": False, "max_length": None, "logging_steps": 1,
    }  # fmt: skip
    if isinstance(rows[0], Opinion):
        opinions = [one for one in rows if isinstance(one, Opinion)]
        good = sum(one.good for one in opinions)
        desirable, undesirable = weights(good, len(opinions) - good)
        args = KTOConfig(
            **common, per_device_train_batch_size=recipe.batch, desirable_weight=desirable,
            undesirable_weight=undesirable,
        )  # fmt: skip
        data = Dataset.from_list([opinion_row(one) for one in opinions])
        return KTOTrainer(adapted, args=args, train_dataset=data, processing_class=tokenizer)
    pairs = [preference_row(one) for one in rows if isinstance(one, Preference)]
    # A pair at a time: the scores of all tokens of all words take gigabytes.
    one = {"per_device_train_batch_size": 1, "gradient_accumulation_steps": recipe.batch}
    config = DPOConfig(**common, **one)
    data = Dataset.from_list(pairs)
    return DPOTrainer(adapted, args=config, train_dataset=data, processing_class=tokenizer)


def _teller(told: "SimpleQueue[Progress | None]", recipe: Recipe, enough: Event) -> Any:
    from transformers import TrainerCallback

    class Teller(TrainerCallback):  # type: ignore[misc]
        """Puts the progress of the trainer into a queue, and stops it when that is enough."""

        begun, first = monotonic(), -1

        def on_step_begin(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
            if self.first < 0:
                self.begun, self.first = monotonic(), state.global_step

        def on_step_end(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
            control.should_training_stop |= enough.is_set()

        def on_log(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
            if "loss" not in (rest.get("logs") or {}):
                return
            done = state.global_step - self.first
            spent = max(1e-9, monotonic() - self.begun)
            left = spent / max(1, done) * (recipe.steps - state.global_step)
            loss, pace = float(rest["logs"]["loss"]), done * recipe.batch / spent
            told.put(Progress(state.global_step, recipe.steps, loss, pace, left))

    return Teller()


def _turns(one: Preference | Opinion) -> list[dict[str, str]]:
    return [{"role": turn.role, "content": turn.content} for turn in one.prompt]


def _said(text: str) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": text}]
