"""`vouch learn evaluate`: a candidate against what is in use, on questions neither learned from."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ui.commands.learning_shown import minutes, read_so_far
from ui.escape import json_text
from ui.figures_shown import compared, tables, verdict
from ui.house_port import Visit
from ui.lines import line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.adapters import Job
    from app.learning.candidates import Candidates, Card
    from app.learning.evaluating import Progress, Task
    from app.options import Settings

TOLD = 10
"""Answers from one line of progress to the next, where the screen cannot be drawn over."""


def evaluate(visit: Visit) -> int:
    """Measure in this process, put the figures on the card, and say what they come to."""
    from app.learning.candidates import Candidates
    from app.learning.evaluating import ANSWERS, put, told_of
    from app.learning.evaluating import evaluate as measure
    from app.learning.releasing import SHIPPED, in_use
    from app.learning.sides import shipped_name, sides
    from app.learning.writing.house import yielding

    asked = visit.arguments
    yielding()
    models = _settings(visit, {}).home / "models"
    candidates = Candidates(models)
    card = candidates.find(_name(visit, candidates))
    opponent = asked.opponent or in_use(candidates, card.kind)
    if card.kind == "reward":
        return _reward(visit, candidates, card, opponent)
    names = (card.name, opponent)
    both = sides(lambda more: _settings(visit, more), card.kind, names)
    task = _task(visit, card.kind, candidates, names)
    result = measure(both, task, models / ANSWERS, lambda progress: _progressed(visit, progress))
    visit.screen.settle()
    told = told_of(result, task, date.today().isoformat())
    told[SHIPPED] = shipped_name(_settings(visit, {}), card.kind)
    put(candidates, *result.names, told)
    if asked.json:
        visit.screen.raw(json_text({"names": result.names, **told}))
        return 0
    visit.screen.raw(tables(result))
    visit.screen.show([*compared(result.names, result.figures), *verdict(card, result.figures)])
    return 0


def _reward(visit: Visit, candidates: "Candidates", card: "Card", opponent: str) -> int:
    from app.house import build
    from app.learning.evaluating import put
    from app.learning.figures import Figure
    from app.learning.rewards import rivals

    asked = visit.arguments
    folders = [Path(one).expanduser() for one in asked.data or ()]
    house = build(_settings(visit, {}))
    try:
        told = rivals(
            house, candidates, card, opponent, folders, lambda one: read_so_far(visit, one)
        )
    finally:
        house.close()
    visit.screen.settle()
    told["on"] = date.today().isoformat()
    put(candidates, card.name, opponent, told)
    names = (card.name, opponent)
    if asked.json:
        visit.screen.raw(json_text({"names": names, **told}))
        return 0
    figures = {name: Figure(**one) for name, one in told["figures"].items()}
    visit.screen.show([*compared(names, figures), *verdict(card, figures)])
    return 0


def _name(visit: Visit, candidates: "Candidates") -> str:
    """The name of the candidate; what comes with the program to write is made one."""
    from app.learning.releasing import SHIPPED, in_use
    from app.learning.sides import model_here
    from app.learning.unpacking import unpacked
    from retrieval.errors import UserError

    name: str = visit.arguments.candidate
    if name != SHIPPED:
        return name
    if (visit.arguments.opponent or in_use(candidates, "write")) == SHIPPED:
        raise UserError(
            "what comes with the program is in use: there is nothing to compare",
            cure="name the other side: vouch learn evaluate shipped none",
        )
    return unpacked(candidates, "write", model_here(_settings(visit, {})))


def _settings(visit: Visit, more: "Mapping[str, str]") -> "Settings":
    from app.settings import load

    return load(visit.choice.home, overrides={**dict(visit.choice.overrides), **more})


def _task(visit: Visit, job: "Job", candidates: "Candidates", names: tuple[str, str]) -> "Task":
    from app.learning.sides import known_sets, learned, task
    from ui.commands.evaluate import chosen
    from ui.grammar.learning_judging import DATA

    asked = visit.arguments
    folders = [Path(one).expanduser() for one in asked.data or [DATA]]
    sets = chosen(asked.sets, known_sets(), "question set")
    known = learned(candidates, job, names)
    return task(job, folders, sets, known, asked.questions, asked.attacks, asked.prose)


def _progressed(visit: Visit, progress: "Progress") -> None:
    left = "" if progress.left is None else f", about {minutes(progress.left)} left"
    told = line(f"answer {progress.done:,} of {progress.of:,}, {progress.what}{left}")
    if progress.begins:
        visit.screen.step(line((f"getting {progress.what} ready ...", "dim")))
    elif visit.screen.live:
        visit.screen.bar(progress.done / progress.of, told)
    elif progress.done % TOLD == 0:
        visit.screen.step(line((told.text, "dim")))
