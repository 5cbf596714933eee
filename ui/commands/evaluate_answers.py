"""`vouch eval answers`: plain RAG, quotes only, Vouch with and without its check, end to end."""

from pathlib import Path
from typing import TYPE_CHECKING

from ui.answers_table import plain, table
from ui.commands.evaluate import CACHE, chosen, draw
from ui.curves import Panel
from ui.escape import json_text
from ui.house_port import Visit
from ui.lines import line

if TYPE_CHECKING:
    from app.evaluation.answers import Measured

MAIN = "xquad-en,xquad-zh,squad2,clapnq,rgb-en-0.4,rgb-zh-0.4"
"""The sets that are measured where none is named."""


def answers(visit: Visit) -> int:
    """Measure in this process, with the model, embedder and judges of the settings."""
    from app.evaluation.answers import curve

    found = _measured(visit)
    panels = [
        Panel(one.name, {name: curve(rows) for name, rows in one.systems.items()}) for one in found
    ]
    axes = ("coverage", "risk: share wrong")
    draw(visit.arguments.plot, "Risk against coverage", axes, panels)
    if visit.arguments.json:
        visit.screen.raw(json_text({"sets": [plain(one) for one in found]}))
    else:
        visit.screen.raw(table(found))
    return 0


def _measured(visit: Visit) -> list["Measured"]:
    from app.evaluation.answer_sets import SETS, load
    from app.evaluation.answers import Record, measured
    from app.evaluation.means import means as means_of
    from app.evaluation.memory import Remembered
    from app.evaluation.systems import SYSTEMS, USUAL
    from app.house import build
    from app.settings import load as load_settings

    asked = visit.arguments
    names = chosen(asked.sets or MAIN, list(SETS), "question set")
    systems = chosen(asked.systems or ",".join(USUAL), list(SYSTEMS), "system", "--systems")
    folder = Path(asked.data).expanduser()
    # All are read before any is asked: a set that is missing should not cost minutes.
    sets = [load(name, folder) for name in names]
    settings = load_settings(visit.choice.home, overrides=dict(visit.choice.overrides))
    house = build(settings)
    embedder = Remembered(house.embedder, settings.home / CACHE)
    kept = Record(Path(asked.out).expanduser() if asked.out else None)
    found = []
    try:
        means = means_of(house, embedder)
        for given in sets:

            def tell(done: int, of: int, system: str, name: str = given.name) -> None:
                visit.screen.status(line((f"{name}: {done} of {of}, {system}", "dim")), name)

            found.append(measured(given, asked.half, asked.questions, systems, means, kept, tell))
            embedder.save()
    finally:
        house.close()
        visit.screen.settle()
    return found
