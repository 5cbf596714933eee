"""Plugins are turned on with exactly what they ask for, remembered, and off again."""

import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agents.models.base import Cancel
from app.options import Settings
from app.options_plugins import PluginSettings
from app.serving.plugins import Plugins
from app.serving.reading import MOST, Reading
from app.settings import load
from app.toolshed import GRANTS, Toolshed
from plugins.grants import Grant
from plugins.tools import Permissions, ToolResult
from retrieval.documents import Document, Mark
from retrieval.errors import UserError
from retrieval.web.fetch import Door
from retrieval.web.rules import Rules

pytestmark = pytest.mark.slow

Write = Callable[..., Path]
Shed = Callable[..., Toolshed]

CODE = '''
    vouch = {{"hosts": {hosts}}}

    def greet(name: str = "you") -> str:
        """Greet."""
        return f"hello {{name}}"
'''


@pytest.fixture
def shed(vouch_home: Path, write: Write) -> Shed:
    """The plugins of a home, as its settings file says which are on."""

    def open_home(**more: Any) -> Toolshed:
        settings = load(vouch_home)
        kept = {"enabled": settings.plugins.enabled, "folder": str(write("greeter", "").parent)}
        chosen = PluginSettings(**{**kept, **more})
        return Toolshed(settings.model_copy(update={"plugins": chosen}), entries=())

    return open_home


def _greeter(write: Write, *hosts: str) -> None:
    write("greeter", CODE.format(hosts=list(hosts)))


def test_a_plugin_is_granted_exactly_what_it_asks_for(
    shed: Shed, write: Write, vouch_home: Path
) -> None:
    here = shed()
    _greeter(write, "a.org")
    assert next((one.name, one.state) for one in here.states()) == ("greeter", "off")
    state = here.enable("greeter")
    assert (state.state, state.tools) == ("on", ("greet",))
    assert state.granted == {"hosts": ["a.org"], "folders": [], "programs": []}
    kept = tomllib.loads((vouch_home / "settings.toml").read_text("utf-8"))
    assert kept["plugins"]["enabled"] == ["calculator", "greeter"]
    assert (vouch_home / GRANTS).stat().st_mode & 0o077 == 0
    again = Toolshed(load(vouch_home).model_copy(update={"plugins": here.settings.plugins}))
    assert again.grants.read()["greeter"].permissions.hosts == {"a.org"}


def test_one_that_asks_for_more_is_off_until_it_is_enabled_again(shed: Shed, write: Write) -> None:
    here = shed(enabled=("greeter",))
    _greeter(write, "a.org")
    here.enable("greeter")
    assert here.load().names() == ("greet",)
    _greeter(write, "a.org", "b.org")
    state = next(one for one in here.states() if one.name == "greeter")
    assert state.state == "fault"
    assert "more than was granted: the host b.org" in state.because
    assert here.load().names() == ()
    assert here.enable("greeter").granted == {
        "hosts": ["a.org", "b.org"],
        "folders": [],
        "programs": [],
    }
    assert here.load().names() == ("greet",)


def test_a_plugin_that_is_turned_off_has_nothing(shed: Shed, write: Write) -> None:
    here = shed(enabled=("calculator", "greeter"))
    _greeter(write)
    here.enable("greeter")
    assert here.disable("greeter")
    assert here.grants.read() == {}
    off = shed()
    assert off.settings.plugins.enabled == ("calculator",)
    assert not off.disable("greeter")
    with pytest.raises(UserError, match="you have not allowed it yet"):
        off.test("greeter")


def test_a_test_calls_a_tool_within_its_grant(shed: Shed, write: Write) -> None:
    here = shed()
    _greeter(write)
    here.enable("greeter")
    schemas, none = here.test("greeter")
    assert [one["name"] for one in schemas] == ["greet"]
    assert none is None
    assert here.test("greeter", "greet", '{"name": "ho"}')[1] == ToolResult("hello ho")
    wrong = here.test("greeter", "greet", "[]")[1]
    assert wrong is not None
    assert "must be one JSON object" in wrong.text
    with pytest.raises(UserError, match="has no tool 'bow'; it has greet"):
        here.test("greeter", "bow")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nobody", "there is no plugin 'nobody'; there are greeter"),
        ("mills", "cannot be used: there is no file /no/such/file.json .*openapi mills=PATH"),
        ("folder", "cannot be used: the file / cannot be read: Is a directory"),
        ("torn", "the plugin torn cannot be used: its address"),
        ("greeter", "the plugin greeter cannot be used: it ended by itself .*not today"),
    ],
)
def test_one_that_cannot_be_enabled_says_why(
    shed: Shed, write: Write, name: str, said: str
) -> None:
    here = shed(openapi=("mills=/no/such/file.json", "folder=/"), mcp=("torn='",))
    write("greeter", "raise RuntimeError('not today')")
    with pytest.raises(UserError, match=said):
        here.enable(name)
    assert here.grants.read() == {}


