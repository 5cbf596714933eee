"""Pairs of the model's own drafts, as the self-check and gold answers rank them, to learn from.

    python tests/bench/preferences.py sample --out DRAFTS [--questions 300] [--drafts 4]
        [--adapter FILE.gguf] [--data ../shared/data]
    python tests/bench/preferences.py export DRAFTS FOLDER
    python tests/bench/preferences.py drafts DRAFTS OUT [--questions 150]

`sample` draws questions of the titles that the writer may learn from, with quotes dealt as
`vouch learn write` deals them, and writes drafts: one greedily, the others at the temperature of
best of n, all over one reading of the prompt. Each is judged by the self-check before any repair.
What stands in --out is not written again. A draft is good if nothing in it fails and it holds the
gold answer. `export` writes one pair of each question that has a good and a bad draft, of the two
that are nearest in length, as `vouch feedback export --format trl` would: for
`vouch learn write --method dpo --after shipped --data FOLDER`. `drafts` writes the first questions
as `tests/bench/reward.py sample` would, to fit a reward to.
"""

import argparse
import json
import random
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from writer import verdicts, writer

from agents import compose
from agents.drafting import WARM
from agents.dropping import failing
from agents.events import Quoted
from agents.models.base import Message, Sampling, together
from agents.models.llama import LlamaModel
from agents.revising import ANSWER_TOKENS
from app.evaluation.answers import holds
from app.feedback.folder import MANIFEST, SCHEMA
from app.house import House
from app.learning.held_out import quotes_in
from app.learning.writing import public
from app.learning.writing.examples import Example
from app.settings import load

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
SEED = 2026
WORDS = 130
"""Words of the quotes of a question at most: what is longer takes long to learn from."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its quotes and prompt, and what a good draft holds."""

    question: str
    answer: str
    prompt: tuple[Message, ...]
    quotes: tuple[Quoted, ...]


def asked(data: Path, count: int) -> list[Asked]:
    """Draw questions of titles that may be learned from, with the quotes that they are dealt."""
    known = [one for one in public.asked(data) if not public.kept_aside(one.title)]
    answers = {one.question: one.answer for one in known}
    once = Counter(one.question for one in known)
    known = [one for one in known if once[one.question] == 1]
    found = [_asked(one, answers) for one in public.examples(known, SEED) if one.kind == "prose"]
    short = [one for one in found if sum(len(q.text.split()) for q in one.quotes) <= WORDS]
    return random.Random(SEED).sample(short, min(count, len(short)))


def _asked(one: Example, answers: dict[str, str]) -> Asked:
    quotes = tuple(
        Quoted(number, "", title, title, text, 0, len(text))
        for number, (text, title) in enumerate(quotes_in(one.prompt), start=1)
    )
    return Asked(one.group, answers[one.group], one.prompt, quotes)


def sample(told: argparse.Namespace) -> None:
    """Write and judge drafts for every question that has none yet."""
    known = {row["question"] for row in rows(told.out)}
    with tempfile.TemporaryDirectory() as place:
        model = writer(Path(place), told.adapter)
        house = House(load(Path(place), {}, {}))
        for one in asked(told.data, told.questions):
            if one.question in known:
                continue
            row = _drafted(one, model, house, told)
            with told.out.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
        model.close()
        house.close()


def _drafted(
    one: Asked, model: LlamaModel, house: House, told: argparse.Namespace
) -> dict[str, Any]:
    greedy = Sampling(
        ANSWER_TOKENS, grammar=compose.write_grammar(one.quotes, "prose"), prefix="write",
        adapter="write" if told.adapter else "",
    )  # fmt: skip
    warm = [replace(greedy, temperature=WARM, seed=seed) for seed in range(1, told.drafts)]
    replies = together(model, one.prompt, [greedy, *warm])
    texts = dict.fromkeys(reply.text for reply in replies if reply.finish == "stop")
    drafts = []
    for text in texts:
        draft = compose.draft(text, one.question, one.quotes, "prose")
        bad = len(failing(verdicts(one.quotes, draft, house)))
        drafts.append({
            "reply": text, "failing": bad, "gold": holds(draft, one.answer),
            "greedy": text == replies[0].text,
        })  # fmt: skip
    prompt = [{"role": turn.role, "content": turn.content} for turn in one.prompt]
    return {"question": one.question, "answer": one.answer, "prompt": prompt, "drafts": drafts}


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """What was written before."""
    if path.exists():
        yield from map(json.loads, filter(None, path.read_text("utf-8").split("\n")))


