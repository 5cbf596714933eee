"""The command of the Slack bot."""

from typing import Any

from ui.grammar.words import command


def slack(tree: Any) -> None:
    """Add the command to the tree."""
    bot = command(tree, "slack", "answer in Slack, or print the manifest to set the bot up with")
    bot.add_argument("part", nargs="?", choices=("run", "manifest"), default="run",
                     metavar="run|manifest")  # fmt: skip
    bot.add_argument("--mode", choices=("socket", "http"), help="how Slack reaches it (slack.mode)")
    bot.add_argument("--url", metavar="ADDRESS", help="where Slack posts to in HTTP mode")
