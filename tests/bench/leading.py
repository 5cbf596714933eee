"""How likely must a sentence be to answer for it to stand before its quotes?

    python tests/bench/leading.py --out FILE [--questions 60]

Questions of XQuAD (English) from tune titles that the shipped adapter was kept from, drawn with a
fixed seed. The guided policy quotes, the embedded model with the adapter writes, greedily; drafts
are kept in --out and not written again. Prints, for limits of the odds, how many sentences reach
them and the share of those that hold a gold answer: `agents.answering.LEADING` was chosen by it.
"""

import argparse
import json
import random
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from browse import CONTEXT, STEPS, Browsing
from demonstrations import DATA, titles
from writer import rows, writer

from agents import answering, compose, view
from agents.events import Asked, Limits, Quoted
from agents.guesses import guesses
from agents.kit import Kit
from agents.models.base import Reply, Sampling
from agents.models.llama import LlamaModel
from agents.revising import ANSWER_TOKENS
from app.adapters import SHIPPED
from app.assistant import Stopwatch
from app.evaluation.answer_sets import Reading, load
from app.evaluation.answers import holds
from app.learning.browsed import browsed
from app.learning.writing.public import clean, kept_aside
from plugins.registry import Registry

SEED = 5
LIMITS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6)


def drawn(count: int) -> list[Reading]:
    """Draw questions of titles that the adapter was kept from."""
    title = titles()
    free = [
        one
        for one in load("xquad-en", DATA).readings
        if clean(title[one.id]) and kept_aside(title[one.id])
    ]
    pool = sorted(free, key=lambda one: one.id)
    return random.Random(SEED).sample(pool, min(count, len(pool)))


def quotes(one: Reading, browsing: Browsing) -> Sequence[Quoted]:
    """What the guided policy quotes."""
    limits = Limits(steps=STEPS)
    start = Asked(one.question, "guided", browsing.model.name, context=CONTEXT, limits=limits)
    kit = Kit(
        browsing.model, browsing.shelf, browsing.scorer, Registry({}), Stopwatch(),
        threading.Event(),
    )  # fmt: skip
    return view.quotes(browsed(start, kit))


def written(one: Reading, kept: Sequence[Quoted], model: LlamaModel) -> dict[str, Any]:
    """The draft, the odds that it answers, and whether it holds a gold answer."""
    grammar = compose.write_grammar(kept, "prose")
    sampling = Sampling(ANSWER_TOKENS, grammar=grammar, prefix="write", adapter="write")
    *_, reply = model.reply(compose.write_prompt(one.question, kept, "prose"), sampling)
    assert isinstance(reply, Reply)
    text = compose.draft(reply.text, one.question, kept, "prose")
    found = guesses(one.question, [quote.text for quote in kept])
    return {
        "id": one.id,
        "draft": text,
        "odds": answering.odds(text, one.question, found),
        "right": any(holds(text, gold) for gold in one.golds),
    }


def table(found: Sequence[dict[str, Any]]) -> str:
    """Limits, how many sentences reach each, and the share of them that hold a gold answer."""
    lines = ["| odds | sentences | hold the answer |", "|---|---|---|"]
    for limit in LIMITS:
        some = [one["right"] for one in found if one["odds"] >= limit]
        lines.append(f"| {limit} | {len(some)} | {sum(some) / max(1, len(some)):.2f} |")
    return "\n".join(lines)


def main() -> None:
    """Write what is not written yet, print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--questions", type=int, default=60)
    parser.add_argument("--out", type=Path, required=True)
    told = parser.parse_args()
    done = {row["id"]: row for row in rows(told.out)}
    with tempfile.TemporaryDirectory() as place:
        browsing = Browsing(Path(place), "")
        model = writer(Path(place), str(SHIPPED / "write.gguf"))
        for one in drawn(told.questions):
            kept = () if one.id in done else quotes(one, browsing)
            if kept:
                done[one.id] = written(one, kept, model)
                with told.out.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(done[one.id]) + "\n")
        model.close()
        browsing.model.close()
    print(table(list(done.values())))


if __name__ == "__main__":
    main()
