"""Public sets of preferences between two answers without quotes, to measure rewards on.

They say how far a reward that was learned from cited answers carries over; what is shipped is never
trained on them (AlpacaEval is for non-commercial use).
"""

import gzip
import json
import random
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from app.learning.reward.comparing import TIE, Comparison, Side, question_of
from retrieval.errors import UserError

SEED = 20_26
JUDGE = "weighted_alpaca_eval_gpt4_turbo"
"""Of AlpacaEval the judgements of version 2: 1 is for the first answer, 2 for the second."""


def load(name: str, folder: Path, most: int) -> list[Comparison]:
    """Return so many comparisons of one of `SETS` at most, drawn with a fixed seed, out of the
    folder of data. `UserError` for a set that is not there or cannot be read."""
    try:
        found = list(SETS[name](folder))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"the set of preferences {name!r} cannot be read in {str(folder)!r}: {error}",
            origin="--data",
            cure="get the data as docs/benchmarks.md says, and name its folder with --data FOLDER",
        ) from error
    return random.Random(SEED).sample(found, min(most, len(found)))


def _llmbar(folder: Path) -> Iterator[Comparison]:
    """LLMBar (Zeng et al. 2024, 2310.07641), the parts of people's labels and of case studies."""
    paths = sorted((folder / "llmbar" / "Dataset").glob("*/*/dataset.json"))
    if not paths:
        raise FileNotFoundError("there is no llmbar/Dataset")
    for path in paths:
        for row in json.loads(path.read_text("utf-8")):
            texts = str(row["output_1"]), str(row["output_2"])
            yield _pair(str(row["input"]), texts, int(row["label"]), path.parent.name)


def _alpaca(folder: Path) -> Iterator[Comparison]:
    """AlpacaEval 2 (Dubois et al. 2024, 2404.04475): one draw of a pair for every instruction."""
    place = folder / "alpaca_eval"
    asked = {row["i"]: row["instruction"] for row in _rows(place / "instructions.jsonl")}
    told = {(row["g"], row["i"]): str(row["output"]) for row in _rows(place / "outputs.jsonl.gz")}
    drawn: dict[int, list[dict[str, Any]]] = {}
    for row in _rows(place / "prefs.jsonl.gz"):
        known = {(row["g1"], row["i"]), (row["g2"], row["i"])} <= told.keys()
        if row["judge"] == JUDGE and row["p"] is not None and known:
            drawn.setdefault(row["i"], []).append(row)
    dice = random.Random(SEED)
    for number, rows in sorted(drawn.items()):
        row = dice.choice(rows)
        label = 0 if row["p"] == 1.5 else 1 if row["p"] < 1.5 else 2
        texts = told[row["g1"], number], told[row["g2"], number]
        yield _pair(str(asked[number]), texts, label, "alpaca_eval")


def _pair(question: str, texts: tuple[str, str], label: int, origin: str) -> Comparison:
    """Label 1 prefers the first text, 2 the second, 0 neither."""
    first, second = (Side(question, (), text) for text in texts)
    if label == 2:
        first, second = second, first
    share = 1.0 if label else TIE
    return Comparison(question_of(question), first, second, share, origin)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    data = path.read_bytes()
    text = gzip.decompress(data) if path.suffix == ".gz" else data
    yield from map(json.loads, filter(None, text.decode("utf-8").split("\n")))


SETS: Mapping[str, Callable[[Path], Iterator[Comparison]]] = {
    "llmbar": _llmbar,
    "alpaca_eval": _alpaca,
}
