"""Plugins in files: plain functions, and LangChain's tools as they are."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from plugins.child import Limits
from plugins.sandbox import Sandbox
from plugins.sources import Places, find
from plugins.tools import Permissions, ToolResult, legal_name

pytestmark = pytest.mark.slow

Write = Callable[..., Path]
Open = Callable[..., Sandbox]

LANGCHAIN = '''
    from typing import Annotated
    from langchain_core.tools import StructuredTool, tool, ToolException
    from pydantic import BaseModel, Field

    @tool
    def tide(place: str, hours: Annotated[int, "from now"] = 0) -> str:
        """Tell the tide at a place."""
        if place == "nowhere":
            raise ToolException("no tide there")
        return f"{place} in {hours} h"

    class Sum(BaseModel):
        parts: list[float] = Field(description="what is added")

    def _add(parts: list[float]) -> float:
        return sum(parts)

    adder = StructuredTool.from_function(
        _add, name="add-up", description="Add numbers.", args_schema=Sum
    )
'''


def test_langchain_tools_are_tools(write: Write) -> None:
    job = {"kind": "file", "value": str(write("chain", LANGCHAIN)), "hosts": [], "folders": []}
    plugin = Sandbox("chain", job, Limits())
    offer = plugin.open()
    try:
        assert offer.names == {"tide": "tide", "add_up": "add-up"}
        tide, adder = (offer.schemas[name]["parameters"] for name in ("tide", "add_up"))
        assert tide["required"] == ["place"]
        assert tide["properties"]["hours"]["type"] == "integer"
        assert adder["properties"]["parts"]["items"] == {"type": "number"}
        assert plugin.call("tide", {"place": "Rance"}) == ToolResult("Rance in 0 h")
        assert plugin.call("add-up", {"parts": [1.5, 2]}) == ToolResult("3.5")
        failed = plugin.call("tide", {"place": "nowhere"})
        assert failed == ToolResult("tide failed: no tide there", failed=True)
    finally:
        plugin.close()


def test_public_functions_with_a_docstring_are_tools(write: Write, sandbox: Open) -> None:
    code = '''
        from json import dumps

        vouch = {"hosts": ["a.org"]}

        def first(x: int) -> int:
            """Do one thing."""
            return _help(x)

        def plain(x):
            return x

        def _help(x: int) -> int:
            """Help."""
            return x + 1

        def second() -> str:
            """Do another."""
            return dumps(1)

        second.vouch = {"hosts": ["b.org"], "folders": ["/data"]}
    '''
    plugin = sandbox(write("mixed", code))
    offer = plugin.open()
    assert set(offer.names) == {"first", "second"}
    assert offer.declared == Permissions(frozenset({"a.org", "b.org"}), frozenset({"/data"}))
    assert plugin.call("first", {"x": 1}) == ToolResult("2")
    assert plugin.call("plain", {"x": 1}).failed


def test_what_is_found_is_found_by_name(tmp_path: Path) -> None:
    for name in ("tides", "_hidden", "calculator"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('never run')")
    (tmp_path / "notes.txt").write_text("")
    places = Places(
        folder=tmp_path,
        mcp=("files = server --root /tmp", "wiki=http://127.0.0.1:9/mcp", "torn='", "bare"),
        apis=("mills=/mills.json", "empty=", "tides=/other.json"),
    )
    found = find(places)
    kinds = {name: found.sources[name].kind for name in ("calculator", "tides", "files", "mills")}
    assert kinds == {"calculator": "built in", "tides": "file", "files": "mcp", "mills": "api"}
    assert found.sources["files"].needs == Permissions(programs=frozenset({"server --root /tmp"}))
    assert found.sources["wiki"].needs == Permissions(hosts=frozenset({"127.0.0.1"}))
    assert found.faults.keys() == {"torn", "bare", "empty", "tides", "calculator"}
    assert "has this name already" in found.faults["tides"]
    assert find(Places(folder=tmp_path / "nowhere"), ()).sources == {}


def test_permissions_are_read_as_they_were_written() -> None:
    one = Permissions(frozenset({"b.org", "a.org"}), frozenset({"/data"}))
    assert Permissions.read(json.loads(json.dumps(one.listed()))) == one
    assert one.words() == "the hosts a.org, b.org; the folder /data"
    assert Permissions().words() == "nothing"
    assert one.beyond(Permissions(hosts=frozenset({"a.org"}))).words() == (
        "the host b.org; the folder /data"
    )
    assert not one.beyond(one)


@pytest.mark.parametrize("given", [[], {"ports": []}, {"hosts": "a.org"}, {"hosts": [1]}])
def test_permissions_that_are_none_are_refused(given: object) -> None:
    with pytest.raises(ValueError, match="permissions are"):
        Permissions.read(given)


@pytest.mark.parametrize(
    ("name", "legal"),
    [
        ("a/b.c-d", "a_b_c_d"),
        ("get__x", "get_x"),
        ("潮", "tool"),
        ("x" * 99, "x" * 64),
        ("", "tool"),
    ],
)
def test_names_are_such_as_a_model_writes(name: str, legal: str) -> None:
    assert legal_name(name) == legal
