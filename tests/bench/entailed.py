"""What the verifier knows of whether quotes answer: the second stage of sufficiency.

    python tests/bench/entailed.py browse --runs DIR [--sets squad2,xquad-en,clapnq]
    python tests/bench/entailed.py fit --runs DIR
    python tests/bench/entailed.py report --runs DIR

Articles of XQuAD (English) and SQuAD 2 that the verifier was trained on are left out, of both
halves. `browse` runs the guided policy for up to 150 questions of SQuAD 2 and 75 of XQuAD of each
half, the latter with the article in the library and with it hidden, and for CLAP NQ, and has the
verifier read the likeliest answer; runs without one are left out. `fit` prints the weights that fit
the tune halves of the first two, sets weighing the same; `report` prints tables of the report
halves, with the first stage alone beside it.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import answerable_figures as figures
import answerable_runs as runs
import numpy as np
from answerable_figures import Floats

from agents import view
from agents.codec import load as load_event
from agents.entailing import reading
from agents.odds import logit
from agents.sufficiency import second, sufficiency
from app.evaluation.memory import Remembered
from app.house import build
from app.learning.pairs import tuned_on
from app.settings import load
from app.verifier.embedded import EmbeddedVerifier

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
MOST = {"squad2": 150, "xquad-en": 75, "clapnq": 45}
FITTED = ("squad2", "xquad-en")
PENALTY = 1.0
STRICT = (0.08, 0.2, 0.35)


@dataclass(frozen=True, slots=True)
class Row:
    """A run: the logits of both stages' evidence as features, and what is true of it."""

    name: str
    tune: bool
    answerable: bool
    held: bool
    features: dict[str, float]
    probability: float


def untrained(name: str, every: Sequence[Any]) -> list[Any]:
    """The articles that the verifier never saw."""
    return [article for article in every if not tuned_on(article["title"])]


def browse(folder: Path, sets: Sequence[str]) -> None:
    """Keep the events of every run, with what the verifier read."""
    runs._articles = untrained
    house, verifier = build(load(folder / "home", {}, {})), EmbeddedVerifier()
    embedder = Remembered(house.embedder, folder / "vectors")
    for name in sets:
        most = MOST[name]
        with (folder / f"{name}.jsonl").open("w", encoding="utf-8") as file:
            for row in runs.collected(name, DATA, most, embedder):
                events = [load_event(event) for event in row["events"]]
                pairs = reading(view.asked(events).question, view.quotes(events))
                row["entailed"] = verifier.entailments(pairs)[0][0] if pairs else None
                file.write(json.dumps(row) + "\n")
        embedder.save()


def rows(folder: Path) -> Iterator[Row]:
    """The runs with quotes and a statement."""
    for name in MOST:
        for line in (folder / f"{name}.jsonl").read_text("utf-8").splitlines():
            one = json.loads(line)
            if one["entailed"] is None:
                continue
            first = sufficiency([load_event(event) for event in one["events"]]).probability
            found = {"first": logit(first), "entailed": logit(one["entailed"])}
            truth = (bool(one["answerable"]), bool(one["held"]))
            yield Row(name, one["half"] == "tune", *truth, found, first)


def fit(folder: Path) -> None:
    """Print the weights of the second stage."""
    tune = [row for row in rows(folder) if row.tune and row.name in FITTED]
    weights = figures.weighed([row.name for row in tune])
    print({
        name: round(value, 3)
        for name, value in figures.logistic(tune, ("first", "entailed"), PENALTY, weights).items()
    })  # fmt: skip


def report(folder: Path) -> None:
    """Print how both stages do on the report halves, thresholds chosen on tune halves."""
    every = list(rows(folder))
    print("| set, report half | runs | stage | AUROC | AURC | balanced accuracy |", end="")
    print("".join(f" {strict}: right quotes lost, unanswerable declined |" for strict in STRICT))
    print("|---" * (6 + len(STRICT)) + "|")
    for name in MOST:
        some = [row for row in every if row.name == name]
        stages = {
            "first": np.array([row.probability for row in some]),
            "both": np.array([second(row.probability, row.features["entailed"]) for row in some]),
        }
        for stage, p in stages.items():
            print(_line(name, stage, some, p))


def _line(name: str, stage: str, some: Sequence[Row], p: Floats) -> str:
    can = np.array([float(row.answerable) for row in some])
    held = np.array([row.held for row in some])
    tune = np.array([row.tune for row in some])
    b = ~tune
    threshold = figures.best_threshold(p[tune], can[tune])
    cells = [
        f"{figures.auroc(p[b], can[b]):.3f}",
        f"{figures.aurc(p[b], can[b]):.3f}",
        f"{figures.balanced(p[b], can[b], threshold):.3f}",
        *(f"{(p[b & held] < s).mean():.3f}, {(p[b & (can == 0)] < s).mean():.3f}" for s in STRICT),
    ]
    return f"| {name} | {b.sum()} | {stage} | {' | '.join(cells)} |"


def main() -> None:
    """Browse, fit or report."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("browse", "fit", "report"))
    parser.add_argument("--runs", type=Path, required=True)
    parser.add_argument("--sets", default=",".join(MOST))
    told = parser.parse_args()
    told.runs.mkdir(parents=True, exist_ok=True)
    if told.what == "browse":
        browse(told.runs, told.sets.split(","))
    else:
        {"fit": fit, "report": report}[told.what](told.runs)


if __name__ == "__main__":
    main()
