"""A run from question to checked answer, as a generator of events that are its only state."""

from collections.abc import Generator, Iterator

from agents import view
from agents.actions import Malformed
from agents.desk import carry_out
from agents.events import TRANSIENT, Acted, Event, Slipped, Stopped
from agents.kit import Kit, Step
from agents.legal import legal
from agents.limits import spent_up
from agents.models.base import ContextOverflow, ModelLost
from agents.policy import Policy
from agents.rephrasing import rephrase
from agents.verifying import judge_text
from agents.writing import write_answer


def run(events: list[Event], kit: Kit, policy: Policy) -> Iterator[Event]:
    """Go on from `events`, which begin with `Asked`, to the end; yield and append what happens.

    A fresh run starts from one event, a fork or a resumed run from more. Transient events are
    yielded, not appended. Errors of the outside become events; a user's stop ends the run with
    `Stopped("cancelled")`.
    """
    if view.stopped(events) is None:
        if view.typed(events).history and view.rephrased(events) is None:
            yield from _keep(events, rephrase(events, kit))
        yield from _keep(events, _browse(events, kit, policy))
    ended = view.stopped(events)
    if ended is not None and ended.reason not in ("cancelled", "failed"):
        task = view.asked(events).task
        yield from _keep(events, (judge_text if task == "verify" else write_answer)(events, kit))


def _browse(events: list[Event], kit: Kit, policy: Policy) -> Step:
    while True:
        if reason := spent_up(events, kit):
            yield Stopped(reason)
            return
        now = legal(events)
        try:
            choice = yield from policy.choose(events, now, kit)
        except ModelLost as error:
            yield Stopped("model lost", str(error))
            return
        except ContextOverflow as error:
            yield Stopped("context", str(error))
            return
        if kit.cancel.is_set():
            yield Stopped("cancelled")
            return
        if isinstance(choice, Malformed):
            yield Slipped(choice.text, choice.why)
            continue
        yield Acted(choice)
        yield from carry_out(choice, events, now, kit)
        if isinstance(events[-1], Stopped):
            return


def _keep(events: list[Event], source: Generator[Event, None, None]) -> Iterator[Event]:
    for event in source:
        if not isinstance(event, TRANSIENT):
            events.append(event)
        yield event
