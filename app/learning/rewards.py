"""Measures a reward against another one, or against the order of the self-check that needs none."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.learning import held_out
from app.learning.candidates import Candidates, Card
from app.learning.figures import Figure, shares
from app.learning.releasing import SHIPPED, folded
from retrieval.errors import UserError

if TYPE_CHECKING:
    from app.house import House


def rivals(
    house: "House", candidates: Candidates, card: Card, opponent: str, folders: Sequence[Path]
) -> dict[str, Any]:
    """Return the share of pairs that a reward ranks rightly beside that of its opponent.

    Against what is shipped these are the folds that the reward was measured on when it was learned,
    each by a head fitted without their questions. Against another reward, the decided pairs of the
    home and of the exports in `folders` about questions that neither learned from. `UserError` if
    there is none of them.
    """
    if opponent == card.name:
        raise UserError(
            f"{card.name} is in use: there is nothing to compare it with",
            cure="name another reward, or shipped, behind it",
        )
    if opponent == SHIPPED:
        found = card.figures["held out"]
        return _told({"accuracy": folded(found)}, found["split"])
    figure = _paired(house, candidates, (card.name, opponent), folders)
    return _told({"accuracy": figure}, "questions that neither was learned from")


def _paired(
    house: "House", candidates: Candidates, names: tuple[str, str], folders: Sequence[Path]
) -> Figure:
    from app.learning.reward.given import given, kept
    from app.learning.reward.head import Row
    from app.learning.reward.house import readers
    from app.learning.reward.measuring import right, used
    from app.learning.reward.ranker import fits, opened

    read_by = readers(house)
    for card in map(candidates.find, names):
        if card.kind != "reward":
            raise UserError(f"{card.name} is no reward", cure="see vouch learn cards")
        if not fits(card, read_by.embedder, read_by.verifier):
            raise UserError(
                f"{card.name} was learned on another embedder or verifier than those that are set",
                cure="learn it again with: vouch learn reward",
            )
    places = [candidates.folder(name) for name in names]
    known = held_out.known(places[0]) | held_out.known(places[1])
    every = [one for one in given(kept(house), folders).comparisons if one.decided]
    new = [one for one in every if held_out.key(one.group) not in known]
    if not new:
        raise UserError(
            f"there are no comparisons but of questions that {names[0]} or {names[1]} learned from",
            origin="--data",
            cure="compare answers to new questions, or name an export with --data",
        )
    read = read_by.reader.read([side for one in new for side in (one.first, one.second)])
    rows = [Row(one.group, read[2 * at], read[2 * at + 1], one.share) for at, one in enumerate(new)]
    heads = [opened(candidates, candidates.find(name)) for name in names]
    ours, theirs = (right(rows, [*map(used, rows, head.margins(new, rows))]) for head in heads)
    return shares([*map(float, ours)], [*map(float, theirs)], [one.group for one in new])


def _told(figures: dict[str, Figure], split: str) -> dict[str, Any]:
    return {"split": split, "figures": {name: asdict(one) for name, one in figures.items()}}
