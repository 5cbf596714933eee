"""The commands that teach the model to write and to browse, and let its thoughts vote."""

from typing import Any

from ui.grammar.words import command, count, json_flag, share

METHODS = ("sft", "dpo", "kto")
STEPS, SEED, SAMPLES, SHARE = 240, 1, 8, 0.6


def write(tree: Any) -> None:
    """Add `write`."""
    made = command(tree, "write", "train an adapter for the model that writes answers")
    made.add_argument(
        "--method",
        choices=METHODS,
        default="sft",
        metavar="|".join(METHODS),
        help="from good answers, from pairs, or from thumbs (sft)",
    )
    _training(made, "the candidate to begin from, or shipped")


def browse(tree: Any) -> None:
    """Add `browse`."""
    made = command(tree, "browse", "train an adapter for the model that browses, on good runs")
    _training(made, "the candidate to begin from")


def vote(tree: Any) -> None:
    """Add `vote`."""
    made = command(tree, "vote", "sample chains of thought; those that agree become examples")
    made.add_argument("questions", metavar="FILE", help="questions, as for vouch batch")
    made.add_argument("-o", "--output", metavar="DIR", required=True, help="the folder to write")
    made.add_argument(
        "--samples", type=count, default=SAMPLES, metavar="N", help=f"chains each ({SAMPLES})"
    )
    made.add_argument(
        "--share", type=share, default=SHARE, metavar="P", help=f"that must agree ({SHARE})"
    )
    made.add_argument("--seed", type=count, default=SEED, metavar="N", help=f"seed ({SEED})")
    made.add_argument("--force", action="store_true", help="replace an export that is there")
    json_flag(made)


def _training(made: Any, after: str) -> None:
    made.add_argument(
        "--data",
        metavar="FOLDER",
        action="append",
        required=True,
        help="an export of feedback, or public sets; may be repeated",
    )
    made.add_argument("--after", metavar="NAME", help=after)
    made.add_argument(
        "--steps", metavar="N", type=count, default=STEPS, help=f"steps of training ({STEPS})"
    )
    made.add_argument(
        "--seed", metavar="N", type=count, default=SEED, help=f"seed of order and weights ({SEED})"
    )
    json_flag(made)
