"""Says what an adapter needs to be learned, and refuses where there is less."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from app.learning.writing.given import Given, Method
from retrieval.errors import UserError

LEAST: dict[Method, int] = {"sft": 100, "dpo": 100, "kto": 100}
"""Examples, pairs or opinions that there must be: with fewer, an adapter of two million weights
learns them by heart (a judgement, not measured)."""

GROUPS = 20
"""Different questions that they must be about."""

ONE_SIDED = 0.1
"""Share of opinions that must be of the rarer kind, good or bad."""

_NAMES: dict[Method, str] = {"sft": "accepted answers", "dpo": "pairs", "kto": "opinions"}


def check(given: Given, method: Method, what: str) -> None:
    """Raise `UserError` with the reason where there is too little to learn from."""
    rows: Sequence[Any] = given.of(method)
    name = "steps of browsing" if what == "browse" else _NAMES[method]
    why = ""
    if len(rows) < LEAST[method]:
        why = f"there are {len(rows)} {name}, and at least {LEAST[method]} are needed"
    elif len(groups := Counter(row.group for row in rows)) < GROUPS:
        why = f"the {name} are about {len(groups)} questions, and at least {GROUPS} are needed"
    elif method == "kto" and (rare := _rarer(rows)) < ONE_SIDED * len(rows):
        why = f"{rare} of {len(rows)} opinions are of the rarer kind, and at least 10% are needed"
    if why:
        raise UserError(
            f"too little to learn from: {why}",
            origin="--data",
            cure="collect more, or add another folder with --data",
        )


def _rarer(rows: Sequence[Any]) -> int:
    good = sum(bool(row.good) for row in rows)
    return min(good, len(rows) - good)
