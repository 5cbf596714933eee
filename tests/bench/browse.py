"""Who browses: the guided policy, the embedded model as it is, the model with an adapter over it?

    python tests/bench/browse.py [--questions 20] [--half report] [--policy guided|model]
        [--adapter FILE.gguf] [--out FILE]

Questions are drawn with a fixed seed from XQuAD (English), from titles of the report half by both
splits in use, or (--half tune) from those that the adapter was kept from; the library holds all 240
paragraphs. Whatever browses, the same rules write the answer from what was quoted. Finished
questions are kept in --out and not asked again. Prints one line of a Markdown table: questions,
share with a quote that holds a gold answer, share of answers that do, declined, share of
the model's actions that were legal, steps and seconds of a question.
"""

import argparse
import json
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from writer import Asked as Question
from writer import asked, rows

from agents import view
from agents.events import Acted, Answered, Asked, Event, Limits, Refused, Slipped
from agents.guided import GuidedPolicy
from agents.kit import Kit
from agents.loop import run
from agents.policy import ModelPolicy
from app.assistant import Stopwatch
from app.evaluation.answer_sets import load
from app.evaluation.answers import holds
from app.evaluation.systems import Means, Shelf
from app.house import House
from app.scoring import EmbeddingScorer
from app.settings import load as settings
from plugins.registry import Registry
from retrieval.cross import reranker

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
CONTEXT, STEPS, SECONDS = 4096, 12, 240


class Browsing:
    """A library of the paragraphs, and what a run needs beside it."""

    def __init__(self, folder: Path, adapter: str) -> None:
        chosen = {"adapters.browse": adapter or "none", "adapters.write": "none"}
        house = House(settings(folder, {}, chosen))
        library = house.settings.library
        again = reranker(library.reranker, house.embedder, library.device)
        self.model = house.model()
        self.scorer = EmbeddingScorer(house.embedder)
        means = Means(self.model, self.scorer, house.embedder, Asked("?"), reranker=again)
        self.shelf = Shelf(load("xquad-en", DATA).documents, means, folder / "words")

    def ask(self, one: Question, policy: str) -> dict[str, Any]:
        """Run one question, and tell what became of it."""
        limits = Limits(steps=STEPS, seconds=SECONDS)
        start = Asked(one.question, policy, self.model.name, context=CONTEXT, limits=limits)
        kit = Kit(self.model, self.shelf, self.scorer, Registry({}), Stopwatch(), threading.Event())
        events: list[Event] = [start]
        began = time.monotonic()
        for _ in run(events, kit, ModelPolicy() if policy == "model" else GuidedPolicy()):
            pass
        return {"id": one.id, "seconds": time.monotonic() - began, **_told(events, one.golds)}


def _told(events: Sequence[Event], golds: Sequence[str]) -> dict[str, Any]:
    answered = view.answered(events)
    assert isinstance(answered, Answered), events[-1]
    shown = answered.answer
    quotes = [quote.text for quote in view.quotes(events)]
    wrong = sum(isinstance(event, Refused | Slipped) for event in events)
    acts = sum(isinstance(event, Acted) for event in events)
    slips = sum(isinstance(event, Slipped) for event in events)
    return {
        "quoted": any(gold in text for gold in golds for text in quotes),
        "right": shown.outcome != "declined" and any(holds(shown.text, gold) for gold in golds),
        "declined": shown.outcome == "declined",
        "legal": acts + slips - wrong,
        "tried": acts + slips,
        "steps": view.spent(events).steps,
    }


def table(found: Sequence[dict[str, Any]]) -> str:
    """One line of the table."""
    n = len(found)
    shares = [sum(one[key] for one in found) / n for key in ("quoted", "right", "declined")]
    legal = sum(one["legal"] for one in found) / max(1, sum(one["tried"] for one in found))
    means = [sum(one[key] for one in found) / n for key in ("steps", "seconds")]
    told = " | ".join(f"{share:.3f}" for share in (*shares, legal))
    return f"| {n} | {told} | " + " | ".join(f"{mean:.1f}" for mean in means) + " |"


def main() -> None:
    """Ask what was not asked yet, print the line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--questions", type=int, default=20)
    parser.add_argument("--half", choices=("tune", "report"), default="report")
    parser.add_argument("--policy", choices=("guided", "model"), default="model")
    parser.add_argument("--adapter", default="")
    parser.add_argument("--out", type=Path)
    told = parser.parse_args()
    done = {row["id"]: row for row in rows(told.out)}
    every = asked(told.half, told.questions)
    with tempfile.TemporaryDirectory() as place:
        browsing = Browsing(Path(place), told.adapter)
        for one in every:
            if one.id not in done:
                done[one.id] = browsing.ask(one, told.policy)
                if told.out:
                    with told.out.open("a", encoding="utf-8") as file:
                        file.write(json.dumps(done[one.id]) + "\n")
        browsing.model.close()
    print(table([done[one.id] for one in every]))


if __name__ == "__main__":
    main()
