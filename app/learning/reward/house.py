"""Opens the learning of a reward for the home and the folders that a person named."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.learning.reward.given import given, kept
from app.learning.reward.learning import Learning, Readers
from app.learning.reward.ranker import Released
from app.learning.reward.reading import Reader
from app.learning.reward.tuned import EncoderLearning
from app.learning.reward.tuning import Recipe

if TYPE_CHECKING:
    from app.house import House


def learning(house: "House", folders: Sequence[Path], seed: int) -> Learning:
    """Return the learning of a reward from the pairs of a home and the exports in `folders`.

    `UserError`: a folder holds nothing to learn from, or there is too little in all.
    """
    from app.house import MODELS

    models = house.settings.home / MODELS
    return Learning(models, given(kept(house), folders), readers(house), seed)


def encoder(house: "House", folders: Sequence[Path], recipe: Recipe) -> EncoderLearning:
    """Return the learning of an encoder from the same; `UserError` as in `learning`."""
    from app.house import MODELS

    models = house.settings.home / MODELS
    return EncoderLearning(models, given(kept(house), folders), readers(house), recipe)


def readers(house: "House") -> Readers:
    """Return what reads answers in this house; nothing is loaded yet."""
    from app.scoring import EmbeddingScorer
    from app.verifier.choice import verifier

    found = verifier(house.settings.check.verifier)
    reader = Reader(EmbeddingScorer(house.embedder), found)
    return Readers(reader, house.embedder.id, found.name if found else "")


def released(house: "House") -> Released:
    """Return the way to the reward that is in use in this house."""
    from app.house import MODELS

    return Released(house.settings.home / MODELS, lambda: readers(house))
