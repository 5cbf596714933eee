"""Chooses the learned weights for a model: those that are set, else released, else shipped."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from agents.models.adapters import label
from agents.models.base import Model
from agents.models.llama import LlamaModel
from app.learning.candidates import ADAPTER, CARD, Candidates, Card
from app.options import Settings
from app.options_adapters import NONE
from retrieval.errors import UserError

Job = Literal["write", "browse"]
JOBS: tuple[Job, ...] = get_args(Job)

SHIPPED = Path(__file__).parent / "learning" / "shipped"
"""Where JOB.gguf, with the card JOB.json, may come with the program."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """An adapter for a job, why it is the one, and where its path came from. One without a path
    was learned on another model, and is not used."""

    job: Job
    name: str
    path: Path | None
    why: Literal["set", "released", "shipped"]
    origin: str


def chosen(settings: Settings, bases: Collection[str]) -> tuple[Chosen, ...]:
    """Return the adapters for a model that goes by any of the names `bases`, job by job.

    `UserError`: what is set was learned on another model, or a card cannot be read. Whether files
    are sound is for the model to tell.
    """
    return tuple(one for job in JOBS if (one := _chosen(settings, job, bases)) is not None)


def laid(found: Collection[Chosen]) -> dict[str, Path]:
    """Return the files of those that are used, by job."""
    return {one.job: one.path for one in found if one.path is not None}


def current(settings: Settings, model: Model) -> bool:
    """Whether a model that was made earlier has the adapters that are to be used now."""
    return not isinstance(model, LlamaModel) or model.adapters == laid(of(settings, model))


def of(settings: Settings, model: Model) -> tuple[Chosen, ...]:
    """Return the adapters for a model; none for one that is not run here."""
    if not isinstance(model, LlamaModel):
        return ()
    return chosen(settings, (model.base, model.name))


def retired(model: Model | None) -> list[Model]:
    """End the worker of a model that another one takes the place of, if it is idle; return what is
    still to be closed, as a question in hand may go on with it."""
    if isinstance(model, LlamaModel):
        model.rest()
        return [model]
    return []


def told(settings: Settings, model: Model) -> Iterator[str]:
    """Say of each job which adapter is used, in words."""
    if not isinstance(model, LlamaModel):
        return
    found = {one.job: one for one in of(settings, model)}
    for job in JOBS:
        one = found.get(job)
        if one is None:
            yield f"{job}: none"
        elif one.path is None:
            yield f"{job}: none ({one.name} is released, but was learned on another model)"
        else:
            yield f"{job}: {one.name}, {one.why}"


def _chosen(settings: Settings, job: Job, bases: Collection[str]) -> Chosen | None:
    wanted = settings.adapters.write if job == "write" else settings.adapters.browse
    if wanted == NONE:
        return None
    if wanted:
        return _set(settings, job, wanted, bases)
    kept = Candidates(settings.home / "models")
    card = kept.released(job)
    if card is None:
        return shipped(job, bases)
    path = kept.folder(card.name) / ADAPTER if card.base in bases else None
    return Chosen(job, card.name, path, "released", f"the release of {card.name}")


def _set(settings: Settings, job: Job, wanted: str, bases: Collection[str]) -> Chosen:
    key = f"adapters.{job}"
    # A path that is no whole one is looked for beside settings.toml.
    path = settings.home / Path(wanted).expanduser()
    origin = f"{key} from {settings.origin(key)}"
    card = _card(path.with_name(CARD))
    if card is not None and card.base not in bases:
        raise UserError(
            f"the adapter {path} was learned on {card.base}, not on {min(bases, key=len)}",
            origin=origin,
            cure=f"set one that was learned on this model, or none: vouch config set {key} {NONE}",
        )
    return Chosen(job, label(path), path, "set", origin)


def shipped(job: Job, bases: Collection[str]) -> Chosen | None:
    """Return what comes with the program for a job, if it was learned on the model."""
    path = SHIPPED / f"{job}.gguf"
    card = _card(path.with_suffix(".json"))
    if card is None or card.base not in bases or not path.is_file():
        return None
    return Chosen(job, card.name, path, "shipped", "what comes with the program")


def _card(path: Path) -> Card | None:
    """The card in a file; None if there is none, or it is something else's."""
    try:
        values = json.loads(path.read_bytes())
        return Card(**values) if isinstance(values, Mapping) else None
    except (OSError, ValueError, TypeError):
        return None
