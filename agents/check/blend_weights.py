"""The weights of the blend, fitted on tune halves by `vouch eval check --fit`."""

from agents.check.blend import Blend

LIMIT = 0.536
"""The chance from which on a claim is ruled supported."""

WEIGHTS = Blend(
    support={
        "bias": -1.946,
        "overlap": 1.571,
        "cosine": 2.189,
        "carried": 0.245,
        "missing": -0.549,
    },
    contradiction={"denied": 1.000},
)
