"""The weights of the blend, fitted on tune halves by `vouch eval check --fit`."""

from agents.check.blend import Blend

LIMIT = 0.561
"""The chance from which on a claim is ruled supported."""

WEIGHTS = Blend(
    support={
        "bias": -1.960,
        "overlap": 1.543,
        "cosine": 2.173,
        "carried": 0.236,
        "missing": -0.544,
    },
    contradiction={"denied": 1.000},
)
