"""`vouch learn release`, `rollback` and `cards`: what of the candidates is in use."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

from retrieval.errors import UserError
from ui.escape import json_text
from ui.house_port import Visit
from ui.lines import Line, Style, line

if TYPE_CHECKING:
    from app.learning.candidates import Candidates, Card, Change, Kind
    from app.options import Settings


def release(visit: Visit) -> int:
    """Put a candidate in use if its figures allow it."""
    from app.learning.releasing import release as put_in_use
    from app.learning.sides import shipped_name

    settings, candidates = _opened(visit)
    name = visit.arguments.candidate
    kind = candidates.find(name).kind
    change = put_in_use(candidates, name, _now(), shipped_name(settings, kind))
    return _changed(visit, settings, kind, change)


def rollback(visit: Visit) -> int:
    """Bring back what was in use before."""
    from app.learning.releasing import rollback as bring_back

    settings, candidates = _opened(visit)
    kind: Kind = visit.arguments.kind
    return _changed(visit, settings, kind, bring_back(candidates, kind, _now()))


def cards(visit: Visit) -> int:
    """List the candidates, or show one whole."""
    _, candidates = _opened(visit)
    if visit.arguments.candidate:
        visit.screen.raw(json_text(asdict(candidates.find(visit.arguments.candidate))))
        return 0
    found = candidates.all()
    if visit.arguments.json:
        told = [{**asdict(card), "state": _state(candidates, card)[0]} for card in found]
        visit.screen.raw(json_text({"candidates": told}))
        return 0
    if not found:
        visit.screen.show([line("nothing was learned here yet; see vouch learn --help")])
    for card in found:
        visit.screen.show(_shown(candidates, card))
    return 0


def _opened(visit: Visit) -> "tuple[Settings, Candidates]":
    from app.house import MODELS
    from app.learning.candidates import Candidates
    from app.settings import load

    settings = load(visit.choice.home, overrides=dict(visit.choice.overrides))
    return settings, Candidates(settings.home / MODELS)


def _changed(visit: Visit, settings: "Settings", kind: "Kind", change: "Change") -> int:
    from app.learning.releasing import name_of

    now = name_of(change)
    if visit.arguments.json:
        visit.screen.raw(json_text({"kind": kind, "in_use": now, "change": asdict(change)}))
        return 0
    said = "released: " if change.how == "release" else "rolled back: "
    visit.screen.show([line((said, "good"), f"{kind} is now {now}, from the next question on")])
    for note in _notes(settings, kind):
        visit.screen.step(line(("note: ", "note"), note))
    return 0


def _notes(settings: "Settings", kind: "Kind") -> Iterator[str]:
    """Say what keeps a release from having an effect here."""
    from app.adapters import of
    from app.models import resolve

    key = f"adapters.{kind}"
    if kind != "reward" and getattr(settings.adapters, kind):
        yield f"{key} is set ({settings.origin(key)}) and goes first; empty it with:"
        yield f"vouch config set {key} ''"
        return
    try:
        found = [] if kind == "reward" else list(of(settings, resolve(settings)))
    except UserError as error:
        yield str(error)
        return
    for one in found:
        if one.job == kind and one.path is None:
            yield f"{one.name} was learned on another model than the one that is set, and not used"


def _shown(candidates: "Candidates", card: "Card") -> list[Line]:
    from app.learning.figures import Figure
    from app.learning.releasing import EVALUATIONS, HEADLINE, said

    state, style = _state(candidates, card)
    rows = sum(int(one.get("rows", 0)) for one in card.data.values())
    lines = [
        line((card.name, "bold"), f"  {card.kind}, {card.made}, {rows:,} rows, ", (state, style))
    ]
    for opponent, one in card.figures.get(EVALUATIONS, {}).items():
        name = HEADLINE[card.kind]
        if name in one["figures"]:
            told = said(Figure(**one["figures"][name]))
            lines.append(line((f"    {one['on']}, {name} against {opponent}: {told}", "dim")))
    return lines


def _state(candidates: "Candidates", card: "Card") -> tuple[str, Style]:
    from app.learning.releasing import REFUSALS, in_use

    if in_use(candidates, card.kind) == card.name:
        return "in use", "good"
    if any(change.name == card.name for change in candidates.changes(card.kind)):
        return "taken back", "dim"
    refusals = card.figures.get(REFUSALS)
    if refusals:
        return f"refused: {'; '.join(refusals[-1]['reasons'])}", "doubt"
    return "not released", "dim"


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")
