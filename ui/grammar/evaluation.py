"""The command that measures parts of the house on question sets."""

from typing import Any

from ui.grammar.words import command, json_flag

DATA = "../shared/data"
HALVES = ("report", "tune")


def evaluation(tree: Any) -> None:
    """Add the command to the tree."""
    measured = command(tree, "eval", "measure how well passages are found, on public question sets")
    measured.add_argument("part", choices=("retrieval",), metavar="retrieval")
    measured.add_argument(
        "--data", metavar="FOLDER", default=DATA, help=f"where the question sets lie ({DATA})"
    )
    measured.add_argument(
        "--sets", metavar="NAME,NAME", help="only these sets, with commas between them"
    )
    measured.add_argument(
        "--half",
        choices=HALVES,
        default="report",
        metavar="|".join(HALVES),
        help="which half of the questions: settings are chosen on the other one (report)",
    )
    json_flag(measured)
