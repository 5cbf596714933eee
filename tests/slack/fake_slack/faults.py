"""What goes wrong, how often, and from which seed."""

import random
import threading
from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Rates:
    """Shares of 0 to 1. Of calls of the Web API: the first block. Of events: the second.

    `lost` calls were carried out and the client sees a fault; `refused` ones were not. The third
    block is how often a line breaks without a word, or Slack asks for a new one, in a second.
    """

    limited: float = 0.0
    refused: float = 0.0
    lost: float = 0.0
    slow: float = 0.0

    duplicated: float = 0.0
    delayed: float = 0.0
    unheard: float = 0.0

    dropped: float = 0.0
    refreshed: float = 0.0


STORM = Rates(
    limited=0.04,
    refused=0.05,
    lost=0.08,
    slow=0.10,
    duplicated=0.20,
    delayed=0.30,
    unheard=0.12,
    dropped=0.03,
    refreshed=0.02,
)

REFUSALS = ("500", "503 page", "internal_error", "break")
"""Faults of a call as a client sees them; "break" is a connection that ends without an answer."""


@dataclass(frozen=True, slots=True)
class CallFault:
    """How one call goes: what the client sees ("" for the truth), and whether it is carried out."""

    seen: str = ""
    carried_out: bool = True
    seconds: float = 0.0
    before: float = 0.0
    """How many of the seconds pass before it is carried out; its client may be dead by then."""


@dataclass(slots=True)
class Faults:
    """Decides by a seed: the n-th call of a method always fares the same."""

    seed: int = 0
    rates: Rates = field(default_factory=Rates)
    _counts: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def chance(self, about: str) -> random.Random:
        """Return the dice for the next matter of that name."""
        with self._lock:
            self._counts[about] += 1
            return random.Random(f"{self.seed} {about} {self._counts[about]}")

    def of_call(self, method: str, changes: bool) -> CallFault:
        dice, rates = self.chance(method), self.rates
        seconds = dice.uniform(0.1, 1.0) if dice.random() < rates.slow else 0.0
        before = seconds * dice.random()
        drawn = dice.random()
        if drawn < rates.limited:
            return CallFault("429", False)
        if drawn < rates.limited + rates.refused:
            return CallFault(dice.choice(REFUSALS), False, seconds, before)
        if changes and drawn < rates.limited + rates.refused + rates.lost:
            return CallFault(dice.choice(REFUSALS), True, seconds, before)
        return CallFault(seconds=seconds, before=before)
