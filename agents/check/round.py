"""One round of the self-check: measure what the judge asks for, then a verdict for every claim."""

from collections.abc import Generator, Sequence
from itertools import islice

from agents.check.cascade import CascadeJudge
from agents.check.judge import ContainmentJudge, Judge
from agents.events import Claim, Event, Judged, Quoted, Verdict
from agents.kit import measure, verify
from agents.ports import Scorer, Verifier

MEASURED = "check"


def check(
    claims: Sequence[Claim],
    quotes: Sequence[Quoted],
    scorer: Scorer,
    round: int,
    judge: Judge | None = None,
    verifier: Verifier | None = None,
) -> Generator[Event, None, tuple[Verdict, ...]]:
    """Yield one `Measured` for the scorer and one for the verifier (neither where nothing needs
    it), and a `Judged` per claim. Returns the verdicts.

    All pairs of the round go to each of them in one call; the judge rules on the scores as kept,
    rounded to four decimals, so that replay rules on the same numbers. The judge is by default the
    cascade if there is a verifier, and containment alone if there is none.
    """
    judge = judge or (CascadeJudge(verifier.scripts) if verifier else ContainmentJudge())
    asked = [tuple(judge.pairs(claim, quotes)) for claim in claims]
    given = [tuple(judge.readings(claim, quotes)) if verifier else () for claim in claims]
    scores = iter((yield from measure(scorer, MEASURED, _flat(asked))))
    read = iter((yield from verify(verifier, _flat(given))) if verifier else ())
    verdicts: list[Verdict] = []
    for claim, pairs, texts in zip(claims, asked, given, strict=True):
        near, carried = tuple(islice(scores, len(pairs))), tuple(islice(read, len(texts)))
        verdicts.append(judge.rule(claim, quotes, near, carried))
        yield Judged(round, verdicts[-1])
    return tuple(verdicts)


def _flat(groups: Sequence[Sequence[tuple[str, str]]]) -> list[tuple[str, str]]:
    return [pair for group in groups for pair in group]
