"""Learned weights: each job asks for its own, and the journal tells which ones wrote."""

from collections.abc import Callable

import pytest

from agents.codec import dump, load
from agents.events import Asked, Event, Phase, Prompted, Replied
from agents.kit import Kit
from agents.loop import run
from agents.models.base import Capabilities, Model
from agents.models.scripted import ScriptedModel
from agents.policy import ModelPolicy
from agents.replay import replay

QUESTION = "Who was the engineer of the weir at Aldmoor?"
BROWSED = ("search engineer weir Aldmoor", "open 1", "quote 3", "finish")
WRONG = "The engineer of the weir was Otto Lind [1]."
RIGHT = "The engineer of the weir was Clara Voss [1]."


def _told(model: ScriptedModel, make_kit: Callable[[Model], Kit]) -> list[Event]:
    events: list[Event] = [Asked(QUESTION, policy="model", style="prose")]
    for _ in run(events, make_kit(model), ModelPolicy()):
        pass
    return events


def _by_phase(events: list[Event]) -> dict[Phase, set[str]]:
    found: dict[Phase, set[str]] = {}
    phase: Phase = "browse"
    for event in events:
        if isinstance(event, Prompted):
            phase = event.phase
        if isinstance(event, Replied):
            found.setdefault(phase, set()).add(event.adapter)
    return found


@pytest.fixture
def both() -> ScriptedModel:
    able = Capabilities(8192, grammar="gbnf", adapters=("write", "browse"))
    return ScriptedModel([*BROWSED, WRONG, RIGHT], capabilities=able)


def test_steps_ask_for_one_and_drafts_and_rewrites_for_the_other(both, make_kit) -> None:
    phases = _by_phase(_told(both, make_kit))
    assert phases == {"browse": {"browse"}, "write": {"write"}, "rewrite": {"write"}}


def test_a_model_without_one_writes_as_it_is(make_kit) -> None:
    model = ScriptedModel([*BROWSED, WRONG, RIGHT])
    assert set().union(*_by_phase(_told(model, make_kit)).values()) == {""}
    assert {sampling.adapter for sampling in model.samplings} == {""}


def test_a_run_with_adapters_is_replayed_without_them(both, make_kit) -> None:
    events = [load(dump(event)) for event in _told(both, make_kit)]
    assert "write" in {event.adapter for event in events if isinstance(event, Replied)}
    assert replay(events).equal


def test_a_journal_from_before_there_were_any_reads_and_keeps_its_hash() -> None:
    old = {"text": "x", "finish": "stop", "read": 1, "evaluated": 1, "written": 1, "seconds": 0.5}
    kept = {**old, "kind": "replied"}
    assert load(kept) == Replied("x")
    assert dump(load(kept)) == kept
