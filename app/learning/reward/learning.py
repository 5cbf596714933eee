"""Learns a reward: reads the answers that were compared, fits a head, measures it, writes its card.

It runs in a process of its own, without the engine. What was read before a stop is read from the
disk; the head itself is fitted in seconds.
"""

import hashlib
import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from app.learning import checkpoint, held_out
from app.learning.candidates import CARD, Candidates, Card
from app.learning.reward import features
from app.learning.reward.comparing import Comparison, Side
from app.learning.reward.curve import Curve, curve, parts
from app.learning.reward.enough import check
from app.learning.reward.given import Given
from app.learning.reward.head import FOLDS, Head, Row, best_strength, fit
from app.learning.reward.measuring import Measured, measured
from app.learning.reward.reading import PART, Reader, Readings
from app.learning.training import Progress
from app.learning.verifier import Plan

HEAD = "reward.json"
"""The file of a candidate that ranks answers, in its folder."""

WARM = 2
"""Answers that are read first of all, as what reads them is loaded with the first call."""

MEMORY = 900_000_000
"""Bytes that the embedder and the verifier take with what reads them (measured, rounded up)."""


@dataclass(frozen=True, slots=True)
class Readers:
    """What answers are read by: the reader, and the names of its embedder and verifier ("")."""

    reader: Reader
    embedder: str
    verifier: str


class Learning:
    """One reward being learned. The same data, seed and readers lead to the same folder.

    Raises `UserError` where there is too little to learn from.
    """

    def __init__(self, models: Path, given: Given, readers: Readers, seed: int) -> None:
        check(given.comparisons)
        self._given, self._readers, self._seed = given, readers, seed
        self._candidates = Candidates(models)
        self.name = f"reward-{self._key()}"
        self.folder = self._candidates.folder(self.name)
        self._readings = Readings(self.folder, readers.reader)
        self._sides = [side for one in given.comparisons for side in (one.first, one.second)]
        if self.done:
            self._readings.clear()  # A kill may have come between the card and this.

    @property
    def done(self) -> bool:
        """Whether this very reward has been learned."""
        return (self.folder / CARD).is_file()

    def card(self) -> Card:
        """Return the card of what was learned."""
        return self._candidates.find(self.name)

    def plan(self) -> Plan:
        """Estimate what is left from the first answers, which are read for it."""
        left = self._readings.missing(self._sides)
        every = len({side.id for side in self._sides})
        warm, tried = left[:WARM], left[WARM : WARM + PART]
        for _ in self._readings.run(warm):
            pass
        begun = time.monotonic()
        for _ in self._readings.run(tried):
            pass
        pace = (time.monotonic() - begun) / max(1, len(tried))
        done = every - len(left) + len(warm) + len(tried)
        return Plan(
            self.folder, done, every, len(self._given.comparisons), pace * (every - done), MEMORY
        )

    def run(self) -> Iterator[Progress]:
        """Read the answers; yields after every part. What is kept on the disk survives a kill."""
        yield from self._readings.progress(self._sides)

    def finish(self, today: str = "") -> Card:
        """Fit and measure; write the head and, last, the card."""
        rows = [_row(one, self._readings) for one in self._given.comparisons]
        grown = parts(rows, self._seed)
        found = measured(rows, grown[-1].margins)
        head = fit(rows, best_strength(rows, self._seed))
        checkpoint.replace(self.folder / HEAD, written(head))
        card = Card(
            self.name, "reward", self._readers.embedder, today or date.today().isoformat(),
            self._seed, self._given.data, self._settings(head), _figures(found, curve(rows, grown)),
        )  # fmt: skip
        held_out.note(self.folder, {one.group for one in self._given.comparisons})
        self._candidates.keep(card)
        self._readings.clear()
        return self.card()

    def _settings(self, head: Head) -> dict[str, Any]:
        given = self._given.comparisons
        return {
            "method": "bradley-terry",
            "strength": head.strength,
            "verifier": self._readers.verifier,
            "features": features.VERSION,
            "origins": dict(Counter(one.origin for one in given)),
            "ties": sum(not one.decided for one in given),
        }

    def _key(self) -> str:
        told = [self._given.data, self._seed, self._readers.embedder, self._readers.verifier]
        text = json.dumps([*told, features.VERSION], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]


def written(head: Head) -> bytes:
    """Return a head as the file `HEAD` holds it."""
    told = {"features": features.VERSION, **asdict(head)}
    return json.dumps(told, indent=1, sort_keys=True).encode()


def _row(one: Comparison, readings: Readings) -> Row:
    sides: Sequence[Side] = (one.first, one.second)
    first, second = (readings.of(side) for side in sides)
    return Row(one.group, first, second, one.share, one.origin)


def _figures(found: Measured, grown: Curve) -> dict[str, Any]:
    split = f"{FOLDS} folds over questions"
    return {"held out": {"split": split, **asdict(found)}, "curve": asdict(grown)}
