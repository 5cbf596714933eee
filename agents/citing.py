"""Points claims of an answer to other quotes: which to try, and how the marks are rewritten."""

from collections.abc import Mapping, Sequence

from agents.check.case import alone
from agents.claims import MARK
from agents.events import Claim, Quoted
from agents.wording import content, terms

HALF = 0.5
"""Share of a claim's content words that a quote must hold to be tried for it."""

TRIED = 2
"""Quotes that are tried for one claim at most."""

_STOPS = " \t\n.,;:!?。，；：！？"


def near(claim: Claim, text: str) -> bool:
    """Say whether a text holds enough of a claim's words to be tried as its evidence."""
    wanted = frozenset(content(alone(claim)))
    return bool(wanted) and len(wanted & frozenset(terms(text))) >= HALF * len(wanted)


def rivals(claim: Claim, quotes: Sequence[Quoted]) -> list[int]:
    """Return the numbers of the quotes that a claim does not cite and that may carry it, most
    shared words first."""
    wanted = frozenset(content(alone(claim)))
    shares = {q.number: len(wanted & frozenset(terms(q.text))) for q in quotes}
    fit = [n for n, held in shares.items() if n not in claim.cites and held >= HALF * len(wanted)]
    return sorted(fit, key=lambda number: (-shares[number], number))[:TRIED] if wanted else []


def recite(text: str, claims: Sequence[Claim], quotes: Mapping[int, int]) -> str:
    """Return the text in which the claims that begin at the keys of `quotes` cite its values.

    Where other claims lean on a claim's marks, they stay beside the new one; else it takes their
    place.
    """
    for claim in sorted(claims, key=lambda claim: -claim.start):
        if claim.start in quotes:
            leant = any(other is not claim and _leans(other, claim, text) for other in claims)
            new = _marked(claim.text, quotes[claim.start], leant)
            text = text[: claim.start] + new + text[claim.end :]
    return text


def _leans(other: Claim, claim: Claim, text: str) -> bool:
    """Whether a claim before this one, without marks of its own, may take its marks over."""
    if other.end > claim.start:
        return False
    before = text[other.start : claim.start]
    return "\n" not in before and not MARK.search(before)


def _marked(words: str, number: int, beside: bool) -> str:
    old = "".join(mark[0] for mark in MARK.finditer(words)) if beside else ""
    said = " ".join(MARK.sub("", words).split()) if MARK.search(words) else words
    end = len(said.rstrip(_STOPS))
    return f"{said[:end]} {old}[{number}]{said[end:].lstrip()}" if end else words
