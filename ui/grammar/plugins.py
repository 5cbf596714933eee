"""The commands of plugins, and the one that makes Vouch a plugin of others."""

from typing import Any

from ui.grammar.words import command, json_flag


def plugins(tree: Any) -> None:
    """Add the command to the tree."""
    plugins = command(tree, "plugins", "list the plugins, test one, or turn one on or off")
    plugins.add_argument(
        "part", nargs="?", choices=("list", "test", "enable", "disable"), default="list",
        metavar="list|test|enable|disable",
        help="enable shows what a plugin asks for and allows exactly that",
    )  # fmt: skip
    plugins.add_argument("name", nargs="?", metavar="NAME", help="the plugin")
    plugins.add_argument("tool", nargs="?", metavar="TOOL", help="test: the tool to call")
    plugins.add_argument(
        "values", nargs="?", metavar="JSON", help='test: its arguments, as {"text": "x"}'
    )
    json_flag(plugins)


def mcp(tree: Any) -> None:
    """Add the command to the tree."""
    command(tree, "mcp", "serve questions, library and passages to MCP clients, over stdio")
