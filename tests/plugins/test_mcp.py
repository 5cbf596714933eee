"""MCP servers as plugins: real server processes of the official SDK, over stdio and over HTTP."""

import os
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from plugins.child import Limits, Lost
from plugins.grants import Grant
from plugins.opening import Ways
from plugins.registry import Registry, load
from plugins.sandbox import Offer, Sandbox
from plugins.sources import Places
from plugins.tools import Permissions, ToolResult

pytestmark = pytest.mark.slow

SERVER = Path(__file__).with_name("mcp_server.py")


def _command(*arguments: str) -> str:
    return shlex.join([sys.executable, str(SERVER), *arguments])


def _job(value: str) -> dict[str, object]:
    return {"kind": "mcp", "value": value, "hosts": [], "folders": []}


@pytest.fixture(scope="module")
def tides() -> Iterator[Sandbox]:
    """One server over stdio for all; most of what a test takes is the SDK's start."""
    os.environ["VOUCH_TEST_SECRET"] = "hunter2"
    plugin = Sandbox("tides", _job(_command("stdio")), Limits(seconds=30))
    yield plugin
    plugin.close()
    del os.environ["VOUCH_TEST_SECRET"]


@pytest.fixture(scope="module")
def offer(tides: Sandbox) -> Offer:
    """What it offers."""
    return tides.open()


@contextmanager
def _within(plugin: Sandbox, seconds: float) -> Iterator[None]:
    before = plugin.limits
    plugin.limits = replace(before, seconds=seconds)
    yield
    plugin.limits = before


def test_its_tools_have_our_names_and_kinds(offer: Offer) -> None:
    assert offer.names["tides_at_place"] == "tides/at.place"
    parameters = offer.schemas["tides_at_place"]["parameters"]
    place = parameters["properties"]["place"]
    assert place["properties"] == {"name": {"type": "string"}, "height": {"type": "number"}}
    assert parameters["required"] == ["place"]
    assert offer.schemas["add"]["description"] == "Add two numbers."


def test_results_come_as_text_data_and_passages(tides: Sandbox) -> None:
    assert tides.call("add", {"a": 2, "b": 3}) == ToolResult("5", data={"result": 5})
    told = tides.call("tides/at.place", {"place": {"name": "Rance"}, "units": ["m"]})
    assert told.text == "Rance 1.0 ['m']"
    page = tides.call("page", {})
    assert page.text.startswith("One page:")
    assert [(one.source, one.text) for one in page.passages] == [
        ("tides://rance", "The tide mill of Rance opened in 1966.")
    ]


def test_a_tool_that_fails_says_so(tides: Sandbox) -> None:
    failed = tides.call("fail", {})
    assert failed.failed
    assert "no tide today" in failed.text
    unfit = tides.call("add", {"a": "x"})
    assert unfit.failed and "a must be a valid integer" in unfit.text
    assert "pydantic" not in unfit.text


def test_a_server_learns_no_secret(tides: Sandbox) -> None:
    told = tides.call("environment", {}).text.split()
    assert "PATH" in told
    assert not [name for name in told if name.startswith("VOUCH")]


def test_a_server_that_floods_hangs_or_dies_ends_its_call(tides: Sandbox) -> None:
    """The second is served by the process that flooded, the third by a new one."""
    flood = tides.call("flood", {"count": 3_000_000})
    assert len(flood.text) < 500_000
    died = tides.call("die", {})
    assert died.failed
    assert "Connection closed" in died.text
    with _within(tides, 1.0):
        hung = tides.call("hang", {})
    assert "took longer than 1 s" in hung.text
    assert not [one for one in psutil.process_iter() if _serves(one)]


def _serves(process: psutil.Process) -> bool:
    try:
        return process.status() != "zombie" and str(SERVER) in process.cmdline()
    except psutil.Error:
        return False


@pytest.mark.parametrize(
    ("value", "because"),
    [
        ("no-such-program-anywhere", "there is no program .no-such-program-anywhere."),
        pytest.param(
            _command("babble"), "memory|gives no list|took longer", marks=pytest.mark.prove
        ),
    ],
)
def test_a_server_that_does_not_begin_says_why(value: str, because: str) -> None:
    plugin = Sandbox("tides", _job(value), Limits(opening=8.0, memory=600 << 20))
    with pytest.raises(Lost, match=because):
        plugin.open()
    plugin.close()


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The port of a server over streamable HTTP."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        number = int(free.getsockname()[1])
    with subprocess.Popen([sys.executable, str(SERVER), "http", str(number)]) as server:
        try:
            _wait(number)
            yield number
        finally:
            server.kill()


def _wait(port: int) -> None:
    """Return when the port is listened on."""
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
            return


def test_a_server_over_http_is_a_plugin_like_others(port: int) -> None:
    url = f"http://127.0.0.1:{port}/mcp"
    places = Places(mcp=(f"tides = {url}",))
    grants = {"tides": Grant(f"mcp {url}", Permissions(hosts=frozenset({"127.0.0.1"})))}
    assert "not allowed" in load(["tides"], (), places=places).failures[0].because
    tools = load(["tides"], (), places=places, grants=grants, ways=Ways())
    assert tools.failures == ()
    try:
        _is_served(tools)
    finally:
        tools.close()


def _is_served(tools: Registry) -> None:
    assert tools.call("add", '{"a": 40, "b": 2}').text == "42"
    assert tools.call("tides_at_place", '{"place": {"name": "Rance"}}').text == "Rance 1.0 None"
    wrong = tools.call("tides_at_place", '{"place": {"nam": "Rance"}}')
    assert wrong.failed
    assert "there is no 'nam' in 'place'" in wrong.text
    assert "add" in tools.outgoing()
