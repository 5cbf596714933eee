"""A run that is kept to a part of the library has no plugin that reads it whole."""

import threading
from dataclasses import replace

import pytest

from agents import view
from agents.models.scripted import ScriptedModel
from agents.probe import Probed
from app.assistant import Request
from app.house import build
from app.settings import load


@pytest.fixture
def house(tmp_path):
    made = build(load(tmp_path, {}, {"plugins.enabled": "calculator,lookup"}))
    yield made
    made.close()


@pytest.mark.parametrize(
    ("scope", "tools"),
    [
        ({}, ("calculate", "look_up")),
        ({"collections": ("open",)}, ("calculate",)),
        ({"sources": ("/a.md",)}, ("calculate",)),
        ({"tags": ("a",)}, ("calculate",)),
    ],
)
def test_a_table_of_another_collection_is_not_looked_up(house, scope, tools):
    """In a channel of Slack a run is kept to the collections that are not private."""
    model = ScriptedModel(["search mill", "finish", "No."])
    house.assistant.probes.keep(model.name, Probed(6, 6))
    assistant = replace(house.assistant, model=lambda name: model, ready=lambda *scope: None)
    told = assistant.ask(Request("Who built it?", **scope), threading.Event())
    asked = view.typed([next(told).event])
    told.close()
    assert asked.tools == tools
    assert ("look_up" in asked.tools_help) == ("look_up" in tools)
    assert len(asked.tool_schemas) == len(tools)
