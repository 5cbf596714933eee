"""The weights of the blend, fitted on tune halves by `vouch eval check --fit`."""

from agents.check.blend import Blend

LIMIT = 0.5
"""The chance from which on a claim is ruled supported."""

WEIGHTS = Blend(
    support={"bias": -3.4, "overlap": 4.0, "cosine": 2.0, "carried": 0.5},
    contradiction={"denied": 1.0},
)
