"""Clones tiny replies until it is killed: `tiny_clones.py FOLDER`."""

import sys
from pathlib import Path

from tiny_writer import loaded, tokenizer

from agents.models.base import Message
from app.learning.writing.cloning import Cloning, Recipe
from app.learning.writing.coding import Coded, coded
from app.learning.writing.examples import Example

RECIPE = Recipe(steps=8, warmup=2, batch=3, rank=4, alpha=8, rate=3e-2)


def rows() -> list[Coded]:
    """Prompts that begin alike, and replies that are a word of theirs."""
    asked = [("red", "[1]"), ("green", "[2]"), ("blue sky", "[1]"), ("sea", "[2]"), ("tree", "[1]")]
    made = tokenizer()
    return [
        coded(
            Example((Message("user", f"Say it again: {word}"),), f"{word} {mark}.", "p", word, "t"),
            made,
        )
        for word, mark in asked
    ]


def training(folder: Path, recipe: Recipe = RECIPE) -> Cloning:
    """A training that takes up what the folder holds."""
    given = rows()
    return Cloning(loaded().model, given, ["prose"] * len(given), recipe, folder)


if __name__ == "__main__":
    for progress in training(Path(sys.argv[1])).run(every=2):
        print(progress.step, flush=True)
        if progress.step == 3:
            sys.stdin.read()
