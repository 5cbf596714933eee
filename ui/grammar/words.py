"""What the grammars of commands share: a command, a flag, a kind of value."""

import argparse
from typing import Any

POLICIES = ("auto", "guided", "model")
REACHES = ("auto", "library", "web", "both")


def command(tree: Any, name: str, does: str) -> argparse.ArgumentParser:
    parser = tree.add_parser(name, help=does, description=does[:1].upper() + does[1:] + ".")
    assert isinstance(parser, argparse.ArgumentParser)
    return parser


def json_flag(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run_name(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="a run's id or the beginning of it")


def count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return value


def share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 1")
    return value


def strictness(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--strictness",
        type=share,
        metavar="P",
        help="decline below this probability that the quotes answer, 0 to 1",
    )
