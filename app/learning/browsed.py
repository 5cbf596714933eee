"""Finds the quotes to think about: a run is stopped where it would begin to write."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from agents import view
from agents.events import Asked, Event, Quoted
from agents.guided import GuidedPolicy
from agents.kit import Kit
from agents.loop import run
from agents.sayings import language_of

if TYPE_CHECKING:
    from app.house import House


def browsed(asked: Asked, kit: Kit) -> list[Event]:
    """Return what happens to a question under the guided policy until it would be written about."""
    events: list[Event] = [asked]
    for _ in run(events, kit, GuidedPolicy()):
        if view.stopped(events) is not None:
            break
    return events


class Browsed:
    """Browses the library of a house by rules, without a journal."""

    def __init__(self, house: "House") -> None:
        self._house = house
        asked = house.assistant.settle(house.request("?"), house.model(), threading.Event())
        self._asked = replace(asked, policy="guided", tools=(), tools_help="", tool_schemas=())

    def quotes(self, question: str) -> Sequence[Quoted]:
        """Return what would be quoted for a question."""
        from app.assistant import Stopwatch
        from plugins.registry import Registry

        house = self._house
        asked = replace(self._asked, question=question, language=language_of(question))
        kit = Kit(
            house.model(), house.library, house.assistant.scorer, Registry({}), Stopwatch(),
            threading.Event(), asked.limits.seconds,
        )  # fmt: skip
        return view.quotes(browsed(asked, kit))
