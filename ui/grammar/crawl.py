"""The command that turns a site of the web into a collection."""

import argparse
from typing import Any

from ui.grammar.words import command, count, json_flag


def crawl(tree: Any) -> None:
    """Add the command to the tree."""
    crawl = command(
        tree,
        "crawl",
        "read a site of the web into a collection of the library, or bring it up to the site; goes "
        "on where it was broken off",
    )
    crawl.add_argument("url", metavar="URL", help="where the site begins")
    crawl.add_argument(
        "--collection", metavar="NAME", help="which collection takes it (the name of the host)"
    )
    crawl.add_argument("--pages", type=count, metavar="N", help="ask for at most so many (500)")
    crawl.add_argument("--depth", type=_depth, metavar="N", help="links from the start (8)")
    json_flag(crawl)


def _depth(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of links")
    return int(text)
