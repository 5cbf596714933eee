"""`vouch mcp`: serves Vouch to MCP clients over stdin and stdout, until stdin ends."""

from app.version import program_version
from ui.house_port import Visit


def mcp(visit: Visit) -> int:
    """Serve; nothing else is written to stdout."""
    from ui.mcp_server import build

    build(visit.house(), program_version(), f"mcp-{visit.session}").run("stdio")
    return 0
