"""What a verifier learns from: a claim, its evidence, and how the two stand to each other."""

import hashlib
from dataclasses import dataclass

CARRIED, CONTRADICTED, NEUTRAL, NOT_CARRIED = range(4)
"""Labels. The last one says that a claim is not carried and leaves open whether it is denied."""

_HELD = 16


@dataclass(frozen=True, slots=True)
class Pair:
    """An example out of `source`; examples with one `document` share text and stay together."""

    evidence: str
    claim: str
    label: int
    document: str
    source: str


def tuned_on(title: str) -> bool:
    """Whether a document of an evaluation set belongs to the tune half, by the parity of its
    title's SHA-256."""
    return int(hashlib.sha256(title.encode()).hexdigest(), 16) % 2 == 0


def held_out(document: str) -> bool:
    """Whether a document's examples are kept aside: one in sixteen, by a hash of its name."""
    return hashlib.sha256(f"held{document}".encode()).digest()[-1] % _HELD == 0
