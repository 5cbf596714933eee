"""Agreement: a claim in doubt that few of the other sampled drafts say is taken to be made up.

What a model reads it says each time, and what it makes up differs from sample to sample (Manakul
et al. 2023, arXiv:2303.08896). Agreement is no evidence: it never makes a claim supported.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from agents.check.critic import DOUBT, SETTLED
from agents.check.judge import ContainmentJudge
from agents.claims import bare
from agents.events import Claim, Quoted, Verdict

LEAST = 4
"""Drafts of fewer of which nothing is said."""

MOST = 0.5
"""A claim is taken back if a smaller share of the other drafts say it."""


def share(claim: Claim, drafts: Sequence[str]) -> float:
    """Return the share (0..1) of the other drafts that hold a claim of a draft as a quote would;
    one of those that hold it is the one that it comes from."""
    said = replace(claim, cites=(1,))
    judge = ContainmentJudge()
    holding = sum(
        judge.rule(said, (Quoted(1, "draft", "", "", text, 0, len(text)),), ()).ruling
        == "supported"
        for text in drafts
    )
    return max(0, holding - 1) / max(1, len(drafts) - 1)


def disagreed(verdicts: Sequence[Verdict], drafts: Sequence[str]) -> Iterator[Verdict]:
    """Yield the claims that lose their support, with what is then ruled: those that the verifier
    was not sure to be supported, and most drafts do not say. What stands in no draft was rewritten,
    and is no sample."""
    if len(drafts) < LEAST:
        return
    for verdict in verdicts:
        doubtful = verdict.confidence < DOUBT and verdict.judge not in SETTLED
        sampled = any(bare(verdict.claim.text) in bare(draft) for draft in drafts)
        if verdict.ruling == "supported" and doubtful and sampled:
            agreeing = share(verdict.claim, drafts)
            if agreeing < MOST:
                yield _taken_back(verdict, agreeing, len(drafts) - 1)


def _taken_back(verdict: Verdict, agreeing: float, others: int) -> Verdict:
    said = round(agreeing * others)
    because = f"{said} of {others} other drafts say it, and the verifier was not sure of it"
    sure = round(1 - verdict.confidence * agreeing, 4)
    return replace(verdict, ruling="unsupported", judge="agreement", confidence=sure,
                   because=because)  # fmt: skip
