"""A reward of a home ranks the drafts of questions asked there, from its release on."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from reward_pairs import export, row

from agents.events import Asked, Drafted, Entry, Event
from agents.models.scripted import ScriptedModel
from agents.probe import Probed
from app.house import House
from app.learning.candidates import AS_SHIPPED, Candidates, Change
from app.learning.reward.house import learning
from app.probes import Probes
from app.settings import load
from retrieval.embed import HashEmbedder
from ui import render
from ui.html_trace import event_html
from ui.words import speaker

TEXT = "The weir at Aldmoor was finished in 1887. The engineer of the weir was Clara Voss."
BROWSED = ("search engineer weir Aldmoor", "open 1", "quote 2", "quote 1", "finish")
DRAFTS = ("The engineer of the weir was Clara Voss [1].", "It was finished in 1887 [2].")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    named = {"model.name": "scripted", "ask.policy": "model", "check.verifier": "none"}
    made = House(load(tmp_path / "home", {}, {**named, "ask.best_of": "2"}))
    made.__dict__["embedder"] = HashEmbedder()
    made._models["scripted"] = ScriptedModel([*BROWSED, *DRAFTS] * 4, "scripted")
    Probes(tmp_path / "home" / "models" / "probes.json").keep("scripted", Probed(6, 6))
    (tmp_path / "weir.txt").write_text(TEXT)
    list(made.library.add([tmp_path / "weir.txt"]))
    yield made
    made.close()


def asked(house: House) -> tuple[str, list[Event]]:
    request = house.request("Who was the engineer of the weir at Aldmoor?")
    told = list(house.assistant.ask(request, threading.Event()))
    run = next(one.run for one in told if isinstance(one, Entry))
    return run, [entry.event for entry in house.journal.entries(run)]


def named(events: list[Event]) -> list[str]:
    return [event.ranker for event in events if isinstance(event, Asked | Drafted)]


def released(house: House, name: str) -> None:
    how = "release" if name else "rollback"
    change = Change(name, how, "2026-11-28T10:00:00")  # type: ignore[arg-type]
    Candidates(house.settings.home / "models").change("reward", change)


def test_drafts_are_ranked_while_a_reward_is_in_use(house: House, tmp_path: Path) -> None:
    data = export(tmp_path / "pairs", [row(at) for at in range(40)])
    made = learning(house, [data], 1)
    list(made.run())
    made.finish()
    assert made.card().base == house.embedder.id
    assert named(asked(house)[1]) == ["", ""], "learned is not yet in use"
    released(house, made.name)
    run, events = asked(house)
    assert named(events) == [made.name, made.name]
    assert house.assistant.replay(run).equal
    house.__dict__["embedder"] = HashEmbedder(32)
    run, events = asked(house)
    assert named(events) == ["", ""] and house.assistant.replay(run).equal
    assert isinstance(events[0], Asked)
    assert "with the embedder hash:64, and hash:32 is set" in events[0].unranked
    told = render.step(events[0])
    assert told and f"{made.name} does not rank drafts: it was learned" in told.text
    assert "set library.embedder back" in event_html(events[0], speaker("en"))
    house.__dict__["embedder"] = HashEmbedder()
    released(house, AS_SHIPPED)
    assert named(asked(house)[1]) == ["", ""]
