"""Vouch as an MCP server: a real process, spoken to by the SDK's own client."""

import asyncio
import importlib.util
import sys
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp.types import CallToolResult

from ui.mcp_server import build

pytestmark = pytest.mark.slow

SCRIPT = Path(__file__).with_name("mcp_vouch.py")
PLANTED = "Zanzibar-only-in-the-draft"


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    """What the house is asked, a line a call."""
    return tmp_path / "calls"


@pytest.fixture
def visit(calls: Path) -> Callable[..., Any]:
    """Start a server, do something with its client, end it."""

    def go(do: Callable[[Client], Awaitable[Any]], mood: str = "") -> Any:
        async def run() -> Any:
            told = {"FAKE_CALLS": str(calls), "FAKE_MOOD": mood}
            named = StdioServerParameters(command=sys.executable, args=[str(SCRIPT)], env=told)
            async with Client(named, read_timeout_seconds=60) as client:
                return await do(client)

        return _alone(run)

    return go


def _alone(run: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """Run in a thread of its own: a browser of other tests keeps a loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(run())).result()


def _text(result: CallToolResult) -> str:
    return "\n".join(block.text for block in result.content if block.type == "text")


async def _everything(client: Client) -> dict[str, Any]:
    listed = await client.list_tools()
    told = {
        "ask": await client.call_tool("ask", {"question": "When did  the Rance mill\nopen?"}),
        "search": await client.call_tool("search_library", {"query": "tide", "k": 3}),
        "scoped": await client.call_tool("search_library", {"query": "x", "collection": "mills"}),
        "open": await client.call_tool("open_passage", {"document": "d1", "start": 0}),
        "gone": await client.call_tool("open_passage", {"document": "d9"}),
    }
    for name, values in {
        "empty": {"question": ""},
        "long": {"question": "x" * 9_000},
        "strange": {"query": "x"},
        "unwise": {"question": "x", "sources": "everywhere"},
    }.items():
        told[name] = await client.call_tool("ask", values)
    told["unknown"] = await client.call_tool("add", {"paths": ["/"]})
    told["web"] = await client.call_tool("ask", {"question": "Who?", "sources": "web"})
    return {"tools": {tool.name: tool for tool in listed.tools}, **told}


def test_it_answers_searches_and_opens_and_nothing_else(
    visit: Callable[..., Any], calls: Path
) -> None:
    """One server for all of it: its start is most of what this takes."""
    told = visit(_everything)
    assert told["tools"].keys() == {"ask", "search_library", "open_passage"}
    assert all(tool.annotations.read_only_hint for tool in told["tools"].values())
    # A question may be told to search engines, if the user has named some.
    open_world = {name: tool.annotations.open_world_hint for name, tool in told["tools"].items()}
    assert open_world == {"ask": True, "search_library": False, "open_passage": False}
    answer = told["ask"]
    assert not answer.is_error
    assert _text(answer).startswith("It opened in 1966 [1].")
    assert "[1] Rance (/library/rance.md): The tide mill of Rance opened in 1966." in _text(answer)
    assert answer.structured_content["outcome"] == "answered"
    assert PLANTED not in answer.model_dump_json()
    hits = told["search"].structured_content["hits"]
    assert hits[0]["source"] == "/library/rance.md"
    assert "\x1b" not in _text(told["search"])
    assert "[goes on at 38]" in _text(told["open"])
    assert told["open"].structured_content["length"] > 38
    assert told["gone"].is_error
    assert "the library holds no document" in _text(told["gone"])
    for wrong, said in {
        "empty": "question must have at least 1 character",
        "long": "question must have at most 8000 characters",
        "strange": "query is not taken",
        "unwise": "sources must be 'auto', 'library', 'web' or 'both'",
        "unknown": "there is no tool 'add'",
    }.items():
        assert told[wrong].is_error and said in _text(told[wrong]), wrong
        assert "pydantic" not in _text(told[wrong])
    assert "ask takes question, sources" in _text(told["strange"])
    asked = calls.read_text("utf-8").splitlines()
    assert {line.partition(" ")[0] for line in asked} == {"ask", "show", "search", "document"}
    assert "'question': 'When did the Rance mill open?'" in asked[0]
    assert "'reach'" not in asked[0] and "'bound': True" in asked[0]
    web = next(line for line in asked if "'Who?'" in line)
    assert "'reach': 'web'" in web and "'bound': True" in web
    assert "'collections': ['mills']" in next(line for line in asked if "'x'" in line)


@pytest.fixture
def spoken(calls: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Speak to a server in this process."""
    spec = importlib.util.spec_from_file_location("mcp_vouch", SCRIPT)
    assert spec is not None and spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    monkeypatch.setenv("FAKE_CALLS", str(calls))

    def go(do: Callable[[Client], Awaitable[Any]], mood: str) -> Any:
        async def run() -> Any:
            async with Client(build(script.house(script.fake(), mood), "1")) as client:
                return await do(client)

        return _alone(run)

    return go


@pytest.mark.parametrize(
    ("mood", "said"),
    [
        ("fault", "the library is empty (/home); run vouch add FOLDER."),
        ("lost", "ended without an answer: it died"),
    ],
)
def test_a_question_that_fails_says_why(spoken: Callable[..., Any], mood: str, said: str) -> None:
    async def ask(client: Client) -> CallToolResult:
        return await client.call_tool("ask", {"question": "When?"})

    result = spoken(ask, mood)
    assert result.is_error
    assert said in _text(result)
    assert PLANTED not in _text(result)


def test_a_client_that_goes_away_stops_its_question(visit: Callable[..., Any], calls: Path) -> None:
    async def ask(client: Client) -> None:
        task = asyncio.ensure_future(client.call_tool("ask", {"question": "When?"}))
        while not calls.exists() or "ask" not in calls.read_text("utf-8"):
            await asyncio.sleep(0.02)
        task.cancel()
        async with asyncio.timeout(60):
            while "stop" not in calls.read_text("utf-8"):
                await asyncio.sleep(0.02)

    visit(ask, "slow")
    assert "stop" in calls.read_text("utf-8")
