"""Makes pairs out of passages: sentences reworded, broken, merged, left out; questions answered."""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agents.statements import spoken
from app.learning.edits import broken
from app.learning.pairs import CARRIED, NOT_CARRIED, Pair
from app.learning.rewording import reworded
from retrieval.sentences import sentences

_SHORT, _LONG = 5, 45
"""Words of a sentence that claims are made of."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to a question about a passage, and where it stands; one that only looks like an
    answer is not `right`."""

    question: str
    text: str
    start: int
    right: bool


@dataclass(frozen=True, slots=True)
class Source:
    """A passage that pairs are made from."""

    document: str
    title: str
    text: str
    answers: tuple[Answer, ...] = ()

    @property
    def sentences(self) -> list[str]:
        found = [self.text[start:end].strip() for start, end in sentences(self.text)]
        return [one for one in found if _SHORT <= len(one.split()) <= _LONG]


def generated(sources: Sequence[Source], dice: random.Random) -> Iterator[Pair]:
    """Yield pairs made from every source, in order; the same dice make the same pairs."""
    cut = [source.sentences for source in sources]
    for source, ours in zip(sources, cut, strict=True):
        strange = dice.choice(cut)
        for _ in range(min(len(ours), 2)):
            yield from _said(source, ours, strange, dice)
        yield from _answered(source, dice)


def _said(
    source: Source, ours: list[str], strange: list[str], dice: random.Random
) -> Iterator[Pair]:
    """Pairs about one sentence, among its neighbours and at times one from another passage."""

    def pair(evidence: str, claim: str, label: int, how: str) -> Pair:
        return Pair(evidence, claim, label, source.document, how)

    at = dice.randrange(len(ours))
    evidence = _around(ours, at, dice)
    if dice.random() < 0.3:
        evidence = f"{source.title}. {evidence}"
    if strange and dice.random() < 0.2:
        evidence = " ".join(dice.sample([evidence, dice.choice(strange)], 2))
    claim, chance = reworded(ours[at], dice), dice.random()
    if dice.random() < 0.6:
        yield pair(evidence, claim, CARRIED, "reworded")
    made = broken(claim, f"{source.text} {' '.join(strange)}", dice)
    if made:
        yield pair(evidence, *made, "broken")
    if len(ours) >= 3 and chance < 0.35:
        rest = ours[:at] + ours[at + 1 :]
        yield pair(" ".join(rest[:3]), claim, NOT_CARRIED, "left out")
    elif len(ours) >= 3 and chance < 0.6:
        yield from _merged(source, ours, at, claim, strange, dice)


def _merged(
    source: Source,
    ours: list[str],
    at: int,
    claim: str,
    strange: list[str],
    dice: random.Random,
) -> Iterator[Pair]:
    """Two sentences as one claim: both from the evidence, and one from somewhere else."""
    other = ours[(at + 1) % len(ours)]
    evidence, begun = f"{ours[at]} {other}", claim.rstrip(".")
    both = f"{begun}, and {reworded(other, dice)}"
    yield Pair(evidence, both, CARRIED, source.document, "merged")
    if strange:
        half = f"{begun}, and {dice.choice(strange)}"
        yield Pair(evidence, half, NOT_CARRIED, source.document, "half carried")


def _answered(source: Source, dice: random.Random) -> Iterator[Pair]:
    """Right answers, answers to other questions in their place, and those that only look right."""
    for answer in source.answers:
        if dice.random() < 0.55:
            continue
        evidence = _beside(source.text, answer.start, dice)
        said = spoken(answer.question, answer.text)
        label = CARRIED if answer.right else NOT_CARRIED
        yield Pair(evidence, said, label, source.document, "answered")
        rivals = [one.text for one in source.answers if _rivals(one.text, answer.text)]
        if answer.right and rivals:
            said = spoken(answer.question, dice.choice(rivals))
            yield Pair(evidence, said, NOT_CARRIED, source.document, "answered")


def _rivals(one: str, other: str) -> bool:
    """Whether two answers differ and are of a kind: both with a number or a capital, or neither."""
    if one.lower() in other.lower() or other.lower() in one.lower():
        return False
    kinds = [(bool(re.search(r"\d", text)), text[:1].isupper()) for text in (one, other)]
    return kinds[0] == kinds[1]


def _around(ours: list[str], at: int, dice: random.Random) -> str:
    start, end = max(0, at - dice.randint(0, 1)), at + 1 + dice.randint(0, 1)
    return " ".join(ours[start:end])


def _beside(text: str, place: int, dice: random.Random) -> str:
    spans = sentences(text)
    at = next((n for n, (start, end) in enumerate(spans) if start <= place < end), 0)
    return _around([text[start:end].strip() for start, end in spans], at, dice)
