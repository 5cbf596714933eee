"""Where a fork parts from its run, what it takes over, and by which policy it goes on."""

from typing import Literal

from agents import view
from agents.events import Asked, Event, Stopped
from retrieval.errors import UserError

KEPT = (
    *("question", "check", "limits", "results", "history", "collections", "sources", "tags"),
    *("reach", "best_of", "strictness"),
)
"""What a fork takes over from the run that it goes on from."""


def policy_of(asked: Asked, model: str | None) -> Literal["auto", "guided", "model"]:
    """A fork with another model chooses its policy anew; one without keeps the run's."""
    if model is not None:
        return "auto"
    return "model" if asked.policy == "model" else "guided"


def _interrupted(event: Event) -> bool:
    return isinstance(event, Stopped) and event.reason in ("cancelled", "failed")


def cut(events: list[Event], at: int) -> int:
    """Return how many events stand before step `at`."""
    begins = [begin for begin, _ in view.steps(events)]
    stop = next((i for i, event in enumerate(events) if isinstance(event, Stopped)), len(events))
    done = stop < len(events) and not _interrupted(events[stop])
    places = [*begins, stop + 1 if done else stop]
    if not 1 <= at <= len(places):
        raise UserError(
            f"the run has no step {at}",
            origin="--at",
            cure=f"give a step from 1 to {len(places)}, as vouch show numbers them",
        )
    return places[at - 1]
