"""How much of a claim's content stands in a piece of evidence, as a share of its content words."""

from collections.abc import Iterable

from agents.check.words import content


def overlap(claim: str, evidence: str) -> float | None:
    """Return the share (0..1) of the claim's content words that the evidence holds.

    None where the claim has no content word. Words compare by light stems, CJK text by bigrams; a
    claim repeats a word no more often than once.
    """
    wanted = set(content(claim))
    return held(wanted, content(evidence)) if wanted else None


def held(wanted: set[str], evidence: Iterable[str]) -> float:
    """Return the share of the wanted stems that are among those of the evidence."""
    found = set(evidence)
    return sum(stem in found for stem in wanted) / len(wanted) if wanted else 0.0
