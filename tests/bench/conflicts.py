"""Conflicts of sources: right and counterfactual documents mixed (detected), and right ones alone.

    python tests/bench/conflicts.py [--split report] [--shown]

The documents are those of RGB's fact sets (English and Chinese; evaluation only). Of each question
every other answering document is the counterfactual one, five at most; a question with one document
alone is left out. A conflict is *right* if it names the true answer on one side and the false one
on the other. Halves by a hash of the question. Prints a Markdown table.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from agents.answers import Conflict, Quoted
from agents.conflicts import conflicts
from app.evaluation.sets import half

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "rgb"
MOST = 5
LONGEST = 400


def rows(language: str, split: str) -> list[dict[str, Any]]:
    """The questions of one half that have two documents at least."""
    lines = (DATA / f"{language}_fact_A.json").read_text("utf-8").splitlines()
    every = [json.loads(line) for line in lines]
    return [row for row in every if half(row["query"]) == split and len(row["positive"]) > 1]


def quotes(texts: Sequence[str]) -> list[Quoted]:
    """Each document as one quote of its own source."""
    return [
        Quoted(n, f"d{n}", f"d{n}", "", text[:LONGEST], 0, len(text[:LONGEST]))
        for n, text in enumerate(texts, start=1)
    ]


def mixed(row: dict[str, Any]) -> list[Quoted]:
    """Right documents and, in every other place, counterfactual ones."""
    pairs = list(zip(row["positive"], row["positive_wrong"], strict=False))[:MOST]
    return quotes([wrong if n % 2 else right for n, (right, wrong) in enumerate(pairs)])


def agreeing(row: dict[str, Any]) -> list[Quoted]:
    """Right documents alone."""
    return quotes(row["positive"][:MOST])


def right(row: dict[str, Any], found: Sequence[Conflict]) -> bool:
    """Say whether a conflict names the true answer and the false one."""
    answers = list(_flat(row["answer"]))
    return any(_names(answers, c.said) or _names(answers, c.other) for c in found)


def _flat(answer: Any) -> Iterator[str]:
    if isinstance(answer, list):
        for one in answer:
            yield from _flat(one)
    else:
        yield answer


def _names(answers: Sequence[str], said: str) -> bool:
    said = said.lower()
    return bool(said) and any(said in a.lower() or a.lower() in said for a in answers)


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--split", choices=("tune", "report"), default="report")
    parser.add_argument("--shown", action="store_true", help="print what was found")
    options = parser.parse_args(arguments)
    print("| set | questions | detected | of them right | false alarms |\n|---|---|---|---|---|")
    for language in ("en", "zh"):
        asked = rows(language, options.split)
        found = [conflicts(row["query"], mixed(row)) for row in asked]
        alarms = [conflicts(row["query"], agreeing(row)) for row in asked]
        good = sum(right(row, one) for row, one in zip(asked, found, strict=True))
        cells = (len(asked), sum(map(bool, found)), good, sum(map(bool, alarms)))
        print(f"| {language}_fact | {' | '.join(map(str, cells))} |")
        if options.shown:
            for row, one, alarm in zip(asked, found, alarms, strict=True):
                print(
                    row["query"], row["answer"], row["fakeanswer"], one, "ALARM", alarm, sep="\n   "
                )


if __name__ == "__main__":
    main(sys.argv[1:])
