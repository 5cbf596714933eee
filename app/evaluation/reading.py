"""Lays claims beside their evidence, and has everything measured that judges rule by."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agents.check.blend import Features, features
from agents.check.case import Case, lay
from agents.check.judge import ContainmentJudge, Thresholds
from agents.check.reading import readings
from agents.check.words import content
from agents.events import Claim, Quoted, Verdict
from agents.ports import Scorer, Verifier
from app.evaluation.claims import Claimed

PART = 200
"""Claims that are measured together."""

Told = Callable[[int, int], None]
"""Is told how many claims are done, of how many."""


@dataclass(frozen=True, slots=True)
class Read:
    """A claim with what was measured of it: the features of the blend, how many content words it
    has, the best chance that the verifier gave its being carried, and the verdict of containment
    alone; `settled` is true where containment needs no measuring."""

    claimed: Claimed
    features: Features
    words: int
    carried: float
    contained: Verdict
    settled: bool

    @property
    def containment(self) -> float:
        """The chance of support that containment's verdict means."""
        sure = self.contained.confidence
        return {"supported": sure, "unchecked": 0.5}.get(self.contained.ruling, 1 - sure)


def read(
    given: Sequence[Claimed], scorer: Scorer, verifier: Verifier, told: Told = lambda at, of: None
) -> list[Read]:
    """Measure claims, each cited to one quote that is its evidence; `told` hears of every part."""
    found: list[Read] = []
    for at in range(0, len(given), PART):
        found += _part(given[at : at + PART], scorer, verifier)
        told(len(found), len(given))
    return found


def _part(given: Sequence[Claimed], scorer: Scorer, verifier: Verifier) -> list[Read]:
    most = Thresholds().windows
    cited = [_cited(one) for one in given]
    cases = [lay(claim, quotes, most) for claim, quotes in cited]
    near = [[(case.text, window.text) for window in case.ranked] for case in cases]
    texts = [[(evidence, case.text) for evidence in readings(case)] for case in cases]
    cosines = iter(scorer.similarities([pair for group in near for pair in group]))
    chances = iter(verifier.entailments([pair for group in texts for pair in group]))
    return [
        _read(one, quotes, case, [next(cosines) for _ in pairs], [next(chances) for _ in said])
        for one, (_, quotes), case, pairs, said in zip(
            given, cited, cases, near, texts, strict=True
        )
    ]


def _read(
    claimed: Claimed,
    quotes: Sequence[Quoted],
    case: Case,
    cosines: Sequence[float],
    chances: Sequence[tuple[float, float]],
) -> Read:
    judge = ContainmentJudge()
    asked = judge.pairs(case.claim, quotes)
    contained = judge.rule(case.claim, quotes, cosines if asked else ())
    carried = max((chance for chance, _ in chances), default=0.0)
    found = features(case, cosines, chances)
    words = len(set(content(case.text)))
    return Read(claimed, found, words, carried, contained, judge.clear(case) is not None)


def _cited(claimed: Claimed) -> tuple[Claim, list[Quoted]]:
    text = claimed.evidence
    quote = Quoted(1, "document", "source", claimed.title, text, 0, len(text))
    return Claim(claimed.claim, 0, len(claimed.claim), (1,)), [quote]
