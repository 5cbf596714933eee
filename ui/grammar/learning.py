"""The command that trains models of the house's own; its actions are commands of their own."""

from typing import Any

from ui.grammar import learning_judging, learning_reward, learning_writing
from ui.grammar.words import command, count, json_flag

STEPS, SEED = 2500, 1


def learning(tree: Any) -> None:
    """Add the command and its actions to the tree."""
    learn = command(tree, "learn", "train models of your own from what people think of answers")
    # The parser's own class, which names the nearest action to a wrong one.
    parts = learn.add_subparsers(
        dest="part", metavar="ACTION", required=True, parser_class=type(learn)
    )
    learning_reward.status(parts)
    _verifier(parts)
    learning_reward.reward(parts)
    learning_writing.write(parts)
    learning_writing.browse(parts)
    learning_writing.vote(parts)
    learning_judging.judging(parts)


def _verifier(parts: Any) -> None:
    learn = command(parts, "verifier", "train the model that reads claims beside their quotes")
    learn.add_argument("--data", metavar="FOLDER", required=True, help="where the sets lie")
    learn.add_argument(
        "--steps", metavar="N", type=count, default=STEPS, help=f"steps of training ({STEPS})"
    )
    learn.add_argument(
        "--seed", metavar="N", type=count, default=SEED, help=f"seed of order and weights ({SEED})"
    )
    json_flag(learn)
