"""Measures a reward against another one, or against the order of the self-check that needs none."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.learning import held_out
from app.learning.candidates import Candidates, Card
from app.learning.evaluating import ANSWERS
from app.learning.figures import Figure, shares
from app.learning.releasing import SHIPPED, folded
from retrieval.errors import UserError

if TYPE_CHECKING:
    from app.house import House
    from app.learning.reward.comparing import Comparison, Side
    from app.learning.reward.head import Row
    from app.learning.reward.learning import Readers
    from app.learning.reward.ranker import Rewarding
    from app.learning.training import Progress

    Tell = Callable[[Progress], None]


def rivals(
    house: "House",
    candidates: Candidates,
    card: Card,
    opponent: str,
    folders: Sequence[Path],
    tell: "Tell" = lambda progress: None,
) -> dict[str, Any]:
    """Return the share of pairs that a reward ranks rightly beside that of its opponent.

    Against what is shipped these are the folds that the reward was measured on when it was learned,
    each by a head fitted without their questions: nothing is read for it. Against another reward,
    the decided pairs of the home and of the exports in `folders` about questions that neither
    learned from; `tell` hears of the answers as they are read, and a part that was read is kept for
    the next time. `UserError` if there is none of them.
    """
    if opponent == card.name:
        raise UserError(
            f"{card.name} is in use: there is nothing to compare it with",
            cure="name another reward, or shipped, behind it",
        )
    if opponent == SHIPPED:
        found = card.figures["held out"]
        return _told({"accuracy": folded(found)}, found["split"])
    figure = _paired(house, candidates, (card.name, opponent), folders, tell)
    return _told({"accuracy": figure}, "questions that neither was learned from")


def _paired(
    house: "House",
    candidates: Candidates,
    names: tuple[str, str],
    folders: Sequence[Path],
    tell: "Tell",
) -> Figure:
    from app.house import MODELS
    from app.learning.reward.house import readers
    from app.learning.reward.measuring import right, used
    from app.learning.reward.ranker import opened

    read_by = readers(house)
    cards = [_fitting(candidates, name, read_by) for name in names]
    new = _new(house, candidates, names, folders)
    place = house.settings.home / MODELS / ANSWERS
    rows = _rows(new, read_by, place, tell)
    ours, theirs = (
        right(
            rows,
            [*map(used, rows, _margins(card, opened(candidates, card), new, rows, place, tell))],
        )
        for card in cards
    )
    return shares([*map(float, ours)], [*map(float, theirs)], [one.group for one in new])


def _fitting(candidates: Candidates, name: str, read_by: "Readers") -> Card:
    from app.learning.reward.ranker import fits

    card = candidates.find(name)
    if card.kind != "reward":
        raise UserError(f"{card.name} is no reward", cure="see vouch learn cards")
    if not fits(card, read_by.embedder, read_by.verifier):
        raise UserError(
            f"{card.name} was learned on another embedder or verifier than those that are set",
            cure="learn it again with: vouch learn reward",
        )
    return card


def _new(
    house: "House", candidates: Candidates, names: tuple[str, str], folders: Sequence[Path]
) -> "list[Comparison]":
    """The decided comparisons about questions that neither of the two learned from."""
    from app.learning.reward.given import given, kept

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
    return new


def _rows(
    new: "Sequence[Comparison]", read_by: "Readers", place: Path, tell: "Tell"
) -> "list[Row]":
    """The comparisons as features; what was read by the same readers before is not read again."""
    from app.learning.reward.features import VERSION
    from app.learning.reward.head import Row
    from app.learning.reward.reading import Readings

    told = f"{read_by.embedder}\n{read_by.verifier}\n{VERSION}"
    key = hashlib.sha256(told.encode()).hexdigest()[:12]
    read = Readings(place / f"answers-{key}", read_by.reader)
    for progress in read.progress(_sides(new)):
        tell(progress)
    return [Row(one.group, read.of(one.first), read.of(one.second), one.share) for one in new]


def _margins(
    card: Card,
    reward: "Rewarding",
    new: "Sequence[Comparison]",
    rows: "Sequence[Row]",
    place: Path,
    tell: "Tell",
) -> list[float]:
    """By how much the first answers are ahead; an encoder reads them all, which is kept as well."""
    from app.learning.reward.ranker import REWARD, ByEncoder
    from app.learning.reward.reading import Readings

    if not isinstance(reward, ByEncoder):
        return reward.margins(new, rows)
    read = Readings(place / card.name, reward)
    for progress in read.progress(_sides(new)):
        tell(progress)
    return [read.of(one.first)[REWARD] - read.of(one.second)[REWARD] for one in new]


def _sides(new: "Sequence[Comparison]") -> "list[Side]":
    return [side for one in new for side in (one.first, one.second)]


def _told(figures: dict[str, Figure], split: str) -> dict[str, Any]:
    return {"split": split, "figures": {name: asdict(one) for name, one in figures.items()}}
