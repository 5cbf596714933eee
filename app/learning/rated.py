"""Finds the games that versions are rated from: people's comparisons, and held-out questions."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from agents import view
from agents.events import Event, Replied, Stopped
from app.learning.candidates import Candidates, Kind
from app.learning.ratings import Game, Rating, rate
from app.learning.releasing import EVALUATIONS, SHIPPED

if TYPE_CHECKING:
    from app.house import House


def by_people(house: "House") -> list[Rating]:
    """Rate the versions that wrote what people compared; the model that is set, with nothing but
    what comes with the program, is the anchor. The last comparison of a person counts."""
    last = {(one.by, frozenset((one.left, one.right))): one for one in house.opinions.comparisons()}
    games = []
    for one in last.values():
        sides = [version(_events(house, run)) for run in (one.left, one.right)]
        if all(sides) and sides[0] != sides[1]:
            # People score from -2, the left one, to 2; only who is preferred counts here.
            score = 0.5 if one.overall == 0 else float(one.overall < 0)
            games.append(Game(sides[0], sides[1], score, one.prompt))
    return rate(games, _anchor(house))


def by_questions(candidates: Candidates, kind: Kind) -> list[Rating]:
    """Rate the candidates of a kind from the held-out questions that they were measured on, each
    one a game: judged by gold answers, not by people. What comes with the program is the anchor."""
    return rate(list(_questions(candidates, kind)), SHIPPED)


def version(events: Sequence[Event]) -> str:
    """Return what wrote an answer: the model, and the learned weights laid over it, if any were;
    "" where nothing was asked."""
    if not events:
        return ""
    model, ended, laid = view.asked(events).model, False, dict[str, None]()
    for event in events:
        ended = ended or isinstance(event, Stopped)
        if ended and isinstance(event, Replied) and event.adapter:
            laid[event.adapter] = None
    return named(model, laid)


def named(model: str, laid: Sequence[str] | dict[str, None]) -> str:
    """Return the name of a version."""
    return " + ".join((model, *laid))


def _questions(candidates: Candidates, kind: Kind) -> Iterator[Game]:
    scores = {"better": 1.0, "worse": 0.0, "even": 0.5}
    known: set[frozenset[str]] = set()
    for card in candidates.all():
        for opponent, one in card.figures.get(EVALUATIONS, {}).items():
            # A copy of what comes with the program is what comes with it.
            name = SHIPPED if card.name == one.get(SHIPPED) else card.name
            pair = frozenset((name, opponent))
            if card.kind != kind or pair in known:
                continue
            known.add(pair)
            for how, score in scores.items():
                for at in range(int(one.get("outcomes", {}).get(how, 0))):
                    # Questions of one measurement are independent: each is a group of its own.
                    yield Game(name, opponent, score, f"{name} {opponent} {how} {at}")


def _events(house: "House", run: str) -> list[Event]:
    return [entry.event for entry in house.journal.entries(run)]


def _anchor(house: "House") -> str:
    from agents.models.llama import LlamaModel
    from app.adapters import shipped
    from app.models import resolve

    model = resolve(house.settings)
    found = shipped("write", (model.base, model.name)) if isinstance(model, LlamaModel) else None
    return named(model.name, [found.name] if found else [])
