"""Learns an encoder as a reward: tunes it on four fifths of the questions, measures on the last.

It runs in a process of its own and goes on after a stop; see `app.learning.reward.learning` for the
head, which asks for less.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from app.learning import checkpoint, held_out
from app.learning.candidates import CARD, Candidates, Card
from app.learning.reward.comparing import Side
from app.learning.reward.encoding import METHOD, WEIGHTS, read, scores, stored
from app.learning.reward.enough import check
from app.learning.reward.given import Given
from app.learning.reward.head import FOLDS, Row, parted
from app.learning.reward.learning import Readers
from app.learning.reward.measuring import measured
from app.learning.reward.reading import Readings
from app.learning.reward.tuning import EVERY, LENGTH, Recipe, Tuning
from app.learning.training import Progress
from app.learning.verifier import Plan
from app.verifier import packed


class EncoderLearning:
    """One encoder being learned. The same data and recipe lead to the same folder.

    Raises `UserError` where there is too little to learn from.
    """

    def __init__(self, models: Path, given: Given, readers: Readers, recipe: Recipe) -> None:
        check(given.comparisons)
        self._given, self._readers, self._recipe = given, readers, recipe
        self._candidates = Candidates(models)
        self._edition = packed.base()[1]
        rows = [Row(one.group, {}, {}, one.share) for one in given.comparisons]
        aside = parted(rows, recipe.seed)
        both = list(zip(given.comparisons, aside, strict=True))
        self._train = [one for one, fold in both if fold]
        self._test = [one for one, fold in both if not fold]
        self.name = f"reward-{self._key()}"
        self.folder = self._candidates.folder(self.name)
        self._readings = Readings(self.folder, readers.reader)
        if self.done:
            self._clear()  # A kill may have come between the card and this.

    @property
    def done(self) -> bool:
        """Whether this very reward has been learned."""
        return (self.folder / CARD).is_file()

    def card(self) -> Card:
        """Return the card of what was learned."""
        return self._candidates.find(self.name)

    def plan(self) -> Plan:
        """Get ready, and estimate what is left from one step that is tried."""
        import psutil

        self._tuning = Tuning(self._train, self._recipe, self.folder)
        seconds = self._tuning.seconds()
        moments = 2 * 4 * sum(one.numel() for one in self._tuning.weights.values())
        memory = psutil.Process().memory_info().rss + moments
        left = seconds * (self._recipe.steps - self._tuning.step)
        where = self._tuning.step, self._recipe.steps
        return Plan(self.folder, *where, len(self._train), left, memory)

    def run(self, every: int = EVERY) -> Iterator[Progress]:
        """Tune; yields after every step. What is kept on the disk survives a kill."""
        yield from self._tuning.run(every)

    def read(self) -> Iterator[Progress]:
        """Read the answers that it is measured on; yields after every part, which is then kept."""
        yield from self._readings.progress(self._aside())

    def finish(self, today: str = "") -> Card:
        """Write the weights, measure them as they are kept, and write the card last."""
        dropped = float(self._tuning.weights[LENGTH].detach())
        plain = {name: one for name, one in self._tuning.weights.items() if name != LENGTH}
        checkpoint.write(self.folder / WEIGHTS, stored(plain), {})
        held_out.note(self.folder, {one.group for one in self._given.comparisons})
        card = Card(
            self.name, "reward", self._edition, today or date.today().isoformat(),
            self._recipe.seed, self._given.data, self._settings(dropped), self._figures(),
        )  # fmt: skip
        self._candidates.keep(card)
        self._clear()
        return self.card()

    def _figures(self) -> dict[str, Any]:
        for _ in self.read():
            pass
        found = scores(read(self.folder / WEIGHTS), self._aside())
        known = self._readings.of
        rows = [
            Row(one.group, known(one.first), known(one.second), one.share, one.origin)
            for one in self._test
        ]
        margins = [one - other for one, other in zip(found[::2], found[1::2], strict=True)]
        told = asdict(measured(rows, margins))
        return {"held out": {"split": f"one of {FOLDS} parts of the questions", **told}}

    def _aside(self) -> list[Side]:
        return [side for one in self._test for side in (one.first, one.second)]

    def _clear(self) -> None:
        """Take away what is needed to go on alone."""
        self._readings.clear()
        (self.folder / checkpoint.FILE).unlink(missing_ok=True)

    def _settings(self, dropped: float) -> dict[str, Any]:
        given = self._given.comparisons
        told = {"method": METHOD, "verifier": "", "dropped": dropped, **self._recipe.told()}
        return told | {
            "origins": dict(Counter(one.origin for one in given)),
            "ties": sum(not one.decided for one in given),
        }

    def _key(self) -> str:
        aside = sorted({one.group for one in self._test})
        told = [METHOD, self._given.data, self._recipe.told(), self._edition, aside]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:12]
