"""Rewards on pairs of our own: drafts sampled over one prompt, ranked against the gold answers.

    python tests/bench/reward.py sample RECORD --out DRAFTS [--half tune] [--questions 60]
        [--drafts 8] [--style prose] [--data ../shared/data]
    python tests/bench/reward.py export DRAFTS FOLDER
    python tests/bench/reward.py rank --train DRAFTS --test DRAFTS

`sample` takes the quotes of runs of Vouch out of a record that `vouch eval answers --out` kept, and
writes drafts over them as best of n does: one greedily, the others at a temperature, with the
model and adapters of the settings; what stands in --out is not written again. A draft that holds a
gold string is right; a right draft and a wrong one of one question are a pair. `export` writes the
pairs as a folder for `vouch learn reward --data`. `rank` fits a reward to one file, which must be
of tune halves, and measures it on the other: pairs, and the share of questions whose best of n is
right, with the 95 % interval of the difference to the judges alone (bootstrap over questions).
"""

import argparse
import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from agents import compose
from agents.drafting import SHORT_TOKENS, WARM, agreement
from agents.events import Quoted
from agents.models.base import Sampling, together
from agents.revising import ANSWER_TOKENS
from app.batch.compare import interval
from app.evaluation.answer_sets import SETS, Reading, load
from app.evaluation.answers import Record, f1, first_sentence, holds
from app.feedback.folder import MANIFEST, SCHEMA
from app.house import House, build
from app.learning.reward.comparing import Side, question_of
from app.learning.reward.features import Features, failing, supported
from app.learning.reward.head import Head, Row, best_strength, fit
from app.learning.reward.house import readers
from app.learning.reward.measuring import measured
from app.settings import load as settings

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
SEED = 2026
NUMBERS = (2, 4, 8)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A question with its quotes, its drafts in the order in which they were drawn, and what holds
    a gold answer; `f1` is that of the first sentence with the nearest gold."""

    question: str
    quotes: tuple[Quoted, ...]
    drafts: tuple[str, ...]
    right: dict[str, bool]
    f1: dict[str, float]


def sample(told: argparse.Namespace, house: House) -> None:
    """Write drafts for the questions of a record, each once."""
    known = {(one["set"], one["id"]) for one in lines(told.out)}
    model = house.model()
    for name, reading, quotes in recorded(told.record, told.data, told.half, told.questions):
        if (name, reading.id) in known:
            continue
        short = told.style == "short"
        grammar = compose.write_grammar(quotes, told.style, reading.question)
        most = SHORT_TOKENS if short else ANSWER_TOKENS
        adapter = "write" if "write" in model.capabilities.adapters else ""
        greedy = Sampling(most, grammar=grammar, prefix="write", adapter=adapter)
        warm = [replace(greedy, temperature=WARM, seed=n) for n in range(1, told.drafts)]
        messages = compose.write_prompt(reading.question, quotes, told.style)
        replies = together(model, messages, [greedy, *warm])
        drafts = [compose.draft(r.text, reading.question, quotes, told.style) for r in replies]
        row = {
            "set": name, "id": reading.id, "half": told.half, "question": reading.question,
            "golds": reading.golds, "style": told.style, "drafts": drafts,
            "quotes": [[quote.number, quote.title, quote.text] for quote in quotes],
        }  # fmt: skip
        with told.out.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        print(f"{name} {reading.id}: {len(set(drafts))} different drafts", flush=True)


def recorded(
    record: Path, data: Path, half: str, count: int
) -> Iterator[tuple[str, Reading, tuple[Quoted, ...]]]:
    """Yield questions with gold strings that a run of Vouch kept quotes for, in a drawn order."""
    shown = {
        (name, id): one.quotes
        for (name, system, id), one in Record(record).items()
        if system.startswith("Vouch") and one.quotes and name in SETS
    }
    found = []
    for name in sorted({name for name, _ in shown}):
        given = load(name, data)
        asked = [] if given.long else given.asked("tune" if half == "tune" else "report")
        found += [(name, one, shown[name, one.id]) for one in asked
                  if one.golds and (name, one.id) in shown]  # fmt: skip
    yield from random.Random(SEED).sample(found, min(count, len(found)))


def lines(path: Path) -> list[dict[str, Any]]:
    """What was written before."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]


def drawn(path: Path) -> list[Drawn]:
    """Read drafts, and hold them to the gold answers."""
    found = []
    for row in lines(path):
        quotes = tuple(Quoted(n, "", "", t, text, 0, len(text)) for n, t, text in row["quotes"])
        golds, drafts = row["golds"], tuple(row["drafts"])
        right = {one: any(holds(one, gold) for gold in golds) for one in drafts}
        near = {one: max(f1(first_sentence(one), gold) for gold in golds) for one in drafts}
        found.append(Drawn(row["question"], quotes, drafts, right, near))
    return found


def pairs(one: Drawn) -> list[tuple[str, str]]:
    """Every right draft with every wrong one."""
    texts = list(dict.fromkeys(one.drafts))
    good = [text for text in texts if one.right[text]]
    return list(product(good, [text for text in texts if not one.right[text]]))


