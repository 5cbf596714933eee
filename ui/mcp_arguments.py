"""An MCP server that says in a sentence of ours which arguments of a call do not fit."""

from typing import Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import ValidationError

from plugins.faults import plain
from ui.escape import one_line


class CheckedServer(MCPServer[Any]):
    """The SDK's server, which lets names through that a tool does not take, and tells the rest in
    its checker's own report."""

    async def call_tool(self, name: str, arguments: dict[str, Any], context: Any = None) -> Any:
        """Call a tool; `ToolError` for arguments that do not fit."""
        takes = {tool.name: tool.input_schema["properties"] for tool in await self.list_tools()}
        if name not in takes:
            raise ToolError(
                f"there is no tool {one_line(name, 60)!r}; there are {', '.join(takes)}"
            )
        if strange := [one for one in arguments if one not in takes[name]]:
            raise _unfit(name, f"{one_line(strange[0], 60)} is not taken", takes[name])
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as error:
            if isinstance(error.__cause__, ValidationError):
                raise _unfit(name, plain(str(error.__cause__)), takes[name]) from None
            raise


def _unfit(name: str, what: str, takes: dict[str, Any]) -> ToolError:
    return ToolError(f"{one_line(what, 400)}; {name} takes {', '.join(takes)}")
