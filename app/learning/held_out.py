"""Tells which questions a candidate learned from, so that it is never measured on one of them.

Beside a candidate's card stands a list of short hashes of the questions that its examples are
about, however a prompt words the rest: the same question of a public set, an export or a vote has
the same hash. Measuring leaves out what either side learned from.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from agents.models.base import Message
from app.evaluation.answer_sets import Reading, ReadingSet
from app.feedback.folder import MANIFEST, SCHEMA
from app.learning import checkpoint
from retrieval.documents import Document
from retrieval.errors import UserError

QUESTIONS = "questions.json"
TEST = "test.jsonl"

_DIGITS = 16
_PROSE = re.compile(r"\n\nQuestion: (.*?)\n\nQuotes:\n(.*)\n\nQuestion again: ", re.DOTALL)
_SHORT = re.compile(r"(.*)\n\nQuestion: (.*?)\nCopy the few words", re.DOTALL)
_BROWSE = re.compile(r"^Question: (.*)$", re.MULTILINE)
_NUMBERED = re.compile(r"\[\d+\] (.*?)(?: \(([^()]*)\))?")
_MARKS = re.compile(r"\s*\[\d+\]")


def key(question: str) -> str:
    """Return the hash of a question; case and spaces do not count."""
    flat = " ".join(question.split()).casefold()
    return hashlib.sha256(flat.encode()).hexdigest()[:_DIGITS]


def note(folder: Path, groups: Iterable[str], after: Path | None = None) -> None:
    """Write down what a candidate learns from: questions, or prompts that hold one. `after` is the
    folder of the candidate that it begins from."""
    keys = {key(asked_in(text)) for text in groups} | (noted(after) if after else frozenset())
    checkpoint.replace(folder / QUESTIONS, json.dumps(sorted(keys)).encode())


def noted(folder: Path, name: str = QUESTIONS) -> frozenset[str]:
    """Return the hashes that were written down; none where there is no list."""
    try:
        return frozenset(json.loads((folder / name).read_bytes()))
    except FileNotFoundError:
        return frozenset()
    except (OSError, ValueError, TypeError) as error:
        raise UserError(
            f"{str(folder / name)!r} cannot be read: {error}", cure="learn it anew"
        ) from error


def known(folder: Path) -> frozenset[str]:
    """The same of a candidate that is to be measured; `UserError` where there is no list."""
    if not (folder / QUESTIONS).is_file():
        raise UserError(
            f"it is not known which questions {folder.name} learned from: {QUESTIONS} is missing",
            cure="learn it anew",
        )
    return noted(folder)


def asked_in(text: str) -> str:
    """Return the question of a writing or browsing prompt; the text itself if it is none."""
    if found := _PROSE.search(text):
        return found[1]
    if found := _SHORT.search(text):
        return found[2]
    found = _BROWSE.search(text)
    return found[1] if found else text


def unlearned(given: ReadingSet, learned: frozenset[str]) -> ReadingSet:
    """Return the set without the questions that were learned from."""
    kept = tuple(one for one in given.readings if key(one.question) not in learned)
    return replace(given, readings=kept)


def own(folder: Path) -> ReadingSet:
    """Read the part of an export of preferences that is kept aside from learning as questions: each
    over the quotes of its prompt, a right answer holding most words of the preferred one.

    `UserError`: the folder is no such export, or holds no part of that kind.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        if manifest["schema"] != SCHEMA or manifest["format"] != "trl":
            raise UserError(
                f"{str(folder)!r} is no export of preferences",
                cure="make one with: vouch feedback export --format trl -o DIR",
            )
        data = (folder / TEST).read_bytes()
        rows = [json.loads(line) for line in data.decode("utf-8").split("\n") if line]
        found = tuple(one for at, row in enumerate(rows) if (one := _reading(str(at), row)))
    except FileNotFoundError as error:
        raise UserError(
            f"{str(folder)!r} is no export with a part kept aside: {error.filename!r} is missing",
            cure="make one with: vouch feedback export --format trl -o DIR",
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"the export {str(folder)!r} cannot be read: {error!r}", cure="make the export again"
        ) from error
    digest = hashlib.sha256(data).hexdigest()[:12]
    return ReadingSet(f"own questions {digest}", (), found, long=True)


def is_export(folder: Path) -> bool:
    """Whether a folder is an export of feedback rather than one of public sets."""
    return (folder / MANIFEST).is_file()


def _reading(id: str, row: dict[str, Any]) -> Reading | None:
    """None for a prompt that is not of the writing phase."""
    prompt = [Message(one["role"], one["content"]) for one in row["prompt"]]
    gold = _MARKS.sub("", "".join(one["content"] for one in row["chosen"])).strip()
    quotes = quotes_in(prompt)
    if not quotes or not gold:
        return None
    documents = tuple(
        Document(f"{id}/{at}", title, text) for at, (text, title) in enumerate(quotes)
    )
    return Reading(id, asked_in(prompt[-1].content), "report", (gold,), documents)


def quotes_in(prompt: Sequence[Message]) -> list[tuple[str, str]]:
    """Return the texts and titles of the quotes that a writing prompt gives."""
    if found := _PROSE.search(prompt[-1].content):
        lines = [_NUMBERED.fullmatch(line) for line in found[2].split("\n")]
        return [(line[1], line[2] or "") for line in lines if line]
    found = _SHORT.search(prompt[-1].content)
    return [(found[1], "")] if found else []
