"""`vouch learn vote`: chains of thought that agree become examples to learn from."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ui.escape import json_text
from ui.house_port import Visit
from ui.lines import counted, line

if TYPE_CHECKING:
    from app.learning.voted import Voted


def vote(visit: Visit) -> int:
    """Ask the questions of a file in this process, and write what agrees."""
    from app.batch.questions import read_sheet
    from app.house import build
    from app.learning.browsed import Browsed
    from app.learning.voted import export, voted
    from app.settings import load

    asked = visit.arguments
    sheet = read_sheet(asked.questions)
    questions = [one.question for one in sheet.questions]
    house = build(load(visit.choice.home, overrides=dict(visit.choice.overrides)))
    found: list[Voted] = []
    try:
        model = house.model()
        quotes = Browsed(house)
        ways = (asked.samples, asked.share, asked.seed)
        for one in voted(questions, quotes, model, *ways):
            found.append(one)
            _show(visit, one, len(found), len(questions))
        visit.screen.settle()
        told = {"model": model.name, "samples": asked.samples, "share": asked.share}
        folder = Path(asked.output).expanduser()
        manifest = export(found, folder, told, date.today().isoformat(), asked.force)
    finally:
        house.close()
    if asked.json:
        visit.screen.raw(json_text(manifest | {"folder": str(folder)}))
        return 0
    report = manifest["report"]
    visit.screen.show(
        [
            line(("written: ", "good"), str(folder)),
            line(
                f"{counted(report['rows'], 'example')} from {report['kept']} of "
                f"{counted(report['questions'], 'question')}"
            ),
            line((f"learn from it with: vouch learn write --data {folder}", "dim")),
        ]
    )
    return 0


def _show(visit: Visit, one: "Voted", at: int, of: int) -> None:
    if one.found is None:
        how = "no answer has a majority" if one.chains else "nothing was found to quote"
    else:
        how = f"{one.found.share:.0%} say “{one.found.answer}”" + ("" if one.kept else ", too few")
    visit.screen.step(line((f"{at} of {of}: {one.question}: {how}", "dim")))
