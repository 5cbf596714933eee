"""One round of the self-check: measure what the judge asks for, then a verdict for every claim."""

from collections.abc import Generator, Sequence

from agents.check.judge import ContainmentJudge, Judge
from agents.events import Claim, Event, Judged, Measured, Quoted, Verdict
from agents.ports import Scorer
from retrieval.documents import content_id

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
    scores: tuple[float, ...] = ()
    if pairs:
        scores = tuple(round_score(score) for score in scorer.similarities(pairs))
        yield Measured(MEASURED, digest(pairs), scores)
    verdicts: list[Verdict] = []
    at = 0
    for claim, group in zip(claims, asked, strict=True):
        verdict = judge.rule(claim, quotes, scores[at : at + len(group)])
        at += len(group)
        verdicts.append(verdict)
        yield Judged(round, verdict)
    return tuple(verdicts)


def digest(pairs: Sequence[tuple[str, str]]) -> str:
    """Return the name of these pairs in a journal: the content id of their texts in order."""
    return content_id(*(text for pair in pairs for text in pair))


def round_score(score: float) -> float:
    """Return a similarity as it is kept: four decimals."""
    return round(float(score), 4)
