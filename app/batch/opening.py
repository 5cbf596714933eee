"""Opens a batch: a new one, or the one that its output's record holds if it is still the same."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import astuple
from pathlib import Path
from typing import Any

from app.batch.batch import Batch
from app.batch.output import ENDINGS, unknown_ending
from app.batch.questions import Sheet
from app.batch.record import Kept, Record
from app.batch.terms import Told, changes, listed
from retrieval.errors import UserError


def open_batch(
    path: Path, sheet: Sheet, terms: Mapping[str, Any], told: Told, name: Callable[[], str]
) -> Batch:
    """Return the batch of an output; close its record in the end. `name` names a new batch.

    `UserError` when another process has it, when the output is no batch's, and when questions or
    terms are not those of last time and nobody allowed it.
    """
    if path.suffix.lower() not in ENDINGS:
        raise unknown_ending(path.suffix)
    record = Record.open(path, told.fresh)
    try:
        _agree(record, path, sheet, terms, told, name)
    except BaseException:
        record.close()
        raise
    return Batch(sheet, record, path)


def _agree(
    record: Record,
    path: Path,
    sheet: Sheet,
    terms: Mapping[str, Any],
    told: Told,
    name: Callable[[], str],
) -> None:
    keys = {question.id: question.key for question in sheet.questions}
    agreed = {"terms": dict(terms), "keys": keys, "input": _digest(sheet)}
    kept = record.kept
    if told.fresh or not kept.batch:
        if path.exists() and not told.fresh:
            raise UserError(
                f"{path} exists, and there is no record of a batch that wrote it",
                cure="choose another output, or replace it with --fresh",
            )
        record.begin(name(), agreed)
        return
    if kept.terms != agreed["terms"] and not told.mixed:
        raise _other_terms(kept, terms)
    if kept.input != agreed["input"] and not told.extend:
        raise _other_questions(kept, keys)
    if (kept.terms, kept.keys, kept.input) != (agreed["terms"], keys, agreed["input"]):
        record.agree(agreed)


def _digest(sheet: Sheet) -> str:
    """Return a digest of what a file of questions says, however it is written."""
    questions = [(q.id, q.key, q.gold) for q in sheet.questions]
    said = json.dumps([questions, [astuple(row) for row in sheet.bad]])
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


def _other_terms(kept: Kept, terms: Mapping[str, Any]) -> UserError:
    return UserError(
        f"the configuration is not that of last time: {listed(changes(kept.terms, terms), 4)}",
        cure="set it back, go on all the same with --mixed, or start over with --fresh",
    )


def _other_questions(kept: Kept, keys: Mapping[str, str]) -> UserError:
    new = [id for id in keys if id not in kept.keys]
    gone = [id for id in kept.keys if id not in keys]
    other = [id for id, key in keys.items() if kept.keys.get(id, key) != key]
    differ = [
        f"{len(ids)} {said} ({listed(ids)})"
        for ids, said in ((new, "new"), (gone, "gone"), (other, "changed"))
        if ids
    ]
    return UserError(
        f"the questions are not those of last time: {', '.join(differ) or _ELSE}",
        cure="keep what is answered and ask the rest with --extend, or start over with --fresh",
    )


_ELSE = "their order, gold or bad rows differ"