def test_a_service_of_this_machine_is_refused_with_the_command_that_lists_it(shed: Shed) -> None:
    here = replace(shed(openapi=("inner=http://127.0.0.1:1/api.json",)), sender=Door(Rules()))
    cure = r"if it is yours: vouch config set web\.private 127\.0\.0\.1:1\.$"
    with pytest.raises(UserError, match=cure):
        here.enable("inner")


def test_a_listing_tells_what_mends_a_plugin_that_is_on(shed: Shed) -> None:
    here = shed(openapi=("mills=/no/such/file.json",), enabled=("mills",))
    here.grants.give("mills", Grant("api /no/such/file.json", Permissions()))
    (mills,) = [one for one in here.states() if one.name == "mills"]
    assert mills.state == "fault"
    assert mills.because.endswith("vouch config set plugins.openapi mills=PATH")


def test_faults_of_the_settings_are_listed(shed: Shed) -> None:
    here = shed(mcp=("torn='", "greeter=x"), enabled=("gone",))
    told = {(one.name, one.state, one.because) for one in here.states()}
    assert ("gone", "fault", "nothing offers it") in told
    assert any(name == "torn" and state == "fault" for name, state, _ in told)
    assert any("has this name already" in because for _, _, because in told)


def test_settings_of_plugins_are_read(tmp_path: Path) -> None:
    chosen = PluginSettings(folder="plugs", tokens="a=b=c torn d=e")  # type: ignore[arg-type]
    assert chosen.place(tmp_path) == tmp_path / "plugs"
    assert PluginSettings().place(tmp_path) is None
    assert chosen.keys() == {"a": "b=c", "d": "e"}
    assert "b=c" not in repr(chosen)
    assert PluginSettings().enabled == ("calculator",)
    for bad in ({"mcp": ("bare",)}, {"openapi": ("=x",)}, {"seconds": 0}, {"memory": 1}):
        with pytest.raises(ValueError, match="validation error"):
            PluginSettings(**bad)


class Never(Cancel):
    """Nobody cancels."""


def _result(call: Any, **params: Any) -> Any:
    stream = call(params, Never())
    while True:
        try:
            next(stream)
        except StopIteration as ended:
            return ended.value


def test_an_engine_tells_its_plugins(shed: Shed, write: Write) -> None:
    here = shed(enabled=("greeter", "gone"))
    _greeter(write, "a.org")
    here.enable("greeter")
    registry = here.load()
    house: Any = SimpleNamespace(tools=registry)
    told = _result(Plugins(house).calls()["plugins"].run)
    registry.close()
    assert [(one["name"], one["outgoing"]) for one in told["tools"]] == [("greet", True)]
    assert told["failures"][0]["plugin"] == "gone"


def test_a_document_is_read_by_windows() -> None:
    text = "tide " * 1_000
    page = Document("/rance.md", "Rance", text, marks=(Mark(0, "Top"), Mark(4_500, "Power", 3)))
    house: Any = SimpleNamespace(library=SimpleNamespace(open={page.id: page}.get))
    run = Reading(house).calls()["document"].run
    first = _result(run, document=page.id)
    assert (first["start"], first["end"], first["length"]) == (0, 4_000, 5_000)
    assert (first["title"], first["heading"], first["page"]) == ("Rance", "Top", None)
    last = _result(run, document=page.id, start=4_600, characters=10 * MOST)
    assert (last["text"], last["heading"], last["page"]) == (text[4_600:], "Power", 3)
    for wrong in ({"document": "gone"}, {"start": -1}, {"start": 5_000}, {"start": "x"}):
        with pytest.raises(UserError):
            _result(run, **{"document": page.id, **wrong})


def test_no_setting_of_plugins_is_unknown_to_the_house() -> None:
    assert isinstance(Settings.model_fields["plugins"].default, PluginSettings)
