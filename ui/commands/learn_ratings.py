"""`vouch learn ratings`: how versions stand to each other, by people and by held-out questions."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, get_args

from ui.escape import json_text
from ui.house_port import Visit
from ui.lines import Line, line, table

if TYPE_CHECKING:
    from app.learning.ratings import Rating

PEOPLE = "people's comparisons"
QUESTIONS = "held-out questions, judged by gold answers and by no person"


def ratings(visit: Visit) -> int:
    """Rate from what is kept in the home, in this process."""
    found = _rated(visit)
    if visit.arguments.json:
        visit.screen.raw(json_text({name: [*map(asdict, some)] for name, some in found.items()}))
        return 0
    if not any(found.values()):
        said = "nothing was compared yet: compare two answers in vouch chat, or see"
        visit.screen.show([line(said), line(("vouch learn evaluate --help", "dim"))])
    for name, some in found.items():
        if some:
            visit.screen.show([line((f"by {name}", "bold")), *_table(some)])
    return 0


def _rated(visit: Visit) -> "dict[str, list[Rating]]":
    from app.house import MODELS, build
    from app.learning.candidates import Candidates, Kind
    from app.learning.rated import by_people, by_questions
    from app.settings import load

    house = build(load(visit.choice.home, overrides=dict(visit.choice.overrides)))
    try:
        found = {PEOPLE: by_people(house)}
    finally:
        house.close()
    candidates = Candidates(house.settings.home / MODELS)
    for kind in get_args(Kind):
        found[f"{QUESTIONS}: {kind}"] = by_questions(candidates, kind)
    return found


def _table(found: "Sequence[Rating]") -> list[Line]:
    rows: list[tuple[str, ...]] = [("version", "points", "95 %", "games")]
    for one in found:
        span = f"{one.low:+.0f} to {one.high:+.0f}"
        rows.append((one.version, f"{one.points:+.0f}", span, str(one.games)))
    return table(rows, "  ")