def pair(drafts: Sequence[dict[str, Any]]) -> tuple[str, str] | None:
    """The good and the bad draft that are nearest in length; None where there is no such pair."""
    good = [one["reply"] for one in drafts if one["gold"] and not one["failing"]]
    bad = [one["reply"] for one in drafts if not one["gold"] or one["failing"]]
    both = [(first, second) for first in good for second in bad]
    return min(both, key=lambda one: abs(len(one[0]) - len(one[1])), default=None)


def export(source: Path, folder: Path) -> None:
    """Write the pairs as `vouch feedback export --format trl` would."""
    every = list(rows(source))
    told = [(row, found) for row in every if (found := pair(row["drafts"]))]
    folder.mkdir(parents=True)
    with (folder / "train.jsonl").open("w", encoding="utf-8") as file:
        for row, (good, bad) in told:
            sides = {"chosen": good, "rejected": bad}
            said = {name: [{"role": "assistant", "content": text}] for name, text in sides.items()}
            file.write(json.dumps({"prompt": row["prompt"], **said}) + "\n")
    manifest = {"schema": SCHEMA, "format": "trl", "licence": "CC BY-SA 4.0"}
    (folder / MANIFEST).write_text(json.dumps(manifest))
    drafts = [one for row in every for one in row["drafts"]]
    held, failed = (sum(bool(one[key]) for one in drafts) for key in ("gold", "failing"))
    first = [one for one in drafts if one["greedy"]]
    print(
        f"{len(every)} questions, {len(drafts)} different drafts: {held} hold the gold answer, in "
        f"{failed} something fails; of the greedy ones {sum(one['gold'] for one in first)} hold it."
        f" {len(told)} pairs"
    )


def drafts(source: Path, out: Path, count: int) -> None:
    """Write drafts as `reward.py` reads them."""
    with out.open("w", encoding="utf-8") as file:
        for number, row in enumerate(islice(rows(source), count)):
            prompt = [Message(turn["role"], turn["content"]) for turn in row["prompt"]]
            every = enumerate(quotes_in(prompt), start=1)
            quotes = [Quoted(n, "", title, title, text, 0, len(text)) for n, (text, title) in every]
            texts = [
                compose.draft(one["reply"], row["question"], quotes, "prose")
                for one in row["drafts"]
            ]
            told = {
                "set": "learned from", "id": str(number), "half": "tune",
                "question": row["question"], "golds": [row["answer"]], "style": "prose",
                "drafts": texts, "quotes": [[one.number, one.title, one.text] for one in quotes],
            }  # fmt: skip
            file.write(json.dumps(told) + "\n")


def main() -> None:
    """Carry out one of the three."""
    parser = argparse.ArgumentParser()
    parts = parser.add_subparsers(dest="part", required=True)
    one = parts.add_parser("sample")
    one.add_argument("--out", type=Path, required=True)
    one.add_argument("--questions", type=int, default=300)
    one.add_argument("--drafts", type=int, default=4)
    one.add_argument("--adapter", default="")
    one.add_argument("--data", type=Path, default=DATA)
    two = parts.add_parser("export")
    two.add_argument("source", type=Path)
    two.add_argument("folder", type=Path)
    three = parts.add_parser("drafts")
    three.add_argument("source", type=Path)
    three.add_argument("out", type=Path)
    three.add_argument("--questions", type=int, default=150)
    told = parser.parse_args()
    if told.part == "sample":
        sample(told)
    elif told.part == "export":
        export(told.source, told.folder)
    else:
        drafts(told.source, told.out, told.questions)


if __name__ == "__main__":
    main()
