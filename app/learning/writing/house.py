"""Opens a training for the model, the home and the folders that a person named."""

import os
from collections.abc import Sequence
from pathlib import Path

from app.learning.candidates import ADAPTER, Candidates
from app.learning.writing.cloning import Recipe
from app.learning.writing.given import Method, given
from app.learning.writing.learning import Base, Learning, What
from app.options import Settings
from retrieval.errors import UserError

NICE = 10
"""How far a training stands back behind what answers questions."""


def yielding() -> None:
    """Let the other processes of this machine go first."""
    os.nice(max(0, NICE - os.nice(0)))


BATCH: dict[What, int] = {"write": 8, "browse": 2}
"""Examples of a step; a run of browsing is about four times as long as a prompt of the writer."""


def recipe(what: What, steps: int, seed: int) -> Recipe:
    """Return the settings of a training of so many steps."""
    return Recipe(steps=steps, seed=seed, batch=BATCH[what])


def learning(
    settings: Settings,
    folders: Sequence[Path],
    what: What,
    method: Method,
    recipe: Recipe,
    after: str = "",
) -> Learning:
    """Return the training of an adapter for the model that is set; `after` names the candidate that
    it begins from, or is `SHIPPED`.

    `UserError`: the model is no GGUF file on this machine, a folder holds nothing to learn from, or
    too little.
    """
    from app.house import MODELS

    models = settings.home / MODELS
    read = given(folders, method, recipe.seed, browsing=what == "browse")
    on = base(settings)
    begun = _begun(settings, what, after, on) if after else None
    return Learning(on, models, read, method, recipe, what, begun)


def _begun(settings: Settings, what: What, after: str, on: Base) -> Path:
    """Return the folder of the candidate to begin from. One that has its GGUF file alone, as what
    comes with the program, gets the files of peft."""
    from app.house import MODELS
    from app.learning.language.adapter import WEIGHTS
    from app.learning.language.restored import restore
    from app.learning.releasing import SHIPPED
    from app.learning.sides import model_here
    from app.learning.unpacking import unpacked

    kept = Candidates(settings.home / MODELS)
    name = unpacked(kept, what, model_here(settings)) if after == SHIPPED else after
    folder = kept.folder(kept.find(name).name)
    with kept.changing():
        if not (folder / WEIGHTS).is_file():
            restore(folder / ADAPTER, on.file, folder)
    return folder


def base(settings: Settings) -> Base:
    """Return the model that is set, as it is learned on: the embedded one as it is shipped."""
    from agents.models.llama import LlamaModel
    from app.learning.language.weights import load
    from app.models import resolve
    from app.prepare import EMBEDDED_NAME, shipped_file

    model = resolve(settings)
    if not isinstance(model, LlamaModel):
        raise UserError(
            f"the model {model.name!r} is on a server, and only a GGUF file here can be trained",
            cure="choose another model with: vouch models use NAME",
        )
    file = shipped_file() if model.base == EMBEDDED_NAME else model.header.path
    return Base(model.base, file, load)
