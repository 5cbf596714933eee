"""The command that shows and exports what people think of answers."""

from typing import Any

from ui.grammar.words import command, count, json_flag

PARTS = ("list", "pairs", "agreement", "export")
FORMATS = ("trl", "kto", "webgpt", "trajectories")
INCLUDES = ("edits", "repairs", "drafts")
RUNS = ("up", "answered")


def feedback(tree: Any) -> None:
    """Add the command to the tree."""
    told = command(tree, "feedback", "list marks and preference pairs, or export them for training")
    told.add_argument("part", nargs="?", choices=PARTS, default="list", metavar="|".join(PARTS))
    json_flag(told)
    told.add_argument("--limit", type=count, default=20, metavar="N", help="lines to list (20)")
    told.add_argument("--format", choices=FORMATS, metavar="|".join(FORMATS), help="of the export")
    told.add_argument("-o", "--output", metavar="DIR", help="the folder to write")
    told.add_argument(
        "--include", choices=INCLUDES, action="append", metavar="|".join(INCLUDES),
        help="pairs that are left out otherwise; may be repeated",
    )  # fmt: skip
    told.add_argument(
        "--runs", choices=RUNS, metavar="|".join(RUNS), help="which runs are trajectories (up)"
    )
    told.add_argument("--test", type=share, metavar="SHARE", help="put aside for testing (0.1)")
    told.add_argument("--force", action="store_true", help="replace an export that is there")


def share(text: str) -> float:
    """Read a share of 0 or more, below 1."""
    from argparse import ArgumentTypeError

    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1:
        raise ArgumentTypeError(f"{text!r} is not a share from 0 to below 1")
    return value
