"""Commands that fill the library, keep it up with folders, and look after it."""

import argparse
from typing import Any

from ui.grammar.words import command, json_flag


def adding(tree: Any) -> None:
    """Add the commands to the tree."""
    add = command(tree, "add", "put files and folders into the library, or bring it up to them")
    add.add_argument(
        "paths",
        metavar="PATH",
        nargs="+",
        help="files, and folders whole; a folder that was added before is brought up to date, and "
        "what is gone from it goes",
    )
    _home(add, "which collection takes them (default)")
    _tags(add, "give this tag to all of them; may be repeated")
    add.add_argument(
        "--reread", action="store_true", help="read files also if their size and time are the same"
    )
    watch = command(tree, "watch", "keep the library up with folders until Ctrl-C")
    watch.add_argument("folders", metavar="DIR", nargs="+", help="folders, whole")
    _home(watch, "which collection takes them (default)")
    _tags(watch, "give this tag to all of them; may be repeated")


def changing(tree: Any) -> None:
    """Add the commands to the tree."""
    remove = command(
        tree, "remove", "take a file or a folder out of the library; the disk stays as it is"
    )
    _source(remove)
    tag = command(tree, "tag", "give tags to a file or a folder of the library, or take them")
    _source(tag)
    tag.add_argument("--add", metavar="TAG", action="append", help="give this; may be repeated")
    tag.add_argument("--drop", metavar="TAG", action="append", help="take this; may be repeated")


def library(tree: Any) -> None:
    """Add the command to the tree."""
    library = command(
        tree, "library", "show what the library holds, search it, or look after what it holds"
    )
    library.add_argument(
        "part",
        nargs="?",
        choices=(
            *("search", "collections", "private", "public", "remove"),
            *("verify", "repair", "reindex", "export"),
        ),
        metavar="search|collections|private|public|remove|verify|repair|reindex|export",
        help="search WORDS; list the collections; make collection NAME private (no Slack "
        "channel is answered from it) or public again; remove SOURCE; verify that all that is "
        "kept is sound; repair what is not; reindex all; export all to FILE as JSON lines",
    )
    library.add_argument(
        "what", nargs="?", metavar="WORDS|NAME|SOURCE|FILE", help="a FILE of - is stdout"
    )
    _home(library, "only what this collection holds")
    _tags(library, "only what has this tag, in the list and in a search; may be repeated")
    library.add_argument("--force", action="store_true", help="export over a FILE that stands")
    json_flag(library)


def _source(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="SOURCE", help="a file, or a folder for all in it")
    _home(parser, "the collection, if several hold it")


def _home(parser: argparse.ArgumentParser, does: str) -> None:
    parser.add_argument("--collection", metavar="NAME", help=does)


def _tags(parser: argparse.ArgumentParser, does: str) -> None:
    parser.add_argument("--tag", metavar="TAG", action="append", help=does)
