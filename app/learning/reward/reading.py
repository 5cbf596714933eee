"""Reads answers for a reward: judges their claims, measures nearness, and keeps what it found."""

import json
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol

from agents.answers import Claim, Verdict
from agents.check.cascade import CascadeJudge
from agents.check.judge import ContainmentJudge, Judge
from agents.claims import split
from agents.ports import Scorer, Verifier
from app.learning.reward.comparing import Side
from app.learning.reward.features import Features, claims_of, features, near
from app.learning.training import Progress

PART = 32
"""Answers that are measured together."""

FILE = "answers.jsonl"
"""Where the features of answers that were read are kept, so that a stop loses a part at most."""


@dataclass(frozen=True, slots=True)
class Reader:
    """The embedder and the verifier by which answers are read, as they are when drafts are ranked:
    without a verifier containment judges alone."""

    scorer: Scorer
    verifier: Verifier | None = None

    def read(self, sides: Sequence[Side]) -> list[Features]:
        """Return the features of answers; all claims go to each model in one call."""
        judged = self._judged([(side, split(side.text)) for side in sides])
        wanted = [near(side) for side in sides]
        flat = [pair for pairs in wanted for pair in pairs]
        scores = iter(_rounded(self.scorer.similarities(flat)) if flat else ())
        return [
            features(side, verdicts, [*islice(scores, len(pairs))])
            for side, verdicts, pairs in zip(sides, judged, wanted, strict=True)
        ]

    def _judged(self, given: Sequence[tuple[Side, tuple[Claim, ...]]]) -> list[tuple[Verdict, ...]]:
        """Judge as `agents.check.round.check` does, the claims of all answers at once. An answer
        without quotes has nothing that its claims could be judged by."""
        judge: Judge = CascadeJudge(self.verifier.scripts) if self.verifier else ContainmentJudge()
        own = [
            (side, [claims[n] for n in claims_of(side) if side.quotes]) for side, claims in given
        ]
        every = [(side, claim) for side, claims in own for claim in claims]
        asked = [tuple(judge.pairs(claim, side.quotes)) for side, claim in every]
        texts = [
            tuple(judge.readings(claim, side.quotes)) if self.verifier else ()
            for side, claim in every
        ]
        pairs = [pair for group in asked for pair in group]
        near = iter(_rounded(self.scorer.similarities(pairs)) if pairs else ())
        read = iter(self._entailed([pair for group in texts for pair in group]))
        verdicts = iter(
            [
                judge.rule(claim, side.quotes, (*islice(near, len(a)),), (*islice(read, len(t)),))
                for (side, claim), a, t in zip(every, asked, texts, strict=True)
            ]
        )
        return [tuple(islice(verdicts, len(claims))) for _, claims in own]

    def _entailed(self, pairs: Sequence[tuple[str, str]]) -> list[tuple[float, float]]:
        if self.verifier is None or not pairs:
            return []
        found = self.verifier.entailments(pairs)
        return [(round(float(a), 4), round(float(b), 4)) for a, b in found]


class Reads(Protocol):
    """Who finds out of answers what a reward, or who measures one, must know of them."""

    def read(self, sides: Sequence[Side]) -> list[Features]:
        """Return numbers by name for each answer, in their order."""
        ...


class Readings:
    """What answers were read as, once each, kept in a folder: a kill costs a part at most."""

    def __init__(self, folder: Path, reader: Reads) -> None:
        self._path, self._reader = folder / FILE, reader
        self._known = dict(_kept(self._path))

    def missing(self, sides: Sequence[Side]) -> list[Side]:
        """Return the different answers that are still to be read."""
        once = {side.id: side for side in sides}
        return [side for id, side in once.items() if id not in self._known]

    def run(self, sides: Sequence[Side]) -> Iterator[int]:
        """Read what is missing, and yield how many answers are done after every part."""
        left = self.missing(sides)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        for at in range(0, len(left), PART):
            part = left[at : at + PART]
            found = self._reader.read(part)
            with self._path.open("a", encoding="utf-8") as file:
                for side, one in zip(part, found, strict=True):
                    self._known[side.id] = one
                    file.write(json.dumps([side.id, one]) + "\n")
            yield at + len(part)

    def progress(self, sides: Sequence[Side]) -> Iterator[Progress]:
        """Read what is missing; after every part yield how many of all answers are done."""
        begun, every = time.monotonic(), len({side.id for side in sides})
        before = every - len(self.missing(sides))
        for read in self.run(sides):
            pace = read / max(1e-9, time.monotonic() - begun)
            done = before + read
            yield Progress(done, every, math.nan, pace, (every - done) / pace)

    def of(self, side: Side) -> Features:
        """Return the features of an answer that was read."""
        return self._known[side.id]

    def clear(self) -> None:
        """Take away what was kept on the way."""
        self._path.unlink(missing_ok=True)


def _rounded(scores: Sequence[float]) -> list[float]:
    return [round(float(score), 4) for score in scores]


def _kept(path: Path) -> Iterator[tuple[str, Features]]:
    """Yield what was read before a stop; a last line that was cut off is read again."""
    try:
        lines = path.read_text("utf-8").split("\n")
    except FileNotFoundError:
        return
    for line in lines:
        try:
            id, found = json.loads(line)
        except ValueError:
            continue
        yield id, found
