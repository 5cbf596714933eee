"""The writer alone: given the paragraph that holds the answer as its one quote, what does it write?

    python tests/bench/writer.py [--questions 60] [--half report] [--adapter FILE.gguf] [--out FILE]

Questions are drawn with a fixed seed from XQuAD (English), from titles of the report half by both
splits in use, or (--half tune) from those that the adapter was kept from. Drafts are greedy and
bound by the grammar of answers; they are judged by the self-check as it is, before any repair.
Finished questions are kept in --out and not written again. Prints one line of a Markdown table.
"""

import argparse
import json
import random
import tempfile
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.check.round import check
from agents.claims import split
from agents.compose import draft, write_grammar, write_prompt
from agents.dropping import failing
from agents.events import Event, Quoted, Verdict
from agents.models.base import Reply, Sampling
from agents.models.convert import to_f16
from agents.models.llama import LlamaModel
from agents.revising import ANSWER_TOKENS
from app.evaluation.answers import f1, first_sentence, holds
from app.evaluation.sets import half
from app.house import House
from app.learning.pairs import tuned_on
from app.learning.writing.public import clean, kept_aside
from app.prepare import shipped_file
from app.scoring import EmbeddingScorer
from app.settings import load
from app.verifier.embedded import EmbeddedVerifier

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "xquad" / "xquad.en.json"
SEED = 2026


@dataclass(frozen=True, slots=True)
class Asked:
    id: str
    question: str
    quote: Quoted
    golds: tuple[str, ...]


def asked(wanted: str, count: int) -> list[Asked]:
    """Draw questions of one half with the fixed seed."""
    found = []
    for article in json.loads(DATA.read_text("utf-8"))["data"]:
        title = article["title"]
        report = half(title) == "report" and not tuned_on(title)
        if not (report if wanted == "report" else clean(title) and kept_aside(title)):
            continue
        for paragraph in article["paragraphs"]:
            text = " ".join(paragraph["context"].split())
            quote = Quoted(1, "d", title, title.replace("_", " "), text, 0, len(text))
            for one in paragraph["qas"]:
                golds = tuple(sorted({answer["text"] for answer in one["answers"]}))
                found.append(Asked(one["id"], one["question"], quote, golds))
    pool = sorted(found, key=lambda one: one.id)
    return random.Random(SEED).sample(pool, min(count, len(pool)))


def writer(folder: Path, adapter: str) -> LlamaModel:
    """The embedded model at 16 bits, with an adapter over it if one is named."""
    file = folder / "model.gguf"
    to_f16(shipped_file(), file)
    return LlamaModel(file, threads=1, adapters={"write": Path(adapter)} if adapter else {})


def written(one: Asked, model: LlamaModel, adapter: str) -> dict[str, Any]:
    """Write a draft, and tell how long it took."""
    grammar = write_grammar([one.quote], "prose")
    sampling = Sampling(
        ANSWER_TOKENS, grammar=grammar, prefix="write", adapter="write" if adapter else ""
    )
    began = time.monotonic()
    *_, reply = model.reply(write_prompt(one.question, [one.quote], "prose"), sampling)
    assert isinstance(reply, Reply)
    text = draft(reply.text, one.question, [one.quote], "prose")
    return {"id": one.id, "draft": text, "seconds": time.monotonic() - began}


def verdicts(quotes: Sequence[Quoted], text: str, house: House) -> tuple[Verdict, ...]:
    """What the self-check rules of a draft over these quotes."""
    scorer, verifier = EmbeddingScorer(house.embedder), EmbeddedVerifier()
    return _value(check(split(text), quotes, scorer, 0, verifier=verifier))


def _value(steps: Generator[Event, None, tuple[Verdict, ...]]) -> tuple[Verdict, ...]:
    while True:
        try:
            next(steps)
        except StopIteration as ended:
            return tuple(ended.value)


def rows(path: Path | None) -> Iterator[dict[str, Any]]:
    """What was written before."""
    if path and path.exists():
        yield from map(json.loads, path.read_text("utf-8").splitlines())


def table(every: list[Asked], drafts: dict[str, dict[str, Any]], house: House) -> str:
    """One line: gold in answer, F1, claims, share failing, answers without one, words, seconds."""
    held = scores = claims = failed = whole = words = 0.0
    for one in every:
        text = drafts[one.id]["draft"]
        ruled = verdicts([one.quote], text, house)
        bad = len(failing(ruled))
        held += any(holds(text, gold) for gold in one.golds)
        scores += max(f1(first_sentence(text), gold) for gold in one.golds)
        claims, failed, whole = claims + len(ruled), failed + bad, whole + (not bad)
        words += len(text.split())
    n, spent = len(every), sum(drafts[one.id]["seconds"] for one in every)
    return (
        f"| {n} | {held / n:.3f} | {scores / n:.3f} | {claims:.0f} | {failed / claims:.3f} "
        f"| {whole / n:.3f} | {words / n:.0f} | {spent / n:.1f} |"
    )


def main() -> None:
    """Write what is not written yet, judge all, print the line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--questions", type=int, default=60)
    parser.add_argument("--half", choices=("tune", "report"), default="report")
    parser.add_argument("--adapter", default="")
    parser.add_argument("--out", type=Path)
    told = parser.parse_args()
    every = asked(told.half, told.questions)
    drafts = {row["id"]: row for row in rows(told.out)}
    with tempfile.TemporaryDirectory() as place:
        model = writer(Path(place), told.adapter)
        for one in every:
            if one.id not in drafts:
                drafts[one.id] = written(one, model, told.adapter)
                if told.out:
                    with told.out.open("a", encoding="utf-8") as file:
                        file.write(json.dumps(drafts[one.id]) + "\n")
        model.close()
        print(table(every, drafts, House(load(Path(place), {}, {}))))


if __name__ == "__main__":
    main()
