"""`vouch eval`: the tables of every ranking, of the self-check, of whole systems, of a reward."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.errors import UserError
from ui.curves import Panel, drawing
from ui.escape import json_text
from ui.evaluation import plain, table
from ui.house_port import Visit
from ui.lines import line

if TYPE_CHECKING:
    from app.evaluation.retrieval import Measured

CACHE = "evaluation"


def evaluate(visit: Visit) -> int:
    """Measure in this process, with the models of the settings."""
    if visit.arguments.part == "check":
        from ui.commands.evaluate_check import evaluate_check

        return evaluate_check(visit)
    if visit.arguments.part == "answers":
        from ui.commands.evaluate_answers import answers

        return answers(visit)
    if visit.arguments.part == "reward":
        from ui.commands.evaluate_reward import evaluate_reward

        return evaluate_reward(visit)
    return _evaluate_retrieval(visit)


def _evaluate_retrieval(visit: Visit) -> int:
    from app.evaluation.loaders import SETS

    names = chosen(visit.arguments.sets, list(SETS), "question set")
    found = _measured(visit, names)
    if visit.arguments.json:
        visit.screen.raw(json_text({"sets": [plain(one) for one in found]}))
    else:
        visit.screen.raw(table(found))
    return 0


def chosen(given: str | None, known: list[str], noun: str, origin: str = "--sets") -> list[str]:
    """Return what was named, or all; `UserError` for one that there is not."""
    names = list(filter(None, (name.strip() for name in (given or "").split(",")))) or known
    for name in names:
        if name not in known:
            raise UserError(
                f"there is no {noun} {name!r}", origin=origin, cure=f"name {_list(known)}"
            )
    return list(dict.fromkeys(names))


def draw(file: str | None, title: str, axes: tuple[str, str], panels: Sequence[Panel]) -> None:
    """Write a drawing of curves where a file was named; `UserError` if it cannot be written."""
    if file is None:
        return
    try:
        Path(file).expanduser().write_text(drawing(title, *axes, panels), "utf-8")
    except OSError as error:
        raise UserError(
            f"the drawing cannot be written: {error}", origin="--plot", cure="name another file"
        ) from error


def _list(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}"


def _measured(visit: Visit, names: list[str]) -> list["Measured"]:
    from app.evaluation.loaders import load
    from app.evaluation.memory import Remembered
    from app.evaluation.retrieval import measured
    from app.house import build
    from app.settings import load as load_settings
    from retrieval.cross import reranker

    folder = Path(visit.arguments.data).expanduser()
    # All are read before any is searched: a set that is missing should not cost minutes.
    sets = [load(name, folder) for name in names]
    settings = load_settings(visit.choice.home, overrides=dict(visit.choice.overrides))
    embedder = Remembered(build(settings).embedder, settings.home / CACHE)
    judge = reranker(settings.library.reranker, embedder, settings.library.device)
    found = []
    for given in sets:
        visit.screen.status(line((f"searching {given.name} ...", "dim")), given.name)
        found.append(measured(given, visit.arguments.half, embedder, judge))
        embedder.save()
    visit.screen.settle()
    return found
