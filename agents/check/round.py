"""One round of the self-check: measure what the judge asks for, then a verdict for every claim."""

from collections.abc import Generator, Sequence

from agents.check.judge import ContainmentJudge, Judge
from agents.events import Claim, Event, Judged, Quoted, Verdict
from agents.kit import measure
from agents.ports import Scorer

MEASURED = "check"


def check(
    claims: Sequence[Claim],
    quotes: Sequence[Quoted],
    scorer: Scorer,
    round: int,
    judge: Judge | None = None,
) -> Generator[Event, None, tuple[Verdict, ...]]:
    """Yield one `Measured` (none where nothing needs measuring) and a `Judged` per claim.

    All pairs of the round go to the scorer in one call; the judge rules on the scores as kept,
    rounded to four decimals, so that replay rules on the same numbers. Returns the verdicts.
    """
    judge = judge or ContainmentJudge()
    asked = [tuple(judge.pairs(claim, quotes)) for claim in claims]
    pairs = [pair for group in asked for pair in group]
    scores = yield from measure(scorer, MEASURED, pairs)
    verdicts: list[Verdict] = []
    at = 0
    for claim, group in zip(claims, asked, strict=True):
        verdict = judge.rule(claim, quotes, scores[at : at + len(group)])
        at += len(group)
        verdicts.append(verdict)
        yield Judged(round, verdict)
    return tuple(verdicts)
