"""Says what a reward needs to be learned, and refuses where there is less."""

from collections.abc import Sequence

from app.learning.reward.comparing import Comparison
from retrieval.errors import UserError

PAIRS, PROMPTS = 40, 20
"""Decided comparisons, and different questions that they must be about. At 40 pairs the interval of
an accuracy is some 30 points wide (binomial): with fewer nothing could be said of what was learned.
A judgement, not measured."""


def lacking(pairs: int, prompts: int) -> str:
    """Return in words what is missing for a reward; "" where there is enough."""
    missing = []
    if pairs < PAIRS:
        missing.append(f"there are {pairs} comparisons, and at least {PAIRS} are needed")
    if prompts < PROMPTS:
        missing.append(f"they are about {prompts} questions, and at least {PROMPTS} are needed")
    return "; ".join(missing)


def check(given: Sequence[Comparison]) -> None:
    """Raise `UserError` with the reason where there is too little to learn from."""
    decided = [one for one in given if one.decided]
    why = lacking(len(decided), len({one.group for one in decided}))
    if why:
        raise UserError(
            f"too little to learn from: {why}",
            cure="compare answers in the chat page, vote on them, or add an export with --data",
        )
