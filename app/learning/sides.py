"""Opens the sides of a measurement in a home: a candidate, another one, or what is shipped."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from agents.models.llama import LlamaModel
from app import adapters
from app.adapters import Job
from app.evaluation.answer_sets import SETS, ReadingSet, load
from app.evaluation.memory import Remembered
from app.evaluation.systems import Means
from app.learning import held_out
from app.learning.candidates import ADAPTER, Candidates, Kind
from app.learning.evaluating import Side, Task
from app.learning.releasing import SHIPPED
from app.options import Settings
from app.options_adapters import NONE
from app.version import program_version
from retrieval.embed import Vectors
from retrieval.errors import UserError

CACHE = "evaluation"
"""The folder of vectors, which `vouch eval` shares."""

MANY = 200
"""Texts embedded together that are worth a file."""

SYSTEMS: Mapping[Job, tuple[str, ...]] = {"write": ("Vouch",), "browse": ("Vouch by model",)}
COMMON: Mapping[Job, tuple[str, ...]] = {
    "write": ("plain RAG", "quotes only"),
    "browse": ("plain RAG", "quotes only", "Vouch"),
}
PROSE = "Vouch in prose"

Load = Callable[[Mapping[str, str]], Settings]
"""Loads the settings of the home with some set otherwise."""


def sides(settings: Load, job: Job, names: tuple[str, str]) -> tuple[Side, Side]:
    """Return two candidates for a job as sides; `SHIPPED` is what comes with the program, `NONE`
    the model as it is.

    `UserError`: there is none of a name and that kind, it was learned on another model, or the
    model that is set is on a server.
    """
    without = settings({f"adapters.{job}": NONE})
    paths = [_path(without, job, name) for name in names]
    first, second = (
        _side(name, without, settings({f"adapters.{job}": path}))
        for name, path in zip(names, paths, strict=True)
    )
    return first, second


def _side(name: str, without: Settings, chosen: Settings) -> Side:
    key, common = (_key(one) for one in (chosen, without))
    return Side(name, key, common, lambda: _opened(chosen))


def task(
    job: Job,
    folders: Sequence[Path],
    sets: Sequence[str],
    learned: frozenset[str],
    questions: int,
    attacks: int,
    prose: bool = False,
) -> Task:
    """Return what is asked: sets out of folders of public ones, and parts of exports that are kept
    aside; without questions in `learned`. `prose`: also how the model does in prose, whatever its
    probe came to."""
    given: list[ReadingSet] = []
    for folder in folders:
        if held_out.is_export(folder):
            given.append(held_out.own(folder))
        else:
            given += [load(name, folder) for name in sets]
    kept = [held_out.unlearned(one, learned) for one in given]
    left_out = sum(len(one.readings) for one in given) - sum(len(one.readings) for one in kept)
    systems = SYSTEMS[job] + ((PROSE,) if prose and job == "write" else ())
    return Task(_once(kept), questions, attacks, systems, COMMON[job], left_out)


def _once(given: Sequence[ReadingSet]) -> tuple[ReadingSet, ...]:
    """The sets, each without the questions of those before it: none is asked twice."""
    seen: frozenset[str] = frozenset()
    kept: list[ReadingSet] = []
    for one in given:
        kept.append(held_out.unlearned(one, seen))
        seen |= {held_out.key(reading.question) for reading in one.readings}
    return tuple(kept)


def learned(candidates: Candidates, job: Job, names: Sequence[str]) -> frozenset[str]:
    """Return the hashes of the questions that any of the candidates learned from."""
    folders = [candidates.folder(name) for name in names if name not in (SHIPPED, NONE)]
    found = [held_out.known(folder) for folder in folders]
    if SHIPPED in names:
        found.append(held_out.noted(adapters.SHIPPED, f"{job}.{held_out.QUESTIONS}"))
    return frozenset().union(*found)


def shipped_name(settings: Settings, kind: Kind) -> str:
    """Return the name of the weights of a kind that come with the program for the model that is
    set; "" if there are none."""
    from app.models import resolve

    model = resolve(settings)
    if kind == "reward" or not isinstance(model, LlamaModel):
        return ""
    found = adapters.shipped(kind, (model.base, model.name))
    return found.name if found else ""


def known_sets() -> list[str]:
    """Return the names of the public sets."""
    return list(SETS)


def _path(settings: Settings, job: Job, name: str) -> str:
    if name == NONE:
        return NONE
    return _shipped(settings, job) if name == SHIPPED else _candidate(settings, job, name)


def _candidate(settings: Settings, job: Job, name: str) -> str:
    candidates = Candidates(settings.home / "models")
    card = candidates.find(name)
    if card.kind != job:
        raise UserError(
            f"{name} is of the kind {card.kind!r}, not {job!r}", cure="see vouch learn cards"
        )
    model = model_here(settings)
    if card.base not in (model.base, model.name):
        raise UserError(
            f"{name} was learned on {card.base}, not on {model.name}, which is set",
            cure="choose that model with: vouch models use NAME",
        )
    path = candidates.folder(name) / ADAPTER
    # A copy of what is shipped is the same side as that, and asked nothing twice.
    here = _shipped(settings, job)
    return here if here != NONE and _same(path, Path(here)) else str(path)


def _same(one: Path, two: Path) -> bool:
    return one.is_file() and one.read_bytes() == two.read_bytes()


def _shipped(settings: Settings, job: Job) -> str:
    model = model_here(settings)
    found = adapters.shipped(job, (model.base, model.name))
    return str(found.path) if found else NONE


def model_here(settings: Settings) -> LlamaModel:
    """Return the model that is set; `UserError` if it is on a server."""
    from app.models import resolve

    model = resolve(settings)
    if not isinstance(model, LlamaModel):
        raise UserError(
            f"the model {model.name!r} is on a server, where nothing that is learned here is used",
            cure="choose another model with: vouch models use NAME",
        )
    return model


def _key(settings: Settings) -> str:
    """Name what decides the answers: weights, settings of runs and of searching, this program."""
    from app.house import build

    asked = asdict(build(settings).request("?"))
    parts = [
        model_here(settings).identity, asked, settings.library.embedder, settings.library.reranker,
        settings.library.passage_characters, settings.check.verifier, program_version(),
    ]  # fmt: skip
    told = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


class _Saved(Remembered):
    """Vectors of whole sets are saved at once: a kill later on does not lose them."""

    def encode(self, texts: Sequence[str], *, query: bool = False) -> Vectors:
        found = super().encode(texts, query=query)
        if len(texts) >= MANY:
            self.save()
        return found


@contextmanager
def _opened(settings: Settings) -> Iterator[Means]:
    from app.evaluation.means import means
    from app.house import build

    house = build(settings)
    try:
        embedder = _Saved(house.embedder, settings.home / CACHE)
        yield means(house, embedder)
        embedder.save()
    finally:
        house.close()
