"""Replay is exact, needs nothing but the record, and names where a changed record parts."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from agents import view
from agents.actions import Open
from agents.codec import dump, load
from agents.events import (
    Acted,
    Answered,
    Asked,
    Drafted,
    Event,
    Found,
    Measured,
    Opened,
    Quoted,
    Replied,
    Stopped,
    Used,
)
from agents.guided import GuidedPolicy
from agents.kit import Kit
from agents.loop import run
from agents.models.base import Model, ModelLost
from agents.models.scripted import ScriptedModel
from agents.policy import ModelPolicy
from agents.replay import replay

QUESTION = "Who was the engineer of the weir at Aldmoor?"
MODEL_RUN = (
    "search engineer weir",
    'use calculator {"expression":"1887+1"}',
    "open 1",
    "nonsense",
    "quote 3",
    "finish",
    "The engineer was Clara Voss [1]. It cost 9000 pounds [1].",
    "The engineer was Clara Voss [1]. It cost 8000 pounds [1].",
)


def _record(kit: Kit, asked: Asked, guided: bool) -> list[Event]:
    events: list[Event] = [asked]
    for _ in run(events, kit, GuidedPolicy() if guided else ModelPolicy()):
        pass
    return events


def test_a_record_from_before_there_were_tags_is_read() -> None:
    kept = dump(Asked(QUESTION, collections=("a",)))
    assert kept.pop("tags") == []
    assert load(kept) == Asked(QUESTION, collections=("a",))


@pytest.fixture
def model_run(scripted: Callable[..., Kit]) -> list[Event]:
    tools = ("calculator",)
    asked = Asked(QUESTION, policy="model", style="prose", tools=tools, tools_help="help")
    return _record(scripted(*MODEL_RUN), asked, False)


@pytest.fixture
def guided_run(scripted: Callable[..., Kit]) -> list[Event]:
    return _record(scripted("Clara Voss"), Asked(QUESTION), True)


def test_a_run_replays_equal(model_run: list[Event], guided_run: list[Event]) -> None:
    for recorded in (model_run, guided_run):
        assert isinstance(recorded[-1], Answered)
        assert replay(recorded).equal


def test_a_run_replays_from_its_stored_form(model_run: list[Event]) -> None:
    assert replay([load(dump(event)) for event in model_run]).equal


def _change(event: Event) -> Event | None:
    """Change what came from outside in an event; None for events that were computed."""
    match event:
        case Replied(text):
            return replace(event, text=f"{text} and more")
        case Found(_, (first, *rest)):
            return replace(event, results=(replace(first, title="Other"), *rest))
        case Opened(text=text):
            return replace(event, text=text.replace("Voss", "Vogt"))
        case Measured(scores=scores):
            return replace(event, scores=tuple(1 - score for score in scores))
        case Used(text=text):
            return replace(event, text=f"{text}0")
        case _:
            return None


def _changed(events: Sequence[Event]) -> list[tuple[int, list[Event]]]:
    made = []
    for index, event in enumerate(events):
        other = _change(event)
        if other not in (None, event):
            made.append((index, [*events[:index], other, *events[index + 1 :]]))
    return made


def test_a_changed_item_from_outside_is_found_at_or_after_its_place(
    model_run: list[Event],
) -> None:
    changed = _changed(model_run)
    assert {type(model_run[index]) for index, _ in changed} >= {Replied, Found, Opened, Used}
    drafted = next(i for i, event in enumerate(model_run) if isinstance(event, Drafted))
    for index, events in changed:
        # What is looked up after the draft, for a claim, decides nothing where it is no evidence.
        if isinstance(model_run[index], Opened | Measured) and index > drafted:
            continue
        result = replay(events)
        assert not result.equal, type(events[index])
        assert result.step is not None and result.step >= index and result.because


def test_a_changed_computed_item_is_named_exactly(model_run: list[Event]) -> None:
    for index, event in enumerate(model_run):
        if isinstance(event, Acted):
            events = [*model_run[:index], Acted(Open(7)), *model_run[index + 1 :]]
        elif isinstance(event, Quoted):
            events = [
                *model_run[:index],
                replace(event, end=event.end + 1),
                *model_run[index + 1 :],
            ]
        else:
            continue
        assert replay(events).step == index


def test_a_missing_or_added_item_is_found(model_run: list[Event]) -> None:
    for index in range(1, len(model_run) - 1):
        assert not replay([*model_run[:index], *model_run[index + 1 :]]).equal
    assert not replay([*model_run, Stopped("finished")]).equal


def test_a_run_that_was_cut_off_agrees_as_far_as_it_goes(model_run: list[Event]) -> None:
    for length in range(1, len(model_run)):
        result = replay(model_run[:length])
        assert result.equal, (length, result)
    whole = replay(model_run)
    assert whole.because == "" and replay(model_run[:5]).because


def test_a_failed_run_agrees_as_far_as_it_goes(model_run: list[Event]) -> None:
    result = replay([*model_run[:6], Stopped("failed", "the disk is gone")])
    assert result.equal and result.because
    assert not replay([*model_run[:5], Acted(Open(7)), Stopped("failed")]).equal


@pytest.mark.parametrize("look", range(1, 12))
def test_a_stopped_run_replays(look: int, scripted: Callable[..., Kit], hand: Any) -> None:
    hand.stop_at = look
    recorded = _record(scripted(*MODEL_RUN), Asked(QUESTION, policy="model"), False)
    assert replay(recorded).equal


def test_a_run_that_ran_out_of_time_replays(scripted: Callable[..., Kit], hand: Any) -> None:
    events: list[Event] = [Asked(QUESTION, policy="model", style="prose")]
    kit = scripted("search weir", "open 1", "quote 3", "The engineer was Clara Voss [1].")
    for event in run(events, kit, ModelPolicy()):
        if isinstance(event, Quoted):
            hand.now = 1e9
    stopped = view.stopped(events)
    assert stopped is not None and stopped.reason == "seconds"
    assert replay(events).equal


class _Lost:
    name = "lost"
    capabilities = ScriptedModel([]).capabilities

    def reply(self, *_: object) -> Any:
        raise ModelLost("the worker died")

    def close(self) -> None:
        """Nothing is held."""


def test_a_run_whose_model_was_lost_replays(make_kit: Callable[[Model], Kit]) -> None:
    for guided in (False, True):
        recorded = _record(make_kit(_Lost()), Asked(QUESTION), guided)
        assert any(isinstance(e, Stopped) and e.reason == "model lost" for e in recorded)
        asked = replace(view.asked(recorded), policy="guided" if guided else "model")
        assert replay([asked, *recorded[1:]]).equal


def test_a_failed_source_fails_again(scripted: Callable[..., Kit], shelf: Any) -> None:
    shelf.broken = True
    kit = scripted("search weir", "search mill", "finish")
    recorded = _record(kit, Asked(QUESTION, policy="model"), False)
    assert replay(recorded).equal
