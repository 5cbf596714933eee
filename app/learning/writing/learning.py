"""Learns an adapter for the writer or for browsing: plan, train, export, and write its card.

The training is a process of its own, at low priority, and asks nothing of the engine: questions go
on being answered. What was interrupted goes on from the state that is on the disk.
"""

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from app.learning import checkpoint, held_out
from app.learning.candidates import ADAPTER, CARD, Candidates, Card
from app.learning.language.adapter import WEIGHTS, convert
from app.learning.training import Progress
from app.learning.verifier import Plan
from app.learning.writing.cloning import EVERY, LOSSES, Cloning, Recipe, adapted
from app.learning.writing.coding import coded, folded
from app.learning.writing.curve import curve
from app.learning.writing.enough import check
from app.learning.writing.examples import Example
from app.learning.writing.given import Given, Method
from app.learning.writing.preferring import STATES, Preferring, pace

if TYPE_CHECKING:
    from app.learning.language.weights import Loaded

What = Literal["write", "browse"]

LONGEST: dict[What, int] = {"write": 1024, "browse": 2048}
"""Tokens of a prompt and its reply together; longer ones are left out, and counted."""


@dataclass(frozen=True, slots=True)
class Base:
    """The model that is learned on: its identity, which the card keeps, its GGUF file, and how
    that is loaded."""

    name: str
    file: Path
    load: "Callable[[Path], Loaded]"


class Learning:
    """One adapter being learned. Everything is decided by the recipe, the base and the data, so the
    same of all lead to the same folder. `after` is a folder with an adapter to begin from.

    Raises `UserError` where there is too little to learn from.
    """

    def __init__(
        self,
        base: Base,
        models: Path,
        given: Given,
        method: Method,
        recipe: Recipe,
        what: What = "write",
        after: Path | None = None,
    ) -> None:
        check(given, method, what)
        self._base, self._given, self._method = base, given, method
        self._recipe, self._what, self._after = recipe, what, after
        self._candidates = Candidates(models)
        self.name = f"{what}-{self._key()}"
        self.folder = self._candidates.folder(self.name)
        self.left_out = 0

    @property
    def done(self) -> bool:
        """Whether this very adapter has been learned."""
        return (self.folder / CARD).is_file()

    def card(self) -> Card:
        """Return the card of what was learned."""
        return self._candidates.find(self.name)

    def plan(self) -> Plan:
        """Load the model, get ready, and estimate what is left from a step that is tried."""
        import psutil

        loaded = self._base.load(self._base.file)
        self._training = self._made(loaded)
        seconds = self._training.seconds()
        memory = psutil.Process().memory_info().rss
        left = seconds * (self._recipe.steps - self._training.step)
        rows = len(self._given.of(self._method)) - self.left_out
        return Plan(self.folder, self._training.step, self._recipe.steps, rows, left, memory)

    def run(self, every: int = EVERY) -> Iterator[Progress]:
        """Train; yields after every step. What is kept on the disk survives a kill."""
        training = self._training
        yield from training.run(every) if isinstance(training, Cloning) else training.run()

    def finish(self, today: str = "") -> Card:
        """Write the adapter in both formats and, last, its card; what was kept on the way goes."""
        self._training.adapted.save_pretrained(str(self.folder), selected_adapters=["default"])
        convert(self.folder, self._base.file, self.folder / ADAPTER, self.name)
        card = Card(
            self.name, self._what, self._base.name, today or date.today().isoformat(),
            self._recipe.seed, self._given.data, self._settings(), self._figures(),
        )  # fmt: skip
        held_out.note(self.folder, self._groups(), self._after)
        self._candidates.keep(card)
        for name in (checkpoint.FILE, LOSSES):
            (self.folder / name).unlink(missing_ok=True)
        shutil.rmtree(self.folder / STATES, ignore_errors=True)
        return card

    def _groups(self) -> Iterator[str]:
        rows: Sequence[Any] = self._given.of(self._method)
        return (row.group for row in rows)

    def _made(self, loaded: "Loaded") -> Cloning | Preferring:
        given: Any = self._given.of(self._method)
        if self._method == "sft":
            rows, kinds = self._coded(given, loaded)
            return Cloning(loaded.model, rows, kinds, self._recipe, self.folder, self._after)
        model = adapted(loaded.model, self._recipe, self._after)
        return Preferring(model, loaded.tokenizer, given, self._recipe, self.folder)

    def _coded(self, given: Sequence[Example], loaded: "Loaded") -> tuple[list[Any], list[str]]:
        every = [(coded(one, loaded.tokenizer), one.kind) for one in given]
        kept = [(row, kind) for row, kind in every if row.cost <= LONGEST[self._what]]
        self.left_out = len(every) - len(kept)
        kinds = {kind for _, kind in kept}
        rows = {kind: [row for row, its in kept if its == kind] for kind in sorted(kinds)}
        rows |= {"browse": folded(rows["browse"])} if "browse" in rows else {}
        every_kind = [kind for kind, some in rows.items() for _ in some]
        return [row for some in rows.values() for row in some], every_kind

    def _settings(self) -> dict[str, Any]:
        import peft
        import torch
        import transformers

        versions = {one.__name__: str(one.__version__) for one in (torch, transformers, peft)}
        rows = Counter(getattr(one, "kind", "pair") for one in self._given.of(self._method))
        told = {"method": self._method, **self._told(), "rows": dict(rows)}
        return told | {
            "left out": self.left_out,
            "after": self._after.name if self._after else "",
            **versions,
        }

    def _told(self) -> dict[str, float]:
        """The recipe, and what of it goes another way in a training by preferences."""
        return self._recipe.told() | ({} if self._method == "sft" else pace(self._recipe))

    def _figures(self) -> dict[str, Any]:
        """The curve of the first pass; none where the model may have met the examples before."""
        if not isinstance(self._training, Cloning) or self._after:
            return {}
        steps = self._training.first_pass()
        return {"curve": asdict(curve(steps))} if steps else {}

    def _key(self) -> str:
        begun = (self._after / WEIGHTS).read_bytes() if self._after else b""
        after = hashlib.sha256(begun).hexdigest()
        told = [self._method, self._told(), self._given.data, self._base.name, after]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:12]
