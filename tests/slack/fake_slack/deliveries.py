"""Deliveries: what is sent to the app, how often it was tried, and what became of each attempt.

Source of the rules: https://docs.slack.dev/apis/events-api#errors (an event that is not answered
within three seconds is sent again at once, after a minute and after five minutes; commands and
interactions are sent once, and the user is told that the app did not respond).
"""

import time
from dataclasses import dataclass, field
from typing import Literal

from fake_slack.world import JSON

Kind = Literal["events_api", "interactive", "slash_commands"]
RETRIES = (0.0, 60.0, 300.0)


@dataclass(slots=True)
class Attempt:
    """One sending: over which connection, and when its ack came (monotonic times)."""

    number: int
    envelope: str
    connection: str
    sent: float
    acked: float = 0.0
    heard: bool = False
    """False also when the ack came and was lost on the way."""

    payload: JSON | None = None
    """What the ack carried."""


@dataclass(slots=True)
class Delivery:
    """One payload on its way to the app."""

    kind: Kind
    payload: JSON
    name: str
    """What it is about, for traces: the event's ts, or the trigger of a command."""

    born: float = field(default_factory=time.monotonic)
    attempts: list[Attempt] = field(default_factory=list)
    failed: int = 0
    """How many attempts found no connection, or nobody who answered in time."""

    given_up: bool = False

    @property
    def acked(self) -> bool:
        """Whether the app ever acknowledged it, heard or not."""
        return any(attempt.acked for attempt in self.attempts)

    @property
    def heard(self) -> bool:
        return any(attempt.heard for attempt in self.attempts)

    @property
    def alone(self) -> bool:
        """Whether a person did it and it comes as one payload: no mention, which comes as two."""
        event = self.payload.get("event", {})
        spoken = event.get("channel_type") == "im" and not event.get("subtype")
        return self.kind != "events_api" or (spoken and not event.get("bot_id"))

    def line(self) -> str:
        """Return what happened to it in one line."""
        told = [
            f"#{a.number}@{a.sent - self.born:.2f}s on {a.connection} "
            + (f"ack {a.acked - a.sent:.2f}s" if a.acked else "no ack")
            + ("" if a.heard or not a.acked else " (lost)")
            for a in self.attempts
        ]
        return f"{self.kind} {self.name}: " + ("; ".join(told) or "never sent")
