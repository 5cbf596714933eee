"""The command that learns to rank answers, and the one that says what there is to learn from."""

from typing import Any

from ui.grammar.words import command, count, json_flag

SEED, STEPS = 1, 120


def reward(tree: Any) -> None:
    """Add `reward`."""
    made = command(tree, "reward", "learn from comparisons which answer people prefer")
    made.add_argument(
        "--data",
        metavar="FOLDER",
        action="append",
        default=[],
        help="an export of feedback (webgpt or trl) besides your own pairs; may be repeated",
    )
    made.add_argument(
        "--seed", metavar="N", type=count, default=SEED, help=f"seed of the folds ({SEED})"
    )
    made.add_argument(
        "--encoder", action="store_true", help="tune a small network instead of fitting a head"
    )
    made.add_argument(
        "--steps", metavar="N", type=count, default=STEPS, help=f"encoder: steps ({STEPS})"
    )
    json_flag(made)


def status(tree: Any) -> None:
    """Add `status`."""
    does = "say what there is to learn from, what it suffices for, and what was learned"
    json_flag(command(tree, "status", does))
