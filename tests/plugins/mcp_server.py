"""A real MCP server for the tests, made with the official SDK: run with stdio, or http PORT."""

import os
import sys
import time
from typing import Annotated, Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import CallToolResult, EmbeddedResource, TextContent, TextResourceContents
from pydantic import BaseModel, Field

server = MCPServer("tides", log_level="ERROR")


class Place(BaseModel):
    """Where."""

    name: str
    height: float = 0.0


@server.tool()
def add(a: int, b: Annotated[int, Field(description="the second number")] = 1) -> int:
    """Add two numbers."""
    return a + b


@server.tool(name="tides/at.place")
def at_place(place: Place, units: list[str] | None = None) -> str:
    """Tell the tide at a place."""
    return f"{place.name} {place.height + 1} {units}"


@server.tool()
def page() -> CallToolResult:
    """Give a page that can be quoted."""
    text = "The tide mill of Rance opened in 1966."
    resource = TextResourceContents(uri="tides://rance", text=text, mime_type="text/plain")
    blocks: list[Any] = [
        TextContent(text="One page:"),
        EmbeddedResource(resource=resource),
    ]
    return CallToolResult(content=blocks)


@server.tool()
def fail() -> str:
    """Raise."""
    raise ToolError("no tide today")


@server.tool()
def die() -> str:
    """End the server."""
    os._exit(7)


@server.tool()
def hang() -> str:
    """Never answer."""
    time.sleep(3600)
    return ""


@server.tool()
def flood(count: int) -> str:
    """Answer much."""
    return "a" * count


@server.tool()
def environment() -> str:
    """Tell the names of the environment's variables."""
    return " ".join(sorted(os.environ))


if __name__ == "__main__":
    if sys.argv[1] == "http":
        server.run("streamable-http", host="127.0.0.1", port=int(sys.argv[2]))
    else:
        if sys.argv[1] == "mute":
            time.sleep(3600)
        if sys.argv[1] == "babble":
            while True:
                sys.stdout.write("a" * 1_000_000)
        server.run("stdio")
