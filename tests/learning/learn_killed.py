"""Learns from a folder of tiny sets until it is killed: `learn_killed.py DATA MODELS`."""

import sys
from pathlib import Path

from app.learning.recipe import Recipe
from app.learning.verifier import Learning

RECIPE = Recipe(steps=4, warmup=2, tokens=256, pairs=4)

if __name__ == "__main__":
    learning = Learning(Path(sys.argv[1]), Path(sys.argv[2]), RECIPE, least=10)
    learning.plan()
    for progress in learning.run(every=2):
        print(progress.step, flush=True)
        if progress.step == 3:
            sys.stdin.read()
