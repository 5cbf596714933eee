"""Mixes all that the verifier learns from into one shuffled list, the same for the same seed."""

import random
from pathlib import Path

from app.learning import sets
from app.learning.generated import generated
from app.learning.pairs import Pair, held_out
from app.learning.sets import ENTAILMENTS, Entailments

GENERATED = 11_000
"""Pairs made from passages at most; all that come from questions are among them."""

_DISTRACTED = (0.1, 0.5)
"""How often evidence has a stranger beside it: the first time a pair is taken, and later ones."""


def pool(data: Path, seed: int) -> list[Pair]:
    """Return what is learned from, shuffled. Raises `UserError` where a set is missing."""
    dice = random.Random(seed)
    mixed = [pair for given in ENTAILMENTS for pair in _taken(given, data, dice)]
    mixed += _made(data, dice)
    dice.shuffle(mixed)
    return mixed


def aside(data: Path) -> list[Pair]:
    """Return the pairs of the documents that are kept aside, with three classes."""
    chosen = [given for given in ENTAILMENTS if given.name in ("mnli_dev_matched", "snli_dev")]
    return [pair for given in chosen for pair in sets.pairs(given, data) if held_out(pair.document)]


def _taken(given: Entailments, data: Path, dice: random.Random) -> list[Pair]:
    rows = [pair for pair in sets.pairs(given, data) if not held_out(pair.document)]
    kept = [pair for pair in rows if dice.random() < given.share]
    return [
        _distracted(pair, rows, _DISTRACTED[min(time, 1)], dice)
        for time in range(given.times)
        for pair in kept
    ]


def _distracted(pair: Pair, rows: list[Pair], often: float, dice: random.Random) -> Pair:
    if dice.random() >= often:
        return pair
    parts = [pair.evidence, dice.choice(rows).evidence]
    dice.shuffle(parts)
    return Pair(" ".join(parts), pair.claim, pair.label, pair.document, pair.source)


def _made(data: Path, dice: random.Random) -> list[Pair]:
    found = [one for one in generated(sets.sources(data), dice) if not held_out(one.document)]
    dice.shuffle(found)
    answered = [one for one in found if one.source == "answered"]
    others = [one for one in found if one.source != "answered"]
    return answered + others[: max(0, GENERATED - len(answered))]
