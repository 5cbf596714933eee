"""`vouch learn verifier`: trains the verifier in this process, without the engine."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from ui.escape import json_text
from ui.house_port import Visit
from ui.lines import Line, counted, line

if TYPE_CHECKING:
    from app.learning.training import Progress
    from app.learning.verifier import Plan

TOLD = 25
"""Steps from one line of progress to the next, where the screen cannot be drawn over."""


def learn(visit: Visit) -> int:
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
    visit.screen.step(*_planned(learning.plan()))
    for progress in learning.run():
        _show(visit, progress)
    visit.screen.settle()
    learning.finish()
    return _told(visit, learning.folder)


def _planned(plan: "Plan") -> list[Line]:
    begun = f", {plan.step:,} of them done" if plan.step else ""
    return [
        line(f"{counted(plan.pairs, 'pair')}, {counted(plan.steps, 'step')}{begun}"),
        line(
            f"about {_minutes(plan.seconds)} on this machine, {plan.bytes / 1e9:.1f} GB of memory"
        ),
        line(("stop it whenever you like: the same command goes on from there", "dim")),
    ]


def _show(visit: Visit, progress: "Progress") -> None:
    told = (
        f"step {progress.step:,} of {progress.steps:,}, loss {progress.loss:.3f}, "
        f"{progress.pace:.1f} pairs/s, {_minutes(progress.left)} left"
    )
    if visit.screen.live:
        visit.screen.bar(progress.step / progress.steps, line(told))
    elif progress.step % TOLD == 0:
        visit.screen.step(line((told, "dim")))


def _minutes(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} hours"


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
