"""Ranks drafts by a reward that was learned: the file of a candidate, and who reads answers."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from agents.answers import Quoted, Verdict
from agents.ports import Ranker, Scorer
from app.learning.candidates import Candidates, Card
from app.learning.reward.comparing import Comparison, Side
from app.learning.reward.encoding import METHOD, WEIGHTS, EncoderRanker, read, scores
from app.learning.reward.features import VERSION, Features, features, near
from app.learning.reward.head import Head, Row
from app.learning.reward.learning import HEAD, Readers
from app.verifier import packed
from retrieval.errors import UserError

REWARD = "reward"


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


class Rewarding(Protocol):
    """A reward that comparisons can be measured with."""

    def margins(self, given: Sequence[Comparison], rows: Sequence[Row]) -> list[float]:
        """Return by how much the first answer of each comparison is ahead; `rows` are the same
        comparisons as features."""
        ...


@dataclass(frozen=True, slots=True)
class _ByHead:
    head: Head

    def margins(self, given: Sequence[Comparison], rows: Sequence[Row]) -> list[float]:
        return [self.head.margin(row) for row in rows]


@dataclass(frozen=True, slots=True)
class ByEncoder:
    """The reward of the encoder in the file `path`; a `Reads` too, as it takes its time."""

    path: Path

    def margins(self, given: Sequence[Comparison], rows: Sequence[Row]) -> list[float]:
        """Return by how much the first answer of each comparison is ahead."""
        found = self.read([side for one in given for side in (one.first, one.second)])
        return [a[REWARD] - b[REWARD] for a, b in zip(found[::2], found[1::2], strict=True)]

    def read(self, sides: Sequence[Side]) -> list[Features]:
        """Return the reward of each answer under the name `REWARD`."""
        return [{REWARD: one} for one in scores(read(self.path), sides)]


def opened(candidates: Candidates, card: Card) -> Rewarding:
    """Return the reward of a candidate to measure with. `UserError` as in `load`."""
    folder = candidates.folder(card.name)
    if _encoder(card):
        return ByEncoder(folder / WEIGHTS)
    return _ByHead(load(folder, card.name))


class Released:
    """The reward that is in use in a home, read again when another one is released.

    One that was learned on another embedder or verifier is not used: its features would be others;
    `app.learning.unused` says so.
    """

    def __init__(self, models: Path, readers: Callable[[], Readers]) -> None:
        self._candidates = Candidates(models)
        self._readers = readers
        self._known: dict[str, Ranker] = {}

    def __call__(self, name: str = "") -> Ranker | None:
        """Return the ranker of a candidate, by "" of the one in use; None where nothing is, or it
        cannot be used. `UserError` as in `load`."""
        card = self._candidates.find(name) if name else self._candidates.released("reward")
        if card is None:
            return None
        readers = self._readers()
        if not fits(card, readers.embedder, readers.verifier):
            return None
        if card.name not in self._known:
            self._known[card.name] = self._made(card, readers.reader.scorer)
        return self._known[card.name]

    def _made(self, card: Card, scorer: Scorer) -> Ranker:
        folder = self._candidates.folder(card.name)
        if _encoder(card):
            return EncoderRanker(card.name, folder / WEIGHTS)
        return LearnedRanker(card.name, load(folder, card.name), scorer)


def fits(card: Card, embedder: str, verifier: str) -> bool:
    """Whether a reward was learned on this embedder and this verifier ("" for none), by features
    of this version; an encoder goes by the embedded one alone, which it is laid over."""
    if _encoder(card):
        return card.base == packed.base()[1]
    known = card.base, card.settings.get("verifier", ""), card.settings.get("features", VERSION)
    return known == (embedder, verifier, VERSION)


def _encoder(card: Card) -> bool:
    return card.settings.get("method") == METHOD
