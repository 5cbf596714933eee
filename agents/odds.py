"""Probabilities as the logarithms of their odds."""

import math

LEAST = 0.003
"""A probability nearer to 0 or 1 counts as this."""


def logit(probability: float) -> float:
    """Return the logarithm of the odds of a probability (0..1), kept `LEAST` from both ends."""
    kept = min(max(probability, LEAST), 1 - LEAST)
    return math.log(kept / (1 - kept))
