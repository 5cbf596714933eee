"""What ends browsing besides a finish: the user's stop, the limits, and going round in circles."""

from collections.abc import Sequence

from agents import view
from agents.actions import Action, Find, Scroll
from agents.events import Event
from agents.kit import Kit

REPEATS = 3
LONGEST = 4


def spent_up(events: Sequence[Event], kit: Kit) -> str | None:
    """Return the reason why browsing must end now, or None."""
    limits, spent = view.asked(events).limits, view.spent(events)
    if kit.cancel.is_set():
        return "cancelled"
    if spent.steps >= limits.steps:
        return "steps"
    if spent.slips >= limits.slips:
        return "slips"
    if spent.tokens >= limits.tokens:
        return "tokens"
    if spent.quoted >= limits.quoted_characters:
        return "quotes"
    if repeating(view.actions(events)):
        return "repeating"
    if kit.clock.elapsed() >= limits.seconds:
        return "seconds"
    return None


def repeating(actions: Sequence[Action]) -> bool:
    """True if the last actions are one round of up to four actions, three times over.

    Scrolling and finding move on each time, so repeating them alone is no circle.
    """
    for period in range(1, LONGEST + 1):
        tail = actions[-period * REPEATS :]
        cycle = tail[:period]
        if period == 1 and isinstance(actions[-1] if actions else None, Scroll | Find):
            continue
        if len(tail) == period * REPEATS and list(tail) == list(cycle) * REPEATS:
            return True
    return False
