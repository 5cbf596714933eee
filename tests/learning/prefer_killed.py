"""Learns from pairs until it is killed: `prefer_killed.py FOLDER`; a state is kept each step."""

import sys
from pathlib import Path

from tiny_writer import loaded

from agents.models.base import Message
from app.learning.writing.cloning import Recipe, adapted
from app.learning.writing.examples import Preference
from app.learning.writing.preferring import Preferring

RECIPE = Recipe(steps=3, warmup=1, batch=4, rank=2, alpha=4, rate=1e-2)
LAST = 2
"""The step after which it waits to be killed."""


def preferring(place: Path) -> Preferring:
    """A training by pairs that takes up what the folder holds."""
    rows = [
        Preference((Message("user", f"Say {at}"),), f"{at}.", "no", str(at), "t") for at in range(8)
    ]
    made = loaded()
    return Preferring(adapted(made.model, RECIPE), made.tokenizer, rows, RECIPE, place, every=1)


if __name__ == "__main__":
    for progress in preferring(Path(sys.argv[1])).run():
        print(progress.step, flush=True)
        if progress.step == LAST:
            sys.stdin.read()
