"""Runs of the guided policy on public questions, written as examples for `vouch learn browse`.

    python tests/bench/demonstrations.py --out FOLDER [--questions N]

Questions of XQuAD (English) from titles of the tune half by both splits in use, without those kept
aside, over a library of their paragraphs. A run is kept if one of its quotes holds a gold answer.
The folder has the format "sft"; it is written once, at the end.
"""

import argparse
import datetime
import hashlib
import json
import random
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from agents import view
from agents.events import Asked, Limits
from agents.kit import Kit
from app.assistant import Stopwatch
from app.evaluation.answer_sets import Reading, ReadingSet, load
from app.evaluation.systems import Means, Shelf
from app.feedback.folder import MANIFEST, SCHEMA, write_folder
from app.house import House
from app.learning.browsed import browsed
from app.learning.demonstrations import demonstrations
from app.learning.writing.examples import Example
from app.learning.writing.given import SFT, TRAIN
from app.learning.writing.public import SETS, clean, kept_aside
from app.scoring import EmbeddingScorer
from app.settings import load as settings
from plugins.registry import Registry
from retrieval.cross import reranker

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
FILE = "xquad/xquad.en.json"
SEED = 2026


def titles() -> dict[str, str]:
    """The title of each question, by its id."""
    articles = json.loads((DATA / FILE).read_text("utf-8"))["data"]
    return {
        str(item["id"]): article["title"]
        for article in articles
        for paragraph in article["paragraphs"]
        for item in paragraph["qas"]
    }


def chosen(given: ReadingSet, count: int) -> list[Reading]:
    """Draw the questions with a fixed seed."""
    title = titles()
    free = [one for one in given.readings if clean(title[one.id]) and not kept_aside(title[one.id])]
    pool = sorted(free, key=lambda one: one.id)
    return random.Random(SEED).sample(pool, min(count, len(pool)))


def shelved(given: ReadingSet, house: House, folder: Path) -> tuple[Shelf, EmbeddingScorer]:
    """A library of the paragraphs that may be learned from."""
    library = house.settings.library
    again = reranker(library.reranker, house.embedder, library.device)
    scorer = EmbeddingScorer(house.embedder)
    means = Means(house.model(), scorer, house.embedder, Asked("?"), reranker=again)
    documents = [one for one in given.documents if clean(one.source.partition("/")[0])]
    return Shelf(documents, means, folder / "words"), scorer


def examples(count: int, home: Path) -> list[Example]:
    """Run the guided policy, and keep the steps of the runs that found the answer."""
    given = load("xquad-en", DATA)
    house = House(settings(home, {}, {}))
    shelf, scorer = shelved(given, house, home)
    name = house.model().name
    asked = chosen(given, count)
    made: list[Example] = []
    for at, reading in enumerate(asked, start=1):
        start = Asked(reading.question, "guided", name, context=4096, limits=Limits(steps=12))
        kit = Kit(house.model(), shelf, scorer, Registry({}), Stopwatch(), threading.Event())
        events = browsed(start, kit)
        texts = [quote.text for quote in view.quotes(events)]
        if any(gold in text for gold in reading.golds for text in texts):
            made += demonstrations(events, FILE)
        print(f"{at} of {len(asked)}: {len(made)} steps", file=sys.stderr, flush=True)
    return made


def row(one: Example) -> dict[str, Any]:
    """An example in TRL's conversational prompt-completion format."""
    turns = [{"role": turn.role, "content": turn.content} for turn in one.prompt]
    return {"prompt": turns, "completion": [{"role": "assistant", "content": one.reply}]}


def main() -> None:
    """Make the folder."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--questions", type=int, default=250)
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        made = examples(told.questions, Path(place))
    text = "".join(json.dumps(row(one), ensure_ascii=False) + "\n" for one in made)
    digest = hashlib.sha256(text.encode()).hexdigest()
    source = hashlib.sha256((DATA / FILE).read_bytes()).hexdigest()
    manifest = {
        "schema": SCHEMA, "version": 1, "format": SFT, "licence": SETS[FILE],
        "made": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        "files": {TRAIN: {"bytes": len(text.encode()), "sha256": digest}},
        "report": {"questions": told.questions, "rows": len(made), "source": {FILE: source}},
    }  # fmt: skip
    write_folder(told.out, {TRAIN: text, MANIFEST: json.dumps(manifest, indent=1)}, force=False)
    print(f"{len(made)} steps in {told.out}")


if __name__ == "__main__":
    main()
