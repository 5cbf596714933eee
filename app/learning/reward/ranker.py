"""Ranks drafts by a reward that was learned: the file of a candidate, and who reads answers."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from agents.answers import Quoted, Verdict
from agents.ports import Scorer
from app.learning.candidates import Candidates, Card
from app.learning.reward.comparing import Side
from app.learning.reward.features import VERSION, features, near
from app.learning.reward.head import Head
from app.learning.reward.learning import HEAD, Readers
from retrieval.errors import UserError


@dataclass(frozen=True, slots=True)
class LearnedRanker:
    """A head with the embedder that its features are measured by. `name` is the candidate's."""

    name: str
    head: Head
    scorer: Scorer

    def rank(
        self,
        question: str,
        quotes: Sequence[Quoted],
        drafts: Sequence[tuple[str, Sequence[Verdict]]],
    ) -> list[float]:
        """Return the reward of each draft with its verdicts; all texts are encoded in one call."""
        sides = [Side(question, tuple(quotes), text) for text, _ in drafts]
        wanted = [near(side) for side in sides]
        flat = [pair for pairs in wanted for pair in pairs]
        scores = iter(self.scorer.similarities(flat) if flat else ())
        return [
            self.head.score(features(side, verdicts, [*islice(scores, len(pairs))]))
            for side, (_, verdicts), pairs in zip(sides, drafts, wanted, strict=True)
        ]


def load(folder: Path, name: str) -> Head:
    """Return the head of a candidate. `UserError`: it is not there or not sound, or its features
    are those of another version of the program."""
    path = folder / HEAD
    try:
        read: dict[str, Any] = json.loads(path.read_bytes())
        version = read.pop("features")
        head = Head(**read)
        head.score(head.means)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise UserError(
            f"the reward {str(path)!r} cannot be read: {error}",
            cure="learn it again with: vouch learn reward",
        ) from error
    if version != VERSION:
        raise UserError(
            f"the reward {name!r} was learned by another version of the program",
            cure="learn it again with: vouch learn reward",
        )
    return head


class Released:
    """The reward that is in use in a home, read again when another one is released.

    One that was learned on another embedder or verifier is not used: its features would be others.
    """

    def __init__(self, models: Path, readers: Callable[[], Readers]) -> None:
        self._candidates = Candidates(models)
        self._readers = readers
        self._known: dict[str, LearnedRanker] = {}

    def __call__(self, name: str = "") -> LearnedRanker | None:
        """Return the ranker of a candidate, by "" of the one in use; None where nothing is, or it
        cannot be used. `UserError` as in `load`."""
        card = self._candidates.find(name) if name else self._candidates.released("reward")
        if card is None:
            return None
        readers = self._readers()
        if not fits(card, readers.embedder, readers.verifier):
            return None
        if card.name not in self._known:
            head = load(self._candidates.folder(card.name), card.name)
            self._known[card.name] = LearnedRanker(card.name, head, readers.reader.scorer)
        return self._known[card.name]


def fits(card: Card, embedder: str, verifier: str) -> bool:
    """Whether a reward was learned on this embedder and this verifier ("" for none)."""
    return (card.base, card.settings.get("verifier", "")) == (embedder, verifier)
