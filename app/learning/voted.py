"""Asks questions, lets chains of thought vote, and writes the winning ones as an export."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from agents.events import Quoted
from agents.models.base import Model
from app.feedback.exporting import LICENCE
from app.feedback.folder import MANIFEST, SCHEMA, refuse, write_folder
from app.learning.voting import Vote, prompt, samples, vote
from app.learning.writing.given import SFT, TRAIN
from retrieval.errors import UserError

SAMPLES, SHARE = 8, 0.6
"""Chains of thought for each question, and the least share of them that must agree."""

PATHS = 2
"""Winning chains that are kept of one question at most: more would teach little but repetition."""


class Quotes(Protocol):
    """Finds the quotes to think about."""

    def quotes(self, question: str) -> Sequence[Quoted]: ...


@dataclass(frozen=True, slots=True)
class Voted:
    """A question that was asked: the chains, what they agree on (None: nothing), and whether enough
    of them do; without quotes nothing was asked."""

    question: str
    chains: tuple[str, ...]
    found: Vote | None
    kept: bool
    prompt: str = ""


def voted(
    questions: Sequence[str],
    quotes: Quotes,
    model: Model,
    count: int = SAMPLES,
    share: float = SHARE,
    seed: int = 1,
) -> Iterator[Voted]:
    """Ask every question and yield how the vote went. Errors: those of `Model.reply`."""
    for question in questions:
        given = quotes.quotes(question)
        if not given:
            yield Voted(question, (), None, kept=False)
            continue
        messages = prompt(question, given)
        chains = tuple(samples(model, messages, count, seed))
        found = vote(chains)
        kept = found is not None and found.share >= share
        yield Voted(question, chains, found, kept, messages[-1].content)


def export(
    every: Sequence[Voted], folder: Path, told: Mapping[str, Any], today: str, force: bool = False
) -> dict[str, Any]:
    """Write the winning chains in the format "sft" and return the manifest.

    `UserError`: the folder may not be written, or no vote was clear enough.
    """
    refuse(folder, force)
    kept = [one for one in every if one.kept]
    if not kept:
        raise UserError(
            f"of {len(every)} questions none got an answer that enough samples agree on",
            cure="ask other questions, take an abler model, or lower --share",
        )
    rows = [(one, at) for one in kept for at in _paths(one)]
    files = {
        TRAIN: _lines(_row(one, at) for one, at in rows),
        "provenance.jsonl": _lines(_source(one, at) for one, at in rows),
    }
    report = dict(told) | {"questions": len(every), "kept": len(kept), "rows": len(rows)}
    manifest = {
        "schema": SCHEMA, "version": 1, "format": SFT, "made": today, "licence": LICENCE,
        "files": {name: _described(text) for name, text in files.items()}, "report": report,
    }  # fmt: skip
    files[MANIFEST] = json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"
    write_folder(folder, files, force)
    return manifest


def _paths(one: Voted) -> list[int]:
    """The first of the winning chains, each text once."""
    assert one.found is not None
    texts = {one.chains[at]: at for at in reversed(one.found.winners)}
    return sorted(texts.values())[:PATHS]


def _row(one: Voted, at: int) -> dict[str, Any]:
    return {
        "prompt": [{"role": "user", "content": one.prompt}],
        "completion": [{"role": "assistant", "content": one.chains[at]}],
    }


def _source(one: Voted, at: int) -> dict[str, Any]:
    assert one.found is not None
    share = round(one.found.share, 4)
    told = {"question": one.question, "answer": one.found.answer, "share": share}
    return told | {"votes": len(one.found.winners), "samples": len(one.chains), "sample": at}


def _lines(rows: Iterator[dict[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _described(text: str) -> dict[str, Any]:
    data = text.encode()
    return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
