"""`vouch learn verifier`: trains the verifier in this process, without the engine."""

from dataclasses import asdict
from pathlib import Path

from ui.commands.learning_shown import planned, progressed
from ui.escape import json_text
from ui.house_port import Visit
from ui.lines import counted, line

TOLD = 25
"""Steps from one line of progress to the next, where the screen cannot be drawn over."""


def verifier(visit: Visit) -> int:
    """Say what it will take, train, and say how to use what was learned."""
    from app.house import MODELS
    from app.learning.recipe import Recipe
    from app.learning.verifier import Learning
    from app.settings import load

    asked = visit.arguments
    models = load(visit.choice.home, overrides=dict(visit.choice.overrides)).home / MODELS
    recipe = Recipe(seed=asked.seed, steps=asked.steps)
    visit.screen.step(line(("reading the sets ...", "dim")))
    learning = Learning(Path(asked.data).expanduser(), models, recipe)
    if learning.done:
        return _told(visit, learning.folder)
    visit.screen.step(*planned(learning.plan(), "pair"))
    for progress in learning.run():
        progressed(visit, progress, "pairs", TOLD)
    visit.screen.settle()
    learning.finish()
    return _told(visit, learning.folder)


def _told(visit: Visit, folder: Path) -> int:
    from app.verifier.packed import card

    made = card(folder)
    if visit.arguments.json:
        visit.screen.raw(json_text({"folder": str(folder), "card": asdict(made)}))
        return 0
    aside = made.about["kept aside"]
    visit.screen.show(
        [
            line(("learned: ", "good"), str(folder)),
            line(
                f"right on {aside['accuracy']:.1%} of {counted(aside['pairs'], 'pair')} kept aside"
            ),
            line((f"use it with: vouch config set check.verifier {folder}", "dim")),
        ]
    )
    return 0
