"""Plugins are found by entry points; one that misbehaves is named and hurts nobody else."""

import json
import sys
from importlib.metadata import EntryPoint
from typing import Literal

import pytest

from agents.ports import Toolbox
from plugins.registry import CAP, GROUP, Registry, load
from plugins.tools import ToolResult

HERE = "hostile_plugins"


def shout(text: str) -> str:
    """Say it louder."""
    return text.upper()


def flood(times: int) -> str:
    """Say too much."""
    return "a" * times


def burst(how: Literal["error", "exit", "silent"]) -> str:
    """Go wrong."""
    if how == "exit":
        sys.exit("bye")
    raise RuntimeError("no such luck" if how == "error" else "")


def knot() -> object:
    """Return what cannot be written down."""
    ring: list[object] = []
    ring.append(ring)
    return ring


def table() -> object:
    """Return data."""
    return {"rows": 3}


def told() -> ToolResult:
    """Return a whole result."""
    return ToolResult("text", data={"a": 1})


def nameless(x) -> None:  # type: ignore[no-untyped-def]
    """Have no types."""


ALL = [shout, flood, burst, knot, table, told]
"""One entry may name several functions."""


@pytest.fixture
def entries(monkeypatch: pytest.MonkeyPatch) -> list[EntryPoint]:
    monkeypatch.setitem(sys.modules, HERE, sys.modules[__name__])
    names = {
        "all": "ALL",
        "again": "shout",
        "nameless": "nameless",
        "gone": "nothing",
        "text": "HERE",
    }
    values = {name: f"{HERE}:{value}" for name, value in names.items()}
    values["absent"] = "no_such_module_anywhere:tool"
    return [EntryPoint(name, value, GROUP) for name, value in values.items()]


@pytest.fixture
def registry(entries: list[EntryPoint]) -> Registry:
    return load(["all"], entries)


def test_the_built_in_calculator_is_installed() -> None:
    tools = load(["calculator"])
    assert not tools.failures
    assert tools.names() == ("calculate",)
    assert tools.call("calculate", '{"expression": "6 * 7"}') == ToolResult("42")


def test_it_is_what_the_mind_asks_for(registry: Registry) -> None:
    toolbox: Toolbox = registry
    assert len(toolbox.describe().splitlines()) == len(toolbox.names()) == len(ALL)
    assert "Say it louder." in toolbox.describe()


@pytest.mark.parametrize("bad", ["again", "nameless", "gone", "text", "absent", "never heard of"])
def test_a_plugin_that_fails_to_load_is_named_and_life_goes_on(
    entries: list[EntryPoint], bad: str
) -> None:
    tools = load(["all", bad], entries)
    assert [failure.plugin for failure in tools.failures] == [bad]
    assert tools.failures[0].because
    assert tools.call("shout", '{"text": "ho"}').text == "HO"


def test_nothing_is_loaded_that_is_not_enabled(entries: list[EntryPoint]) -> None:
    assert load([], entries) == Registry()


@pytest.mark.parametrize("how", ["error", "exit", "silent"])
def test_a_plugin_that_raises_is_a_failed_result(registry: Registry, how: str) -> None:
    result = registry.call("burst", json.dumps({"how": how}))
    assert result.failed
    assert "burst" in result.text


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [("nobody", "{}"), ("shout", "{}"), ("shout", "not JSON"), ("knot", "{}")],
)
def test_a_call_that_cannot_be_made_says_why(registry: Registry, tool: str, arguments: str) -> None:
    result = registry.call(tool, arguments)
    assert result.failed
    assert result.text


def test_results_are_text_data_or_whole(registry: Registry) -> None:
    assert registry.call("table", "{}") == ToolResult('{"rows": 3}')
    assert registry.call("told", "{}") == ToolResult("text", data={"a": 1})


@pytest.mark.parametrize("times", [0, CAP, CAP + 1, 10 * CAP])
def test_output_is_capped(registry: Registry, times: int) -> None:
    result = registry.call("flood", json.dumps({"times": times}))
    assert len(result.text) == min(times, CAP)
    assert (str(times) in result.text) == (times > CAP)
