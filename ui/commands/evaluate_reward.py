"""`vouch eval reward`: how often a reward prefers what was preferred, on public sets."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.errors import UserError
from ui.commands.evaluate import chosen
from ui.commands.learn_reward import accuracies
from ui.escape import json_text
from ui.house_port import Visit
from ui.lines import line

if TYPE_CHECKING:
    from app.learning.candidates import Candidates
    from app.learning.reward.measuring import Measured


def evaluate_reward(visit: Visit) -> int:
    """Measure in this process the candidate that is named, or the one in use."""
    from app.evaluation.preferences import SETS, load
    from app.evaluation.rewards import compared
    from app.house import MODELS, build
    from app.learning.candidates import Candidates
    from app.learning.reward.house import readers
    from app.learning.reward.ranker import opened
    from app.settings import load as load_settings

    asked = visit.arguments
    names = chosen(asked.sets, list(SETS), "set of preferences")
    settings = load_settings(visit.choice.home, overrides=dict(visit.choice.overrides))
    candidates = Candidates(settings.home / MODELS)
    name = _name(candidates, asked.candidate)
    reward = opened(candidates, candidates.find(name))
    given = {one: load(one, Path(asked.data).expanduser(), asked.most) for one in names}
    house = build(settings)
    try:
        reader = readers(house).reader
        found = {
            one: compared(pairs, reward, reader, lambda at, of, one=one: _tell(visit, one, at, of))  # type: ignore[misc]
            for one, pairs in given.items()
        }
    finally:
        house.close()
    visit.screen.settle()
    return _told(visit, name, found)


def _name(candidates: "Candidates", named: str | None) -> str:
    card = candidates.find(named) if named else candidates.released("reward")
    if card is None:
        raise UserError(
            "there is no reward in use", cure="name one with --candidate; vouch learn status lists"
        )
    if card.kind != "reward":
        raise UserError(f"{card.name} is no reward", origin="--candidate", cure="name another one")
    return card.name


def _tell(visit: Visit, name: str, at: int, of: int) -> None:
    visit.screen.status(line((f"{name}: {at:,} of {of:,} comparisons", "dim")), f"{name} {at}")


def _told(visit: Visit, name: str, found: "dict[str, Measured]") -> int:
    if visit.arguments.json:
        sets = {one: asdict(measured) for one, measured in found.items()}
        visit.screen.raw(json_text({"candidate": name, "sets": sets}))
        return 0
    for one, measured in found.items():
        told = f": {measured.pairs:,} pairs about {measured.prompts:,} questions, by {name}"
        visit.screen.show([line((one, "bold"), told), *accuracies(asdict(measured))])
    return 0
