"""Commands that back a home up and restore it."""

from typing import Any

from ui.grammar.words import command, json_flag


def backup(tree: Any) -> None:
    """Add the commands to the tree."""
    backup = command(
        tree, "backup", "write documents, runs, feedback and what was learned into one file"
    )
    backup.add_argument(
        "file", metavar="FILE", help="a zip file; secrets and fetched models stay out"
    )
    backup.add_argument("--overwrite", action="store_true", help="replace an older backup")
    json_flag(backup)
    restore = command(tree, "restore", "put a backup back into an empty home")
    restore.add_argument("file", metavar="FILE", help="a file that vouch backup wrote")
    json_flag(restore)
