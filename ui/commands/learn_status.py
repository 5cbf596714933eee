"""`vouch learn status`: what there is to learn from, what it suffices for, what was learned."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ui.escape import json_text
from ui.house_port import Visit
from ui.lines import Line, line, table

if TYPE_CHECKING:
    from app.learning.candidates import Card
    from app.learning.standing import Need, Standing


def status(visit: Visit) -> int:
    """Count in this process; the engine need not run."""
    from app.house import MODELS, build
    from app.learning.candidates import Candidates
    from app.learning.standing import standing, truth
    from app.learning.unused import unranked
    from app.settings import load

    house = build(load(visit.choice.home, overrides=dict(visit.choice.overrides)))
    try:
        kept = Candidates(house.settings.home / MODELS)
        found = standing(truth(house), kept, unranked(house))
    finally:
        house.close()
    if visit.arguments.json:
        visit.screen.raw(json_text(found.told()))
    else:
        visit.screen.show(_shown(found))
    return 0


def _shown(found: "Standing") -> Iterator[Line]:
    yield line(("there is", "bold"))
    yield from table(
        [
            ("pairs", _counts(found.pairs)),
            ("thumbs", _counts(found.thumbs)),
            ("steps of good runs", _counts(found.demonstrations)),
        ],
        "  ",
        "",
    )
    yield line(("it suffices for", "bold"))
    yield from table(map(_need, found.needs), "  ", "")
    yield line(("in use", "bold"))
    yield from table([(kind, name or "shipped") for kind, name in found.in_use.items()], "  ", "")
    if found.idle:
        yield line(("  note: ", "note"), found.idle)
    if not found.cards:
        yield line(("nothing was learned here yet", "dim"))
        return
    yield line(("learned", "bold"))
    yield from table(map(_card, found.cards), "  ", "")
    yield from _ahead(found)


def _counts(counts: Mapping[str, int]) -> str:
    told = ", ".join(f"{name} {count:,}" for name, count in counts.items() if count)
    return f"{sum(counts.values()):,}" + (f" ({told})" if told else "")


def _need(need: "Need") -> tuple[str, ...]:
    state = f"no: {need.lacking}" if need.lacking else "yes"
    state += f"; to release it {need.to_release}" if need.to_release else ""
    have = f"{need.have:,} of {need.least} {need.things}"
    return need.way, have, f"{need.questions:,} of {need.least_questions} questions", state


def _card(card: "Card") -> tuple[str, ...]:
    return card.name, card.kind, card.made, _headline(card)


def _headline(card: "Card") -> str:
    """The figure that says most: of a measurement that was made, else of the learning itself."""
    from app.learning.figures import Figure
    from app.learning.releasing import EVALUATIONS, HEADLINE, said

    name = HEADLINE[card.kind]
    for opponent, one in reversed(card.figures.get(EVALUATIONS, {}).items()):
        if name in one["figures"]:
            return f"{name} against {opponent}: {said(Figure(**one['figures'][name]))}"
    held = card.figures.get("held out")
    return _accuracy(held["rows"]["reward"], held) if held else "not measured yet"


def _accuracy(one: Mapping[str, float], held: Mapping[str, Any]) -> str:
    span = f"{one['low']:.0%} to {one['high']:.0%}"
    return f"right on {one['accuracy']:.1%} ({span}) of {held['pairs']:,} pairs left out"


def _ahead(found: "Standing") -> Iterator[Line]:
    """What more would bring to each kind, as the newest of it that has a curve was learned."""
    for kind, things in _THINGS.items():
        curved = [card for card in found.cards if card.kind == kind and "curve" in card.figures]
        if curved:
            curve = curved[-1].figures["curve"]
            of = f", of {curve['kind']}" if "kind" in curve else ""
            told = f" (from {curved[-1].name}{of})"
            yield line((f"what more would bring to {kind}, if it goes on so", "bold"), told)
            yield from _curve(curve, things, *_SAID[kind])


def _curve(
    curve: Mapping[str, Any], things: str, what: str, said: Callable[[float], str]
) -> Iterator[Line]:
    rows = [(f"{n:,} {things}", said(at), f"{said(low)} to {said(high)}")
            for n, at, low, high in curve["points"]]  # fmt: skip
    told = [(f"{n:,} {things}", said(at), f"{said(low)} to {said(high)}, as the law tells")
            for n, at, low, high in curve["ahead"]]  # fmt: skip
    yield from table([*rows, *told], "  ", "")
    if curve["law"]:
        a, b, c = curve["law"]
        yield line(("  ", ""), (f"{what} = {a:.2f} * {things}^-{b:.1f} + {c:.2f}", "dim"))
    else:
        yield line(("  ", ""), (f"no law can be fitted: {curve['why']}", "dim"))


def _share(value: float) -> str:
    return f"{value:.1%}"


def _loss(value: float) -> str:
    return f"loss {value:.3f}"


_THINGS: Mapping[str, str] = {"reward": "questions", "write": "examples", "browse": "examples"}
_SAID: Mapping[str, tuple[str, Callable[[float], str]]] = {
    "reward": ("error", _share),
    "write": ("loss", _loss),
    "browse": ("loss", _loss),
}
"""What the law is of, and how a point of the curve is written."""
