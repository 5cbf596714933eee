"""The command that opens the chat page."""

import argparse
from typing import Any

from ui.grammar.words import command


def chat(tree: Any) -> None:
    """Add the command to the tree."""
    chat = command(tree, "chat", "open the chat page in the browser, for this machine alone")
    chat.add_argument("--port", type=port, metavar="N", help="another port; 0 takes a free one")
    chat.add_argument("--no-browser", action="store_true", help="only print the address")


def port(text: str) -> int:
    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port from 0 to 65535")
    return int(text)
