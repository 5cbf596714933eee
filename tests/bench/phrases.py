"""What the verifier knows of phrases: which may stand before the quotes as a short answer.

    python tests/bench/entailed.py browse --runs DIR --sets squad2,xquad-en
    python tests/bench/phrases.py read --runs DIR
    python tests/bench/phrases.py fit --runs DIR
    python tests/bench/phrases.py report --runs DIR

The runs are those of `entailed.py`: articles that the verifier was not trained on, half of the
questions with nothing in the library that answers. `read` has the verifier read the likeliest
phrases of each run as the answer. A phrase is right if its F1 with a gold answer is a half or more.
`fit` prints the weights that fit those of the kind asked for, tune halves, sets weighing the same;
`report` prints how the likeliest phrase that may be shown does, by its odds alone and by both.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import answerable_figures as figures
import numpy as np
from entailed import FITTED, PENALTY

from agents import view
from agents.answering import (
    CHOICES,
    LIKELY,
    READ,
    SURE,
    answers_kind,
    chance,
    likely,
    stands,
)
from agents.codec import load as load_event
from agents.entailing import likeliest, reading
from agents.odds import logit
from app.evaluation.answers import f1
from app.verifier.embedded import EmbeddedVerifier

HALF = 0.5


@dataclass(frozen=True, slots=True)
class Row:
    """A phrase of a run: `held` says whether it is right, `kind` whether it is of the kind asked
    for, `odds` and `read` whether it may be shown by its odds alone, and by what was read too."""

    name: str
    run: int
    tune: bool
    answerable: bool
    held: bool
    kind: bool
    by_odds: bool
    by_both: bool
    chance: float
    features: dict[str, float]


def read(folder: Path) -> None:
    """Write down, beside the runs, what the verifier makes of their phrases."""
    verifier = EmbeddedVerifier()
    for name in FITTED:
        with (folder / f"{name}.read").open("w", encoding="utf-8") as file:
            for line in (folder / f"{name}.jsonl").read_text("utf-8").splitlines():
                events = [load_event(event) for event in json.loads(line)["events"]]
                pairs = reading(view.asked(events).question, view.quotes(events), CHOICES)
                carried = [chances[0] for chances in verifier.entailments(pairs)] if pairs else []
                file.write(json.dumps(carried) + "\n")


def rows(folder: Path) -> Iterator[Row]:
    """All phrases that were read."""
    for name in FITTED:
        lines = (folder / f"{name}.jsonl").read_text("utf-8").splitlines()
        known = (folder / f"{name}.read").read_text("utf-8").splitlines()
        for number, (line, carried) in enumerate(zip(lines, known, strict=True)):
            one = json.loads(line)
            events = [load_event(event) for event in one["events"]]
            question, quotes = view.asked(events).question, view.quotes(events)
            found = likeliest(question, quotes, CHOICES)
            right = one["gold"] if one["answerable"] else ()
            sure = json.loads(carried)
            told: dict[str, float] = {}
            for guess, chances in zip(found, sure, strict=True):
                told.setdefault(guess.phrase.text, chances)
            for guess, chances in zip(found, sure, strict=True):
                text = guess.phrase.text
                yield Row(
                    name,
                    number,
                    tune=one["half"] == "tune",
                    answerable=bool(one["answerable"]),
                    held=any(f1(text, gold) >= HALF for gold in right),
                    kind=answers_kind(question, text),
                    by_odds=likely(guess, question),
                    by_both=stands(guess, question, found, told),
                    chance=chance(guess.odds, chances),
                    features={"odds": logit(guess.odds), "read": logit(chances)},
                )


def fit(folder: Path) -> None:
    """Print the weights."""
    tune = [row for row in rows(folder) if row.tune and row.kind]
    weights = figures.weighed([row.name for row in tune])
    found = figures.logistic(tune, ("odds", "read"), PENALTY, weights)  # type: ignore[arg-type]
    print({name: round(value, 3) for name, value in found.items()})


def report(folder: Path) -> None:
    """Print a table of both halves."""
    print(f"by odds: {LIKELY} of them or more; by both: {SURE}, weights {READ}\n")
    print("| set, half | runs | AUROC of phrases: odds / both | by odds: shown, right "
          "| by both: shown, right | where nothing answers: by odds, by both |")  # fmt: skip
    print("|---" * 6 + "|")
    every = list(rows(folder))
    for name in FITTED:
        for tune in (True, False):
            some = [row for row in every if (row.name, row.tune) == (name, tune)]
            print(_line(f"{name}, {'tune' if tune else 'report'}", some))


def _line(title: str, some: Sequence[Row]) -> str:
    kind = [row for row in some if row.kind]
    held = np.array([float(row.held) for row in kind])
    areas = [
        figures.auroc(np.array([row.features["odds"] for row in kind]), held),
        figures.auroc(np.array([row.chance for row in kind]), held),
    ]
    by_run: dict[int, list[Row]] = defaultdict(list)
    for row in some:
        by_run[row.run].append(row)
    odds = [first for one in by_run.values() if (first := _first(one, "by_odds"))]
    both = [first for one in by_run.values() if (first := _first(one, "by_both"))]
    cells = [f"{len(one)}, {np.mean([r.held for r in one]):.2f}" for one in (odds, both)]
    vain = ", ".join(str(sum(not row.answerable for row in one)) for one in (odds, both))
    areas_told = " / ".join(f"{area:.3f}" for area in areas)
    return f"| {title} | {len(by_run)} | {areas_told} | {' | '.join(cells)} | {vain} |"


def _first(found: Sequence[Row], way: str) -> Row | None:
    """The likeliest phrase that may be shown: by its odds, or by both."""
    fit = [row for row in found if getattr(row, way)]
    return (
        max(fit, key=lambda row: row.chance) if way == "by_both" and fit else next(iter(fit), None)
    )


def main() -> None:
    """Read, fit or report."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("read", "fit", "report"))
    parser.add_argument("--runs", type=Path, required=True)
    told = parser.parse_args()
    {"read": read, "fit": fit, "report": report}[told.what](told.runs)


if __name__ == "__main__":
    main()
