"""`vouch learn write` and `vouch learn browse`: an adapter, trained in a process of its own."""

import warnings
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from ui.commands.learning_shown import planned, progressed
from ui.escape import json_text
from ui.house_port import Visit
from ui.lines import counted, line

if TYPE_CHECKING:
    from app.learning.candidates import Card
    from app.learning.writing.given import Method
    from app.learning.writing.learning import Learning, What


def write(visit: Visit) -> int:
    """Learn to write answers."""
    return _learn(visit, "write")


def browse(visit: Visit) -> int:
    """Learn to choose the next step of browsing."""
    return _learn(visit, "browse")


def _learn(visit: Visit, what: "What") -> int:
    from app.learning.language.weights import require
    from app.learning.writing.house import yielding

    require()
    yielding()
    # What a library will call otherwise one day is nothing that a user can mend.
    warnings.simplefilter("ignore", FutureWarning)
    visit.screen.step(line(("reading the data ...", "dim")))
    learning = _learning(visit, what)
    if not learning.done:
        visit.screen.step(line(("loading the model ...", "dim")))
        visit.screen.step(*planned(learning.plan(), "example"))
        for progress in learning.run():
            progressed(visit, progress, "examples")
        visit.screen.settle()
        learning.finish()
    return _told(visit, learning.folder, learning.card())


def _learning(visit: Visit, what: "What") -> "Learning":
    from app.learning.writing.house import learning, recipe
    from app.settings import load

    asked = visit.arguments
    settings = load(visit.choice.home, overrides=dict(visit.choice.overrides))
    folders = [Path(one).expanduser() for one in asked.data]
    method: Method = getattr(asked, "method", "sft")
    chosen = recipe(what, asked.steps, asked.seed)
    return learning(settings, folders, what, method, chosen, asked.after or "")


def _told(visit: Visit, folder: Path, card: "Card") -> int:
    from app.learning.candidates import ADAPTER

    if visit.arguments.json:
        visit.screen.raw(json_text({"folder": str(folder), "card": asdict(card)}))
        return 0
    setting = f"adapters.{card.kind}"
    rows = sum(int(one["rows"]) for one in card.data.values())
    visit.screen.show(
        [
            line(("learned: ", "good"), card.name),
            line(f"from {counted(rows, 'row')} of {counted(len(card.data), 'file')}; {folder}"),
            line((f"use it with: vouch config set {setting} {folder / ADAPTER}", "dim")),
        ]
    )
    return 0
