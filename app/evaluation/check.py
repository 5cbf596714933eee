"""Measures the self-check on claims with human labels, beside plain scores."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from agents.check.blend import Blend
from agents.check.blend_weights import LIMIT, WEIGHTS
from app.evaluation.claims import SETS
from app.evaluation.fitting import evenly
from app.evaluation.judging import Figures, Shown, best_limit, figures, gained, shown
from app.evaluation.reading import Read

Score = Callable[[Read], float]

OVERLAP, CASCADE = "word overlap", "cascade"
SCORES: Mapping[str, Score] = {
    OVERLAP: lambda one: one.features["overlap"],
    "length": lambda one: -one.words,
    "cosine": lambda one: one.features["cosine"],
    "containment": lambda one: one.containment,
    "verifier": lambda one: one.carried,
}
"""Scores for support that need no fitting, except of a limit."""

SIGNS = {"overlap": 1, "cosine": 1, "carried": 1, "missing": -1}
"""What the blend weighs, and which way."""


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of one way to judge, and how much its AUROC is above that of word overlap, with
    the 95 % interval of the difference."""

    name: str
    figures: Figures
    gain: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Measured:
    """What the report half of one set came to."""

    name: str
    claims: int
    documents: int
    unsupported: int
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Fit:
    """A blend with the limit from which it supports."""

    blend: Blend
    limit: float

    def chance(self, one: Read) -> float:
        """Return the chance of support; a claim that stands in its evidence word for word has the
        one that containment gives it."""
        if one.settled and one.contained.ruling == "supported":
            return one.contained.confidence
        return self.blend.chances(one.features).supported

    def keeps(self, one: Read) -> bool:
        """Whether the claim is ruled supported: by containment where that settles it."""
        if one.settled:
            return one.contained.ruling == "supported"
        return self.chance(one) >= self.limit


SHIPPED = Fit(WEIGHTS, LIMIT)


def fit(reads: Sequence[Read]) -> Fit:
    """Fit blend and limit to claims of tune halves, every set counting the same.

    The features of `SIGNS` count the same as well, which goes wrong less on a new set than fitted
    weights do. How likely what is not carried is contradicted is taken as the verifier says it.
    """
    truth, names = [one.claimed.supported for one in reads], [one.claimed.set for one in reads]
    rows = [one.features for one in reads]
    blend = Blend(evenly(rows, truth, names, SIGNS), WEIGHTS.contradiction)
    made = Fit(blend, 0.5)
    return Fit(blend, best_limit(_groups([one for one in reads if not one.settled], made.chance)))


def measured(tuned: Sequence[Read], reported: Sequence[Read]) -> list[Measured]:
    """Measure every set of the report halves. Limits, and the blend of the row "left out", come
    from the tune halves of the other families, so far as weights may be fitted on them."""
    names = dict.fromkeys(one.claimed.set for one in reported)
    return [
        _measured([one for one in reported if one.claimed.set == name], _others(tuned, name))
        for name in names
    ]


def confidence(reported: Sequence[Read]) -> Shown:
    """Measure the confidence of the verdicts as they are shown."""
    verdicts = [(one, SHIPPED.keeps(one)) for one in reported]
    right = [kept == one.claimed.supported for one, kept in verdicts]
    return shown(right, [_sure(one, kept) for one, kept in verdicts])


def _sure(one: Read, kept: bool) -> float:
    chance = SHIPPED.chance(one)
    return chance if kept else 1 - chance


def _others(tuned: Sequence[Read], name: str) -> list[Read]:
    family = SETS[name].family
    sets = (SETS[one.claimed.set] for one in tuned)
    return [one for one, of in zip(tuned, sets, strict=True) if of.fitted and of.family != family]


def _measured(reads: Sequence[Read], others: Sequence[Read]) -> Measured:
    left_out = fit(others)
    rows = [_row(name, reads, score, _limited(score, others)) for name, score in SCORES.items()]
    rows.append(_row(f"{CASCADE}, left out", reads, left_out.chance, left_out.keeps))
    rows.append(_row(f"{CASCADE}, as shipped", reads, SHIPPED.chance, SHIPPED.keeps))
    claims = [one.claimed for one in reads]
    documents = len({one.document for one in claims})
    bad = sum(not one.supported for one in claims)
    return Measured(claims[0].set, len(claims), documents, bad, tuple(rows))


def _limited(score: Score, others: Sequence[Read]) -> Callable[[Read], bool]:
    limit = best_limit(_groups(others, score))
    return lambda one: score(one) >= limit


def _row(name: str, reads: Sequence[Read], score: Score, keeps: Callable[[Read], bool]) -> Row:
    truth = [one.claimed.supported for one in reads]
    scores, plain = [score(one) for one in reads], [SCORES[OVERLAP](one) for one in reads]
    found = figures(truth, scores, [keeps(one) for one in reads])
    return Row(name, found, *gained(truth, scores, plain, [one.claimed.document for one in reads]))


def _groups(reads: Sequence[Read], score: Score) -> list[tuple[Sequence[bool], Sequence[float]]]:
    names = dict.fromkeys(one.claimed.set for one in reads)
    parts = ([one for one in reads if one.claimed.set == name] for name in names)
    return [([one.claimed.supported for one in part], [*map(score, part)]) for part in parts]
