"""Browses once more, after the draft, for the evidence that one of its claims lacks."""

from collections.abc import Generator, Sequence

from agents import spans, view
from agents.actions import Action, QuoteText, Search
from agents.check.case import alone
from agents.citing import near
from agents.desk import carry_out
from agents.events import Acted, Claim, Event, Refused
from agents.excerpts import unread
from agents.guided import fresh, measured, ranked, towards
from agents.kit import Kit, Step
from agents.legal import legal

PAGES = 2
"""Pages of the web that are read for one claim at most."""

STEPS = 4
"""Actions on the way to a quote at most: back to the results, open, quote."""


def seek(claim: Claim, events: Sequence[Event], kit: Kit) -> Step:
    """Search for the claim's words and quote the best sentence that is not quoted yet, if it holds
    enough of them.

    The desk's rules hold as they do while browsing: what is illegal now is left undone.
    """
    query = " ".join(alone(claim).split())
    before = len(view.searches(events))
    yield from _do(Search(query), events, kit)
    found = view.listing(events)
    if found is None or len(view.searches(events)) == before or not found.results:
        return
    for _ in range(PAGES):
        step = unread(events, found)
        if step is None or not (yield from _do(step, events, kit)):
            break
    scores = yield from measured(query, events, found, kit)
    best = spans.pick(ranked(query, found, scores, events), most=1)
    for target in fresh(best, events, found)[:1]:
        if not near(claim, target.text):
            return
        for _ in range(STEPS):
            step = towards(target, events)
            if not (yield from _do(step, events, kit)) or isinstance(step, QuoteText):
                return


def _do(action: Action, events: Sequence[Event], kit: Kit) -> Generator[Event, None, bool]:
    """Carry out an action if it is legal; return whether it brought something about."""
    now = legal(events)
    if kit.cancel.is_set() or now.refusal(action) is not None:
        return False
    yield Acted(action)
    yield from carry_out(action, events, now, kit)
    return not isinstance(events[-1], Refused)