def export(source: Path, folder: Path) -> None:
    """Write the pairs as `vouch feedback export --format webgpt` would."""
    folder.mkdir(parents=True)
    rows = []
    for number, one in enumerate(drawn(source)):
        quotes = {"title": [q.title for q in one.quotes], "extract": [q.text for q in one.quotes]}
        for good, bad in pairs(one):
            rows.append({
                "question": {"dataset": "drafts", "id": str(number), "full_text": one.question},
                "quotes_0": quotes, "answer_0": good, "score_0": 1.0,
                "quotes_1": quotes, "answer_1": bad, "score_1": -1.0,
            })  # fmt: skip
    (folder / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    told = {"schema": SCHEMA, "format": "webgpt", "licence": "as the questions' sets"}
    (folder / MANIFEST).write_text(json.dumps(told))
    print(f"{len(rows)} pairs about {len({row['question']['id'] for row in rows})} questions")


class Read:
    """The drafts of a file with their features."""

    def __init__(self, path: Path, house: House) -> None:
        self.every = drawn(path)
        reader = readers(house).reader
        self.known: list[dict[str, Features]] = []
        for one in self.every:
            texts = list(dict.fromkeys(one.drafts))
            found = reader.read([Side(one.question, one.quotes, text) for text in texts])
            self.known.append(dict(zip(texts, found, strict=True)))

    def rows(self) -> list[Row]:
        """The pairs as rows that a head is fitted to."""
        return [
            Row(question_of(one.question), known[good], known[bad], 1.0, "drafts")
            for one, known in zip(self.every, self.known, strict=True)
            for good, bad in pairs(one)
        ]

    def chosen(self, number: int, key: "Key") -> tuple[list[bool], list[float]]:
        """Whether the best of the first so many drafts is right, and its F1, by question."""
        best = []
        for one, known in zip(self.every, self.known, strict=True):
            some = one.drafts[:number]
            best.append(max(dict.fromkeys(some), key=lambda text: key(one, text, some, known)))
        both = list(zip(self.every, best, strict=True))
        return [one.right[text] for one, text in both], [one.f1[text] for one, text in both]


Key = Callable[[Drawn, str, Sequence[str], dict[str, Features]], Any]


def ways(head: Head) -> dict[str, Key]:
    """The ways to choose among drafts; the first of equals wins, which is the greedy one."""

    def failed(found: Features) -> tuple[bool, int]:
        return supported(found) > 0.5, -round(failing(found))

    return {
        "greedy": lambda one, text, some, known: 0,
        "vote": lambda one, text, some, known: agreement(text, some),
        "judges": lambda one, text, some, known: (
            *failed(known[text]), round(supported(known[text])), agreement(text, some)
        ),
        "judges, then reward": lambda one, text, some, known: (
            *failed(known[text]), head.score(known[text])
        ),
        "reward": lambda one, text, some, known: head.score(known[text]),
        "any (the bound)": lambda one, text, some, known: one.right[text],
    }  # fmt: skip


def rank(train: Path, test: Path, house: House) -> None:
    """Fit to one file, measure on the other, print two tables."""
    tuned, reported = Read(train, house), Read(test, house)
    rows = tuned.rows()
    head = fit(rows, best_strength(rows, 1))
    tested = reported.rows()
    print(f"{len(rows)} pairs of {train.name} fitted, strength {head.strength}; on {test.name}:\n")
    if tested:
        found = measured(tested, [head.margin(row) for row in tested])
        print(f"| {found.pairs} pairs, {found.prompts} questions | right | 95 % |\n|---|---|---|")
        for name, one in found.rows.items():
            print(f"| {name} | {one.accuracy:.3f} | {one.low:.3f} to {one.high:.3f} |")
        print(f"\nCorrelation of the differences of reward and length: {found.length:+.2f}\n")
    print(
        "| best of n | n | right | F1 | right, less the judges | 95 % |\n|---|---|---|---|---|---|"
    )
    most = max(len(one.drafts) for one in reported.every)
    for number in (n for n in NUMBERS if n <= most):
        base, _ = reported.chosen(number, ways(head)["judges"])
        for name, key in ways(head).items():
            held, near = reported.chosen(number, key)
            apart = np.array(held, float) - np.array(base, float)
            low, high = interval(apart)
            print(f"| {name} | {number} | {np.mean(held):.3f} | {np.mean(near):.3f} "
                  f"| {apart.mean():+.3f} | {low:+.3f} to {high:+.3f} |")  # fmt: skip


def main() -> None:
    """Carry out one of the three."""
    parser = argparse.ArgumentParser()
    parts = parser.add_subparsers(dest="part", required=True)
    one = parts.add_parser("sample")
    one.add_argument("record", type=Path)
    one.add_argument("--out", type=Path, required=True)
    one.add_argument("--half", choices=("tune", "report"), default="tune")
    one.add_argument("--questions", type=int, default=60)
    one.add_argument("--drafts", type=int, default=8)
    one.add_argument("--style", choices=("prose", "short", "led"), default="prose")
    one.add_argument("--data", type=Path, default=DATA)
    two = parts.add_parser("export")
    two.add_argument("source", type=Path)
    two.add_argument("folder", type=Path)
    three = parts.add_parser("rank")
    three.add_argument("--train", type=Path, required=True)
    three.add_argument("--test", type=Path, required=True)
    told = parser.parse_args()
    if told.part == "export":
        export(told.source, told.folder)
        return
    house = build(settings())
    try:
        sample(told, house) if told.part == "sample" else rank(told.train, told.test, house)
    finally:
        house.close()


if __name__ == "__main__":
    main()
