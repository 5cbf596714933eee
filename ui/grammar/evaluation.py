"""The command that measures parts of the house on public sets."""

from typing import Any

from ui.grammar.words import command, count, json_flag

DATA = "../shared/data"
HALVES = ("report", "tune")
PARTS = ("retrieval", "check", "answers", "reward")
MOST = 400
QUESTIONS = 100


def evaluation(tree: Any) -> None:
    """Add the command to the tree."""
    does = "measure on public sets how passages are found, claims checked, answers made and ranked"
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
        help="which half of the questions; settings are chosen on the other one (report)",
    )
    measured.add_argument(
        "--most",
        type=count,
        metavar="N",
        default=MOST,
        help=f"claims of each half of a set (check), pairs of a set (reward) at most ({MOST})",
    )
    measured.add_argument("--systems", metavar="NAME,NAME", help="answers: only these systems")
    measured.add_argument(
        "--questions",
        type=count,
        metavar="N",
        default=QUESTIONS,
        help=f"answers: questions of each set at most ({QUESTIONS})",
    )
    measured.add_argument("--candidate", metavar="NAME", help="reward: this one (what is in use)")
    measured.add_argument(
        "--out", metavar="FILE", help="answers: keep them here, and ask none of them again"
    )
    measured.add_argument(
        "--plot",
        metavar="FILE",
        help="draw an SVG here: answers, risk against coverage; check, how far confidence is right",
    )
    measured.add_argument(
        "--fit", action="store_true", help="check: print the weights that fit the tune halves best"
    )
    json_flag(measured)
