"""Vouch as an MCP server: questions, searches of the library and passages, and nothing that writes.

With the official SDK. A question is stored as every run is; feedback, settings and the index cannot
be reached from here.
"""

import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from agents.events import Entry
from app.wire import EngineFault
from retrieval.errors import UserError
from ui.escape import clean
from ui.house_port import House, Item, given, read_entries
from ui.serve.completions import content
from ui.serve.working import Done, Followed
from ui.summary import as_json, summarize

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer
    from mcp.types import CallToolResult

ABOUT = (
    "Vouch answers questions from its user's own library, and from the web if they have opened it, "
    "with quotes that carry every claim. "
    "Ask a whole question, or search the library and open what was found."
)
PAUSE = 10.0
"""Seconds of silence after which a client is told that a question is being worked on."""
RESULTS = 20
"""Hits of a search at most."""

Question = Annotated[str, Field(min_length=1, max_length=8_000, description="a whole question")]
Words = Annotated[str, Field(min_length=1, max_length=1_000, description="words to search for")]
Count = Annotated[int, Field(ge=1, le=RESULTS, description="how many passages")]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Sources = Annotated[
    Literal["auto", "library", "web", "both"] | None,
    Field(description="where to look, as far as its user has opened it; auto goes by the question"),
]
Start = Annotated[int, Field(ge=0, description="the character to begin at")]


def build(house: House, version: str, session: str = "mcp") -> "MCPServer[Any]":
    """Return the server over an engine; `session` names it there, so that askers take turns."""
    from mcp.server.mcpserver import Context
    from mcp.types import CallToolResult, ToolAnnotations

    from ui.mcp_arguments import CheckedServer

    server = CheckedServer(
        "vouch", title="Vouch", instructions=ABOUT, version=version, log_level="ERROR"
    )
    reads = ToolAnnotations(read_only_hint=True, open_world_hint=False)
    followed = Followed(house, PAUSE)

    @server.tool(annotations=ToolAnnotations(read_only_hint=True, open_world_hint=True))
    async def ask(question: Question, context: Context, sources: Sources = None) -> CallToolResult:
        """Answer a question from the library, and from the web if its user has opened that, with
        the exact quotes that carry the answer."""

        async def tell(done: float, what: str) -> None:
            await context.report_progress(done, message=what)

        params = given(question=" ".join(question.split()), session=session, reach=sources)
        return _result(await _asked(followed, {**params, "bound": True}, tell))

    @server.tool(annotations=reads)
    async def search_library(
        query: Words, k: Count = 5, collection: Name | None = None
    ) -> CallToolResult:
        """Find passages of the library; each names its document, for open_passage."""
        scope = [collection] if collection else None
        found = await _called(followed, "search", given(query=query, k=k, collections=scope))
        return _result(_hits(found))

    @server.tool(annotations=reads)
    async def open_passage(document: Name, start: Start = 0) -> CallToolResult:
        """Read a document of the library from a character on, about 4,000 at a time."""
        told = await _called(followed, "document", {"document": document, "start": start})
        rest = "" if told["end"] >= told["length"] else f"\n[goes on at {told['end']}]"
        return _result((f"{told['title']} ({told['source']})\n\n{told['text']}{rest}", told))

    return server


Told = tuple[str, Mapping[str, Any]]


async def _asked(followed: Followed, params: Item, tell: Any) -> Told:
    """Ask, telling now and then that it goes on; return the checked answer."""
    steps, run = 0, ""
    async with aclosing(_followed(followed, "ask", params)) as told:
        async for item in told:
            if isinstance(item, Done):
                run = str(item.result.get("run", ""))
            elif item is None or "entry" in item:
                steps += 1
                await tell(float(steps), "working")
    entries = await _entries(followed, run)
    summary = summarize(entries)
    if summary.answer is None:
        raise _refusal(f"the run {summary.run} ended without an answer: {summary.because}")
    # What was drafted before the check is nobody's business.
    answer = {key: value for key, value in as_json(summary).items() if key != "draft"}
    return _cited(content(summary), answer["quotes"]), answer


def _cited(answer: str, quotes: list[Item]) -> str:
    """Return the answer with the quotes that it rests on below."""
    lines = [f"[{one['number']}] {one['title']} ({one['source']}): {one['text']}" for one in quotes]
    return "\n".join([answer, *(["", "Quotes:", *lines] if lines else [])])


def _hits(found: Item) -> Told:
    hits = [
        {
            key: hit.get(key)
            for key in ("document", "title", "source", "text", "start", "end", "heading", "page")
        }
        for hit in found.get("hits", [])
    ]
    lines = [
        f"{number}. {hit['title']} ({hit['source']}), document {hit['document']} at {hit['start']}:"
        f"\n{hit['text']}"
        for number, hit in enumerate(hits, 1)
    ]
    return "\n\n".join(lines) or "nothing was found", {"hits": hits}


async def _entries(followed: Followed, run: str) -> list[Entry]:
    """Return what is kept of a run and may be shown."""
    async with aclosing(_followed(followed, "show", {"run": run})) as told:
        kept = [item["entry"] async for item in told if isinstance(item, dict) and "entry" in item]
    return read_entries(kept)


async def _called(followed: Followed, name: str, params: Mapping[str, Any]) -> Item:
    """Return what a call returns."""
    async with aclosing(_followed(followed, name, params)) as told:
        async for item in told:
            if isinstance(item, Done):
                return item.result
    raise _refusal("the call was ended before its result")


async def _followed(
    followed: Followed, name: str, params: Mapping[str, Any]
) -> AsyncGenerator[Item | Done | None, None]:
    """Follow a call; what is wrong becomes the SDK's error, whose text the client is shown. A
    client that cancels stops the job."""
    try:
        async with aclosing(followed.follow(name, params)) as told:
            async for item in told:
                yield item
    except (UserError, EngineFault) as error:
        raise _refusal(str(error)) from error


def _refusal(sentence: str) -> Exception:
    from mcp.server.mcpserver.exceptions import ToolError

    return ToolError(clean(sentence))


def _result(told: Told) -> "CallToolResult":
    from mcp.types import CallToolResult, TextContent

    text, data = told
    plain = json.loads(json.dumps(data, default=str))
    return CallToolResult(content=[TextContent(text=clean(text))], structured_content=plain)
