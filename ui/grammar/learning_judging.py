"""The commands that measure what was learned, put it in use, and take it back."""

from typing import Any

from ui.grammar.words import command, count, json_flag

KINDS = ("write", "browse", "reward")
DATA = "../shared/data"
SETS = "xquad-en,squad2"
QUESTIONS, ATTACKS = 100, 24


def judging(parts: Any) -> None:
    """Add all of them."""
    _evaluate(parts)
    release = command(parts, "release", "put a candidate in use, if it was measured to be better")
    release.add_argument("candidate", metavar="CANDIDATE", help="its name")
    json_flag(release)
    rollback = command(parts, "rollback", "bring back what was in use before the newest release")
    rollback.add_argument("kind", choices=KINDS, metavar="|".join(KINDS))
    json_flag(rollback)
    cards = command(parts, "cards", "list what was learned, what of it is in use, what was refused")
    cards.add_argument("candidate", metavar="CANDIDATE", nargs="?", help="the whole card of one")
    json_flag(cards)
    json_flag(command(parts, "ratings", "rate versions from comparisons, on the scale of Elo"))


def _evaluate(parts: Any) -> None:
    made = command(
        parts, "evaluate", "measure a candidate on held-out questions against what is in use"
    )
    made.add_argument(
        "candidate",
        metavar="CANDIDATE",
        help="its name, or shipped for the writer that comes along",
    )
    made.add_argument(
        "opponent",
        metavar="OTHER",
        nargs="?",
        help="another candidate, shipped for what comes with the program, or none for the model as "
        "it is (what is in use)",
    )
    made.add_argument(
        "--data",
        metavar="FOLDER",
        action="append",
        help=f"public sets, or an export of preferences; may be repeated ({DATA})",
    )
    made.add_argument(
        "--sets", metavar="NAME,NAME", default=SETS, help=f"these of the public sets ({SETS})"
    )
    made.add_argument(
        "--questions",
        type=count,
        metavar="N",
        default=QUESTIONS,
        help=f"questions of each set at most ({QUESTIONS})",
    )
    made.add_argument(
        "--attacks",
        type=count,
        metavar="N",
        default=ATTACKS,
        help=f"planted instructions, 24 at most ({ATTACKS})",
    )
    made.add_argument(
        "--prose",
        action="store_true",
        help="write: measure also prose of the model, whatever its probe came to",
    )
    json_flag(made)
