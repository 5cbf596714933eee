"""Fits the temperature of a verifier on pairs kept aside, and measures it there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.learning.pairs import Pair

if TYPE_CHECKING:
    from torch import Tensor

    from app.verifier.embedded import EmbeddedVerifier

_GRID = [0.5 + 0.05 * step for step in range(71)]


@dataclass(frozen=True, slots=True)
class Calibrated:
    """The temperature (Guo et al., arXiv:1706.04599) that fits `pairs` best, the share of them
    whose class is right, and their mean negative log likelihood before and after."""

    temperature: float
    pairs: int
    accuracy: float
    before: float
    after: float


def calibrated(verifier: "EmbeddedVerifier", pairs: Sequence[Pair]) -> Calibrated:
    """Measure a verifier on pairs of three classes. Without a pair, nothing is fitted."""
    import torch

    logits = verifier.logits([(pair.evidence, pair.claim) for pair in pairs])
    if logits is None:
        return Calibrated(1.0, 0, 0.0, 0.0, 0.0)
    labels = torch.tensor([pair.label for pair in pairs])
    fitted = min(_GRID, key=lambda heat: _loss(logits, labels, heat))
    right = float((logits.argmax(1) == labels).float().mean())
    losses = _loss(logits, labels, 1.0), _loss(logits, labels, fitted)
    return Calibrated(round(fitted, 2), len(pairs), round(right, 4), *(round(x, 4) for x in losses))


def _loss(logits: "Tensor", labels: "Tensor", heat: float) -> float:
    from torch.nn.functional import cross_entropy

    return float(cross_entropy(logits / heat, labels))
