"""The policy of rules: a second search goes for the names that the first quote brings in."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from agents import view
from agents.events import Asked, Event
from agents.guided import GuidedPolicy
from agents.kit import Kit
from agents.loop import run
from agents.models.base import Model
from agents.models.scripted import ScriptedModel
from agents.replay import replay

TEXTS = {
    "Brand": "The verse drama Brand was written by the author Henrik Ibsen.",
    "Ibsen": "Henrik Ibsen came into the world at Skien in the year 1828.",
    "Mills": "The mill at Corby grinds oats.",
}


def test_the_second_of_two_passages_is_found_by_a_name_in_the_first(
    make_kit: Callable[[Model], Kit], shelf: Any
) -> None:
    kit = make_kit(ScriptedModel(["Skien [2]."] * 4))
    kit = replace(kit, sources=type(shelf)(TEXTS))
    question = "Which town and year saw the birth of the author of Brand?"
    events: list[Event] = [Asked(question)]
    for _ in run(events, kit, GuidedPolicy()):
        pass
    first, second = view.searches(events)[:2]
    assert "Ibsen" not in first.query and "Henrik Ibsen" in second.query
    assert any("Skien" in quote.text for quote in view.quotes(events))
    assert replay(events).equal
