"""Commands that ask, and those that look at runs."""

import argparse
from typing import Any

from ui.grammar.words import (
    POLICIES,
    REACHES,
    command,
    count,
    json_flag,
    positive,
    run_name,
    strictness,
)


def ask(tree: Any) -> None:
    """Add the commands to the tree."""
    ask = command(tree, "ask", "answer a question from quoted sources, checked claim by claim")
    ask.add_argument(
        "question", nargs="?", metavar="QUESTION", help="read from a pipe if not given"
    )
    json_flag(ask)
    ask.add_argument("--policy", choices=POLICIES, metavar="|".join(POLICIES), help="who browses")
    ask.add_argument("--model", metavar="NAME", help="another model for this question")
    ask.add_argument("--no-check", action="store_true", help="show the draft without self-check")
    ask.add_argument("--seconds", type=positive, metavar="S", help="limit on wall time")
    ask.add_argument(
        "--sources", choices=REACHES, metavar="|".join(REACHES), help="where to look it up"
    )
    ask.add_argument(
        "--best-of", type=count, metavar="N", help="write N drafts and take the best (1)"
    )
    strictness(ask)
    ask.add_argument("--steps", type=count, metavar="N", help="limit on browsing steps")
    _scope(ask)


def check(tree: Any) -> None:
    """Add the command to the tree."""
    check = command(tree, "check", "check a text of yours against the library, claim by claim")
    check.add_argument("text", nargs="?", metavar="TEXT", help="read from a pipe if not given")
    json_flag(check)
    _scope(check)


def _scope(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--collection",
        metavar="NAME",
        action="append",
        help="search this collection alone; may be repeated",
    )
    parser.add_argument(
        "--source",
        metavar="PATH",
        action="append",
        help="search this file or folder alone; may be repeated",
    )
    parser.add_argument(
        "--tag",
        metavar="TAG",
        action="append",
        help="search what has this tag alone; may be repeated",
    )


def runs(tree: Any) -> None:
    """Add the commands to the tree."""
    runs = command(tree, "runs", "list the runs that are kept, newest first")
    runs.add_argument("--limit", type=count, default=20, metavar="N", help="how many (20)")
    json_flag(runs)
    show = command(tree, "show", "show a run step by step, with its answer")
    run_name(show)
    json_flag(show)
    show.add_argument(
        "--diff", action="store_true", help="print the draft, its verdicts and what was changed"
    )
    show.add_argument("--markdown", action="store_true", help="print the answer as markdown")
    run_name(
        command(tree, "replay", "compute a run again from its record, without model or network")
    )
    fork = command(tree, "fork", "go on from one of a run's steps, with another model or policy")
    run_name(fork)
    fork.add_argument("--at", type=count, required=True, metavar="K", help="do step K anew")
    fork.add_argument("--model", metavar="NAME", help="the model that goes on")
    fork.add_argument("--policy", choices=POLICIES, metavar="|".join(POLICIES), help="who browses")
    json_flag(fork)
    export = command(tree, "export", "write a run as JSON lines, to send or keep")
    run_name(export)
    export.add_argument("-o", "--output", metavar="FILE", help="a file instead of stdout")
    command(tree, "import", "take in a run that was exported").add_argument("file", metavar="FILE")
