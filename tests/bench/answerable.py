"""Answerability: fits the weights of sufficiency on tune halves and reports on report halves.

    python tests/bench/answerable.py browse --runs DIR [--sets xquad-en,...] [--few] [--words]
    python tests/bench/answerable.py describe --runs DIR
    python tests/bench/answerable.py fit --runs DIR
    python tests/bench/answerable.py report --runs DIR

`browse` runs the guided policy for every question drawn and keeps its events (of libraries of a
dozen documents at most with --few; as if no embedder read the question with --words); `describe`
works out the features of them; `fit` writes agents/sufficiency_weights.py; `report` prints tables.
What is fitted is whether a kept quote of the right document carries the answer.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import answerable_figures as figures
import answerable_runs as runs
import numpy as np

from agents import view
from agents.codec import load as load_event
from agents.sufficiency import Features, features, sort_of
from agents.wording import bigrams, content, terms
from app.evaluation.memory import Remembered
from app.house import build
from app.settings import load

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"
MOST = {"xquad-en": 200, "xquad-zh": 400, "cmrc2018": 250, "drcd": 250, "squad2": 100, "clapnq": 45}
FEW, FEW_MOST, WORDS_MOST = 12, 100, 200
PENALTY = 3.0
LOST = 0.02
"""Share of the questions of xquad whose quotes hold the answer that may be declined by default."""


@dataclass(frozen=True, slots=True)
class Row:
    """A run with its features. `today` is what the limits on raw shares and cosines go by, and
    `cosine` that of the best result (the share of words where no embedder reads the question)."""

    name: str
    tune: bool
    answerable: bool
    held: bool
    sort: str
    features: Features
    today: float
    cosine: float


def browse(folder: Path, names: Sequence[str], few: int, words: bool) -> None:
    """Keep the events of every question that is drawn of the sets."""
    house = build(load(folder / "home", {}, {}))
    remembered = Remembered(house.embedder, folder / "vectors")
    embedder = runs.Unread() if words else remembered
    kind = f"{'-few' if few else ''}{'-words' if words else ''}"
    for name in names:
        most = FEW_MOST if few else WORDS_MOST if words else MOST[name]
        with (folder / f"{name}{kind}.jsonl").open("w") as file:
            for number, row in enumerate(runs.collected(name, DATA, most, embedder, few)):
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
                file.flush()
                if number % 20 == 0:
                    remembered.save()
        remembered.save()


def describe(folder: Path) -> None:
    """Write the features of all runs beside them; what is described already is left alone."""
    for path in sorted(folder.glob("*.jsonl")):
        out = path.with_suffix(".features")
        done = len(out.read_text("utf-8").splitlines()) if out.exists() else 0
        with out.open("a") as file, path.open() as lines:
            for number, line in enumerate(lines):
                if number >= done and line.endswith("\n"):
                    file.write(json.dumps(_described(json.loads(line))) + "\n")
                    file.flush()


def _described(row: dict[str, Any]) -> dict[str, Any]:
    events = [load_event(event) for event in row["events"]]
    kept = {key: row[key] for key in ("set", "half", "answerable", "held")}
    kept["few"] = bool(row.get("few"))
    found = features(events) if view.quotes(events) else None
    return kept | {"sort": sort_of(events), "features": found} | _baselines(events)


def _baselines(events: Sequence[Any]) -> dict[str, float]:
    question = view.asked(events).question
    wanted = frozenset(content(question))
    quotes = view.quotes(events)
    results = [result for found in view.searches(events) for result in found.results]
    shares = [len(wanted & frozenset(terms(q.text))) / max(1, len(wanted)) for q in quotes]
    cosines = [
        r.cosine or 0.0
        for r in results
        if any(q.document == r.document and q.start < r.end for q in quotes)
    ]
    carried, cosine = max(shares, default=0.0), max(cosines, default=0.0)
    best = max((r.cosine or 0.0 for r in results), default=0.0)
    if bigrams(question):
        return {"today": carried, "cosine": max(shares[:1], default=0.0)}
    return {"today": carried + 1.8 * cosine, "cosine": best}


def rows(folder: Path) -> list[Row]:
    """Read all runs that were described; those without a quote are left to `decline` by itself."""
    return [row for path in sorted(folder.glob("*.features")) for row in _read(path)]


def _read(path: Path) -> Iterator[Row]:
    for line in path.read_text("utf-8").splitlines():
        one = json.loads(line)
        if one["features"] is None:
            continue
        name = one["set"] + (", few" if one["few"] else "")
        given = (one["answerable"], one["held"], one["sort"], one["features"])
        yield Row(name, one["half"] == "tune", *given, one["today"], one["cosine"])


def fit(folder: Path) -> None:
    """Fit the three sets of weights on tune halves, print how they do, and write the module."""
    tune = [row for row in rows(folder) if row.tune]
    english = [row for row in tune if row.sort == "en"]
    worded = [row for row in tune if row.sort == "en words"]
    chinese = [row for row in tune if row.sort == "zh"]
    made = {
        "en": _fitted(english, figures.names(english)),
        "en words": _fitted(worded, figures.worded(figures.names(worded))),
        "zh": _fitted(chinese, figures.worded(figures.names(chinese))),
    }
    lines = [f'    "{sort}": {{\n{_written(weights)}    }},\n' for sort, weights in made.items()]
    (ROOT / "agents" / "sufficiency_weights.py").write_text(
        '"""The weights of sufficiency, fitted by tests/bench/answerable.py on tune halves."""\n\n'
        "from typing import Final\n\n"
        f"WEIGHTS: Final[dict[str, dict[str, float]]] = {{\n{''.join(lines)}}}\n",
        "utf-8",
    )
    for sort, some in (("en", english), ("en words", worded), ("zh", chinese)):
        p = figures.probabilities(made[sort], some)
        for name in ("xquad-en", "xquad-zh"):
            kept = p[[row.name == name and row.held for row in some]]
            if len(kept):
                limit = np.quantile(kept, LOST)
                print(f"{sort}, {name}: {LOST:.0%} of right quotes fall below {limit:.3f}")


def _fitted(some: Sequence[Row], names: Sequence[str]) -> dict[str, float]:
    weights = figures.weighed([row.name for row in some])
    return figures.logistic(some, names, PENALTY, weights)


def _written(weights: dict[str, float]) -> str:
    return "".join(f'        "{name}": {value:.4f},\n' for name, value in weights.items())


def report(folder: Path) -> None:
    """Print the tables over the report halves."""
    from agents.sufficiency_weights import WEIGHTS

    every = rows(folder)
    for sort in ("en", "en words", "zh"):
        some = [row for row in every if row.sort == sort]
        if some:
            print(f"\n**{sort}**\n")
            figures.tables(some, figures.probabilities(WEIGHTS[sort], some), sort == "en")


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("browse", "describe", "fit", "report"))
    parser.add_argument("--runs", type=Path, required=True)
    parser.add_argument("--sets", default=",".join(runs.SETS))
    parser.add_argument("--words", action="store_true", help="no embedder reads the question")
    parser.add_argument("--few", action="store_true", help="libraries of a dozen documents at most")
    options = parser.parse_args(arguments)
    options.runs.mkdir(parents=True, exist_ok=True)
    match options.what:
        case "browse":
            browse(options.runs, options.sets.split(","), FEW if options.few else 0, options.words)
        case "describe":
            describe(options.runs)
        case "fit":
            fit(options.runs)
        case _:
            report(options.runs)


if __name__ == "__main__":
    main(sys.argv[1:])
