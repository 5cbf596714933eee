"""The command that trains models of the house's own."""

from typing import Any

from ui.grammar.words import command, count, json_flag

STEPS, SEED = 2500, 1


def learning(tree: Any) -> None:
    """Add the command to the tree."""
    learn = command(tree, "learn", "train the model that reads claims beside their quotes")
    learn.add_argument("part", choices=("verifier",), metavar="verifier")
    learn.add_argument("--data", metavar="FOLDER", required=True, help="where the sets lie")
    learn.add_argument(
        "--steps", metavar="N", type=count, default=STEPS, help=f"steps of training ({STEPS})"
    )
    learn.add_argument(
        "--seed", metavar="N", type=count, default=SEED, help=f"seed of order and weights ({SEED})"
    )
    json_flag(learn)
