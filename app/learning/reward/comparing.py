"""Two answers to one question, and whether the first is preferred: what a reward learns from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agents.events import Quoted
from app.feedback.choosing import distinct
from app.feedback.pairs import Pair
from retrieval.documents import content_id

TIE = 0.5

LEFT_OUT = frozenset({"other question", "person", "repair:quotes", "ranked"})
"""Reasons of pairs that a reward cannot learn from: two questions, a text that nobody asked for,
quotes that stand in for an answer, which no draft is, or drafts that the judges ranked by how many
claims fail, which goes before any reward. What else keeps a pair out of an export for
writers (other quotes, another form, an edit, a tie) is no reason here."""


@dataclass(frozen=True, slots=True)
class Side:
    """One answer to a question, with the quotes that its citation marks name."""

    question: str
    quotes: tuple[Quoted, ...]
    text: str

    @property
    def id(self) -> str:
        """A content hash: the same answer from the same quotes is read once."""
        told = [part for quote in self.quotes for part in (quote.title, quote.text)]
        return content_id(self.question, self.text, *told)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two answers of which `first` is preferred with the chance `share`: 1 or `TIE`.

    `group` is the question that both answer; it stands on one side of every split.
    """

    group: str
    first: Side
    second: Side
    share: float
    origin: str

    @property
    def decided(self) -> bool:
        """Whether one of the two was preferred."""
        return self.share != TIE


def question_of(text: str) -> str:
    """Return what all ways to write a question down have in common."""
    return " ".join(text.split()).casefold()


def compared(pairs: Sequence[Pair]) -> list[Comparison]:
    """Return the pairs of a home as comparisons, without near-copies and what is `LEFT_OUT`."""
    fit = [pair for pair in pairs if not LEFT_OUT.intersection(pair.reasons)]
    ties = [pair for pair in fit if pair.score == 0]
    return [_comparison(pair) for pair in (*distinct(p for p in fit if p.score > 0), *ties)]


def once(given: Iterable[Comparison]) -> list[Comparison]:
    """Return every two answers that were compared alike once."""
    found: dict[tuple[str, str, float], Comparison] = {}
    for one in given:
        found.setdefault((one.first.id, one.second.id, one.share), one)
    return list(found.values())


def _comparison(pair: Pair) -> Comparison:
    question = pair.prompt.question
    first, second = (
        Side(question, side.quotes, side.text) for side in (pair.chosen, pair.rejected)
    )
    share = 1.0 if pair.score > 0 else TIE
    return Comparison(question_of(question), first, second, share, pair.origin)
