"""Rate limits as Slack states them: tiers a minute, and one message a second in a channel.

Source: https://docs.slack.dev/apis/web-api/rate-limits (tiers 1, 20, 50, 100 a minute; posting one
message a second a channel with short bursts; 429 with a Retry-After of whole seconds).
"""

import math
import threading
import time
from dataclasses import dataclass


@dataclass(slots=True)
class Bucket:
    """So many tokens at most, refilled at a rate a second."""

    size: float
    rate: float
    tokens: float
    at: float

    def take(self, now: float) -> float:
        """Take a token and return 0, or the seconds until there is one."""
        self.tokens = min(self.size, self.tokens + (now - self.at) * self.rate)
        self.at = now
        if self.tokens >= 1:
            self.tokens -= 1
            return 0.0
        return (1 - self.tokens) / self.rate


TIERS = {1: 1.0, 2: 20.0, 3: 50.0, 4: 100.0}
BURST = 5.0


class Limits:
    """Counts calls; `scale` multiplies every rate, and 0 lets everything pass."""

    def __init__(self, scale: float = 1.0) -> None:
        self.scale = scale
        self._lock = threading.Lock()
        self._buckets: dict[str, Bucket] = {}

    def wait(self, method: str, tier: int, channel: str = "") -> int:
        """Return 0 if the call may go on, else the whole seconds to wait.

        Tier 0 is the special one of messages: one a second for each channel.
        """
        if not self.scale:
            return 0
        if tier == 0:
            name, size, rate = f"{method} {channel}", BURST, self.scale
        else:
            size = max(1.0, TIERS[tier] * self.scale)
            name, rate = method, size / 60
        now = time.monotonic()
        with self._lock:
            bucket = self._buckets.setdefault(name, Bucket(size, rate, size, now))
            return math.ceil(bucket.take(now))
