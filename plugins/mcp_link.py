"""In a process of its own: a client of one MCP server, over stdio or streamable HTTP.

With the official SDK, https://github.com/modelcontextprotocol/python-sdk. The memory of this
process is limited, so a server that floods ends this process and not ours.
"""

import asyncio
import json
import os
import shlex
import shutil
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plugins.faults import plain
from plugins.frames import Pipe
from plugins.runner import packed
from plugins.tools import ToolResult

if TYPE_CHECKING:
    from mcp import Client
    from mcp.client._transport import Transport
    from mcp.types import CallToolResult

PAGES = 20
"""Pages of a list of tools that are read."""


def serve(job: dict[str, Any], pipe: Pipe) -> None:
    """Connect to the server that the job names, tell what it offers, and pass calls on."""
    asyncio.run(_serve(job, pipe))


async def _serve(job: dict[str, Any], pipe: Pipe) -> None:
    from mcp import Client, MCPError

    client = Client(_transport(job), read_timeout_seconds=float(job["opening"]), cache=None)
    try:
        async with client:
            tools = await _tools(client)
            pipe.send({"ready": {"tools": tools, "declared": {}}})
            while (request := await asyncio.to_thread(pipe.receive)) is not None:
                answer = await _answer(client, request, MCPError)
                pipe.send({"id": request["id"], **answer})
            os._exit(0)
    except* (MCPError, OSError, RuntimeError, ValueError) as faults:
        sys.exit(f"it gives no list of tools: {_first(faults)}")


def _transport(job: dict[str, Any]) -> "Transport":
    if job["value"].startswith(("http://", "https://")):
        import httpx2
        from mcp.client.streamable_http import streamable_http_client

        headers = {"Authorization": f"Bearer {job['token']}"} if job.get("token") else {}
        waits = httpx2.Timeout(float(job["opening"]))
        # No proxy from the environment: the server is the one that the settings name.
        caller = httpx2.AsyncClient(headers=headers, timeout=waits, trust_env=False)
        return streamable_http_client(job["value"], http_client=caller)
    from mcp import StdioServerParameters, stdio_client

    program = next(iter(shlex.split(job["value"])), "")
    if shutil.which(program) is None:
        sys.exit(f"there is no program {program!r}")
    starter = str(Path(__file__).with_name("starter.py"))
    command = ["-I", "-S", starter, *shlex.split(job["value"])]
    named = StdioServerParameters(
        command=sys.executable, args=command, cwd=job["scratch"], encoding_error_handler="replace"
    )
    return stdio_client(named)


async def _tools(client: "Client") -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = []
    cursor: str | None = None
    for _ in range(PAGES):
        page = await client.list_tools(cursor=cursor)
        told += [
            {
                "name": tool.name,
                "description": tool.description or tool.title or tool.name,
                "parameters": tool.input_schema,
            }
            for tool in page.tools
        ]
        cursor = page.next_cursor
        if cursor is None:
            break
    return told


async def _answer(
    client: "Client", request: dict[str, Any], fault: type[Exception]
) -> dict[str, Any]:
    name = str(request["tool"])
    call: Callable[[], Awaitable[CallToolResult]] = lambda: client.call_tool(  # noqa: E731
        name, request["arguments"]
    )
    try:
        result = read(await call())
        return packed(result)
    except (fault, OSError, RuntimeError, ValueError) as error:
        because = " ".join(str(error).split())[:300] or type(error).__name__
        return packed(ToolResult(f"{name} failed: {because}", failed=True)) | {"last": True}


def read(result: "CallToolResult") -> ToolResult:
    """Return a result of the protocol as ours: texts joined, resources with text as passages."""
    from mcp import types

    lines: list[str] = []
    given: list[dict[str, str]] = []
    for block in result.content:
        match block:
            case types.TextContent():
                lines.append(block.text)
            case types.EmbeddedResource(resource=types.TextResourceContents() as page):
                lines.append(page.text)
                given.append({"title": str(page.uri), "source": str(page.uri), "text": page.text})
            case types.ResourceLink():
                lines.append(f"{block.title or block.name}: {block.uri}")
            case _:
                lines.append(f"[{block.type}]")
    data = result.structured_content
    if not lines and data is not None:
        lines.append(json.dumps(data, ensure_ascii=False))
    text = "\n".join(lines)
    return _whole(plain(text) if result.is_error else text, given, data, result.is_error)


def _whole(text: str, given: list[dict[str, str]], data: Any, failed: bool) -> ToolResult:
    from plugins.calling import passage

    told = (passage("mcp", one) for one in given)
    passages = tuple(one for one in told if one is not None)
    return ToolResult(text, passages, data if isinstance(data, dict) else {}, failed)


def _first(fault: BaseException) -> str:
    """Return the text of the first fault of a group."""
    while isinstance(fault, BaseExceptionGroup):
        fault = fault.exceptions[0]
    return " ".join(str(fault).split())[:300] or type(fault).__name__
