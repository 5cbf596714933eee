"""The command that measures parts of the house on public sets."""

from typing import Any

from ui.grammar.words import command, count, json_flag

DATA = "../shared/data"
HALVES = ("report", "tune")
PARTS = ("retrieval", "check")
MOST = 400


def evaluation(tree: Any) -> None:
    """Add the command to the tree."""
    does = "measure how well passages are found, or claims are checked, on public sets"
    measured = command(tree, "eval", does)
    measured.add_argument("part", choices=PARTS, metavar="|".join(PARTS))
    measured.add_argument(
        "--data", metavar="FOLDER", default=DATA, help=f"where the sets lie ({DATA})"
    )
    measured.add_argument(
        "--sets", metavar="NAME,NAME", help="only these sets, with commas between them"
    )
    measured.add_argument(
        "--half",
        choices=HALVES,
        default="report",
        metavar="|".join(HALVES),
        help="retrieval: which half of the questions; settings are chosen on the other (report)",
    )
    measured.add_argument(
        "--most",
        type=count,
        metavar="N",
        default=MOST,
        help=f"check: claims of each half of a set at most ({MOST})",
    )
    measured.add_argument(
        "--fit", action="store_true", help="check: print the weights that fit the tune halves best"
    )
    json_flag(measured)
