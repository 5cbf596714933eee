"""Learns a verifier from a folder of public sets: plan, train, calibrate, and write its card."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.learning import checkpoint, sets
from app.learning.calibrating import Calibrated, calibrated
from app.learning.pool import aside, pool
from app.learning.recipe import Recipe
from app.learning.training import EVERY, Progress, Training
from app.verifier import packed
from app.verifier.coding import Coded, coded, tokenizer
from app.verifier.embedded import EmbeddedVerifier
from app.verifier.net import begin
from retrieval.errors import UserError

if TYPE_CHECKING:
    from app.learning.pairs import Pair

LEAST = 2000
"""Pairs that there must be to learn from."""

_CODED = 2000


@dataclass(frozen=True, slots=True)
class Plan:
    """A training that is ready to begin, or to go on: in which folder, from which step of how
    many, with how many pairs; `seconds` and `bytes` of memory are estimates for what is left."""

    folder: Path
    step: int
    steps: int
    pairs: int
    seconds: float
    bytes: int


class Learning:
    """One verifier being learned. Everything is decided by the recipe and the data, so the same of
    both lead to the same folder, and what was interrupted there goes on.

    Raises `UserError` where a set is missing or there is too little to learn from.
    """

    def __init__(
        self, data: Path, models: Path, recipe: Recipe | None = None, least: int = LEAST
    ) -> None:
        self._data, self._recipe = data, recipe or Recipe()
        self._digests = sets.digests(data)
        self._base, self._edition = packed.base()
        self.folder = models / f"verifier-{self._key()}"
        self._pairs = pool(data, self._recipe.seed)
        if len(self._pairs) < least:
            raise UserError(
                f"there are only {len(self._pairs)} pairs to learn from, and {least} are too few"
                " not to be learned by heart",
                origin="--data",
                cure="get the data as docs/verifier.md says",
            )

    @property
    def done(self) -> bool:
        """Whether this very verifier has been learned."""
        return (self.folder / packed.CARD).is_file()

    def plan(self) -> Plan:
        """Get ready, and estimate what is left from one step that is tried."""
        import psutil

        self._training = self._made()
        seconds = self._training.seconds()
        learned = sum(one.numel() for one in self._training.weights.values())
        moments = 2 * 4 * learned
        used = psutil.Process().memory_info().rss + moments
        left = seconds * (self._recipe.steps - self._training.step)
        where = self._training.step, self._recipe.steps
        return Plan(self.folder, *where, len(self._pairs), left, used)

    def run(self, every: int = EVERY) -> Iterator[Progress]:
        """Train; yields after every step. What is kept on the disk survives a kill."""
        yield from self._training.run(every)

    def finish(self) -> packed.Card:
        """Write weights and card; what was kept of the training on the way is removed."""
        start = begin(packed.base_weights(), self._recipe.seed)
        stored = packed.pack(self._training.weights, start)
        checkpoint.write(self.folder / packed.WEIGHTS, stored, {})
        made = packed.Card(self.folder.name, self._edition)
        found = calibrated(EmbeddedVerifier(self.folder, made), aside(self._data))
        made = replace(made, temperature=found.temperature, about=self._about(found))
        checkpoint.replace(self.folder / packed.CARD, json.dumps(asdict(made), indent=1).encode())
        (self.folder / checkpoint.FILE).unlink(missing_ok=True)
        return made

    def _key(self) -> str:
        told = [self._recipe.told(), self._digests, self._edition]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:12]

    def _made(self) -> Training:
        rows = _rows(self._pairs, self._base)
        labels = [pair.label for pair in self._pairs]
        weights = begin(packed.base_weights(), self._recipe.seed)
        return Training(weights, rows, labels, self._recipe, self.folder)

    def _about(self, found: Calibrated) -> dict[str, Any]:
        import torch

        licences = {one.file: one.licence for one in (*sets.ENTAILMENTS, *sets.PASSAGES)}
        return {
            "data": {
                file: {"sha256": digest, "licence": licences[file]}
                for file, digest in self._digests.items()
            },
            "pairs": dict(Counter(pair.source for pair in self._pairs)),
            "recipe": self._recipe.told(),
            "torch": torch.__version__,
            "kept aside": asdict(found),
        }


def _rows(pairs: "list[Pair]", folder: Path) -> list[Coded]:
    made = tokenizer(folder)
    texts = [(pair.evidence, pair.claim) for pair in pairs]
    parts = (texts[at : at + _CODED] for at in range(0, len(texts), _CODED))
    return [row for part in parts for row in coded(made, part)]
