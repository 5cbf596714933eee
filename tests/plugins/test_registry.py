"""The tools of a run: found where plugins are, granted by the user, named where they fail."""

import json
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Literal

import pytest

from agents.ports import Toolbox
from plugins.grants import Grant
from plugins.opening import Ways
from plugins.registry import CAP, GROUP, Registry, load
from plugins.sources import Places
from plugins.tools import Permissions, ToolResult

pytestmark = pytest.mark.slow

Write = Callable[..., Path]


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


def page() -> object:
    """Return a page that can be quoted, the way a stranger does."""
    return {"text": "One page.", "passages": [{"text": "It opened in 1966.", "title": "Rance"}, 7]}


async def later() -> str:
    """Take its time."""
    return "now"


def abroad(query: str) -> str:
    """Ask somebody."""
    return query


abroad.vouch = {"hosts": ["example.org"]}  # type: ignore[attr-defined]


def nameless(x) -> None:  # type: ignore[no-untyped-def]
    """Have no types."""


MADE = {
    "all": [shout, flood, burst, knot, table, told, page, later, abroad],
    "again": [shout],
    "nameless": [nameless],
    "text": ["no function"],
}
GONE = [
    EntryPoint("gone", "plugins.builtin.calculator:nothing", GROUP),
    EntryPoint("absent", "plugins.builtin.no_such_module:tool", GROUP),
]


def made(*enabled: str) -> Registry:
    return load(enabled, GONE, ways=Ways(made=MADE))  # type: ignore[arg-type]


@pytest.fixture
def registry() -> Registry:
    return made("all")


def test_the_built_in_calculator_is_installed() -> None:
    tools = load(["calculator"])
    assert not tools.failures
    assert tools.names() == ("calculate",)
    assert tools.call("calculate", '{"expression": "6 * 7"}') == ToolResult("42")


def test_it_is_what_the_mind_asks_for(registry: Registry) -> None:
    toolbox: Toolbox = registry
    assert len(toolbox.describe().splitlines()) == len(toolbox.names()) == len(MADE["all"])
    assert "Say it louder." in toolbox.describe()


@pytest.mark.parametrize("bad", ["nameless", "gone", "text", "absent", "never heard of"])
def test_a_plugin_that_fails_to_load_is_named_and_life_goes_on(bad: str) -> None:
    tools = made("all", bad)
    assert [failure.plugin for failure in tools.failures] == [bad]
    assert tools.failures[0].because
    assert tools.call("shout", '{"text": "ho"}').text == "HO"


def test_no_tool_takes_the_place_of_another() -> None:
    tools = made("all", "again")
    assert tools.names()[-1] == "again_shout"
    assert tools.call("again_shout", '{"text": "ho"}').text == "HO"
    assert "use again_shout" in tools.describe()


def test_nothing_is_loaded_that_is_not_enabled() -> None:
    assert made() == Registry()


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
    assert registry.call("later", "{}") == ToolResult("now")


def test_a_result_may_carry_passages(registry: Registry) -> None:
    result = registry.call("page", "{}")
    assert result.text == "One page."
    assert [(one.title, one.text) for one in result.passages] == [("Rance", "It opened in 1966.")]


@pytest.mark.parametrize("times", [0, CAP, CAP + 1, 10 * CAP])
def test_output_is_capped(registry: Registry, times: int) -> None:
    result = registry.call("flood", json.dumps({"times": times}))
    assert len(result.text) == min(times, CAP)
    assert (str(times) in result.text) == (times > CAP)


def test_what_leaves_the_machine_is_named(registry: Registry) -> None:
    assert registry.outgoing() == ("abroad",)


@pytest.fixture
def opened() -> Iterator[Callable[..., Registry]]:
    """Load plugins that are closed at the end."""
    begun: list[Registry] = []

    def start(*enabled: str, entries: tuple[EntryPoint, ...] = (), **more: object) -> Registry:
        begun.append(load(enabled, entries, **more))  # type: ignore[arg-type]
        return begun[-1]

    yield start
    for registry in begun:
        registry.close()


CODE = '''
    vouch = {"hosts": ["example.org"]}

    def greet(name: str = "you") -> str:
        """Greet."""
        return f"hello {name}"
'''


def test_a_file_is_off_until_it_is_granted_what_it_asks_for(
    write: Write, opened: Callable[..., Registry]
) -> None:
    path = write("greeter", CODE)
    places, origin = Places(folder=path.parent), f"file {path}"
    for grants, because in (
        ({}, "you have not allowed it yet"),
        ({"greeter": Grant("file /other.py", Permissions())}, "it is now file"),
        ({"greeter": Grant(origin, Permissions())}, "more than was granted: the host example.org"),
    ):
        refused = opened("greeter", places=places, grants=grants)
        assert refused.names() == ()
        assert because in refused.failures[0].because
        assert "vouch plugins enable greeter" in refused.failures[0].because
    grant = Grant(origin, Permissions(hosts=frozenset({"example.org"})))
    tools = opened("greeter", places=places, grants={"greeter": grant})
    assert tools.failures == ()
    assert tools.call("greet", "{}") == ToolResult("hello you")
    assert tools.outgoing() == ("greet",)
    assert tools.tools["greet"].origin == origin


def test_a_package_runs_in_a_process_of_its_own(
    write: Write, opened: Callable[..., Registry], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("stranger", "import os\ndef pid() -> int:\n    'Tell.'\n    return os.getpid()\n")
    monkeypatch.setenv("PYTHONPATH", str(path.parent), prepend=":")
    entry = EntryPoint("stranger", "stranger:pid", GROUP)
    grants = {"stranger": Grant("package stranger:pid", Permissions())}
    tools = opened("stranger", entries=(entry,), grants=grants)
    assert tools.failures == ()
    assert int(tools.call("pid", "{}").text) > 1
    assert "stranger" not in sys.modules
    assert tools.outgoing() == ()


def test_offline_no_grant_reaches_another_machine() -> None:
    both = Permissions(hosts=frozenset({"example.org", "127.0.0.1", "localhost"}))
    assert Ways().hosts(both) == both.hosts
    off = Ways(offline=True)
    assert off.hosts(both) == {"127.0.0.1", "localhost"}
    url = "http://example.org/mcp"
    places, grants = Places(mcp=(f"far={url}",)), {"far": Grant(f"mcp {url}", both)}
    refused = load(["far"], (), places=places, grants=grants, ways=off).failures[0]
    assert refused.because == "the web is off (web.offline), so example.org is not reached"


def test_a_plugin_is_started_with_the_hosts_that_may_be_reached_now(
    write: Write, opened: Callable[..., Registry]
) -> None:
    code = """
        import socket

        vouch = {"hosts": ["localhost"]}

        def look() -> str:
            'Look this machine up.'
            return str(bool(socket.getaddrinfo("localhost", 80)))
    """
    path = write("looker", code)
    grant = Grant(f"file {path}", Permissions(hosts=frozenset({"localhost"})))
    places, ways = Places(folder=path.parent), Ways(offline=True)
    tools = opened("looker", places=places, grants={"looker": grant}, ways=ways)
    assert tools.call("look", "{}") == ToolResult("True")
