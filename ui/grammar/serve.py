"""The command that serves HTTP."""

from typing import Any

from ui.grammar.words import command


def serve(tree: Any) -> None:
    """Add the command to the tree."""
    serving = command(tree, "serve", "serve answers over HTTP, as OpenAI's chat completions")
    serving.add_argument("--host", metavar="ADDRESS", help="address to listen on (serve.host)")
    serving.add_argument("--port", metavar="N", type=int, help="port to listen on (serve.port)")
