"""The command that works through a file of questions."""

from typing import Any

from ui.grammar.words import POLICIES, command, count, json_flag, positive, strictness


def batch(tree: Any) -> None:
    """Add the command to the tree."""
    batch = command(
        tree, "batch", "answer a file of questions, going on where it was left; compare two outputs"
    )
    batch.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="questions as jsonl, csv, tsv, xlsx or txt, or - for stdin; or: compare A B",
    )
    batch.add_argument("-o", "--output", metavar="FILE", help="answers as jsonl, csv or parquet")
    batch.add_argument(
        "--from",
        dest="format",
        choices=("jsonl", "csv", "tsv", "xlsx", "txt"),
        metavar="FORMAT",
        help="the format of the questions, if their name does not tell it",
    )
    batch.add_argument(
        "--report", metavar="FILE", help="the HTML report (the output's name, .html)"
    )
    batch.add_argument("--no-report", action="store_true", help="write no report")
    json_flag(batch)
    _asking(batch)
    _limits(batch)
    _going_on(batch)


def _asking(batch: Any) -> None:
    batch.add_argument(
        "--collection",
        action="append",
        default=[],
        metavar="NAME",
        help="answer from this collection, where a row names none; may be repeated",
    )
    batch.add_argument(
        "--source",
        action="append",
        default=[],
        metavar="SOURCE",
        help="answer from this source, where a row names none; may be repeated",
    )
    batch.add_argument("--policy", choices=POLICIES, metavar="|".join(POLICIES), help="who browses")
    batch.add_argument("--model", metavar="NAME", help="another model for this batch")
    batch.add_argument("--no-check", action="store_true", help="show the drafts without self-check")
    batch.add_argument(
        "--best-of", type=count, metavar="N", help="write N drafts a question, take the best (1)"
    )
    strictness(batch)
    batch.add_argument(
        "--ray",
        metavar="ADDRESS",
        help="spread the questions over a Ray cluster: HOST:PORT or auto",
    )
    batch.add_argument(
        "--parallel", type=count, metavar="N", help="questions at a time (engine.slots)"
    )


def _limits(batch: Any) -> None:
    batch.add_argument(
        "--seconds", type=positive, metavar="S", help="begin no question after so many seconds"
    )
    batch.add_argument(
        "--tokens", type=count, metavar="N", help="begin no question after so many model tokens"
    )
    batch.add_argument("--questions", type=count, metavar="N", help="ask at most so many now")
    batch.add_argument(
        "--each-seconds", type=positive, metavar="S", help="longest time of a question"
    )
    batch.add_argument("--each-steps", type=count, metavar="N", help="limit on a question's steps")
    batch.add_argument(
        "--each-tokens", type=count, metavar="N", help="limit on a question's tokens"
    )


def _going_on(batch: Any) -> None:
    batch.add_argument("--fresh", action="store_true", help="start over, whatever was answered")
    batch.add_argument(
        "--extend", action="store_true", help="go on although the questions are not the same"
    )
    batch.add_argument(
        "--mixed", action="store_true", help="go on although the configuration is not the same"
    )
    batch.add_argument("--retry", action="store_true", help="ask again what failed")
