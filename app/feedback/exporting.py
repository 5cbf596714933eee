"""Writes an export: rows of one format, where each comes from, and a report of what was done."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from agents.events import Event
from app.feedback import formats
from app.feedback.cases import Case
from app.feedback.figures import balance, contradictions, counted, lengths
from app.feedback.folder import MANIFEST, SCHEMA, refuse, write_folder
from app.feedback.formats import Row, Step, Thumb
from app.feedback.marks import Comparison, Mark
from app.feedback.pairs import Pair
from app.feedback.people import Pseudonyms
from app.feedback.readme import readme
from app.feedback.scrub import Scrubber
from app.feedback.selection import (
    INCLUDES,
    Format,
    Include,
    Selection,
    Which,
    admitted,
    select_pairs,
    select_steps,
    select_thumbs,
    steps,
    thumbs,
)
from app.feedback.splitting import split
from retrieval.errors import UserError

VERSION = 1
LICENCE = (
    "These are your own data: your questions, your documents' words, your judgements. No licence "
    "is given with them; passing them on may need the leave of whoever wrote those documents."
)


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be exported and where to; `test` is the share that is put aside."""

    format: Format
    folder: Path
    include: frozenset[Include] = frozenset()
    runs: Which = "up"
    test: float = 0.1
    force: bool = False


@dataclass(frozen=True, slots=True)
class Truth:
    """What stands in the database: answered runs, what people said of them, and the pairs."""

    cases: Mapping[str, Case]
    marks: Sequence[Mark]
    comparisons: Sequence[Comparison]
    pairs: Sequence[Pair]
    events: Callable[[str], Sequence[Event]]
    damaged: int = 0


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows by the id of their example, and where each comes from."""

    rows: dict[str, Row]
    sources: dict[str, Row]
    report: dict[str, Any] = field(default_factory=dict)


def export(
    truth: Truth, order: Order, names: Pseudonyms, scrub: Scrubber, today: str
) -> dict[str, Any]:
    """Write the export and return its report; the same truth gives the same bytes of data.

    `today` is the date that the manifest says. `UserError`: the folder may not be written, what is
    to be included does not go with the format, or nothing is left to export.
    """
    foreign = sorted(order.include - INCLUDES[order.format].keys())
    if foreign:
        raise UserError(
            f"{foreign[0]} do not go into the format {order.format}", cure="leave --include out"
        )
    refuse(order.folder, order.force)
    selection, made = _made(truth, order, names, scrub)
    if not selection.examples:
        raise UserError(_nothing(selection), cure="see vouch feedback pairs for what there is")
    parts = split(selection.examples, order.test)
    report = _report(truth, order, selection, made)
    report["split"] = {
        "train": len(parts.train), "test": len(parts.test), "never_on_both_sides": parts.guarantee
    }  # fmt: skip
    files = _files({"train": parts.train, "test": parts.test}, made)
    report["scrubbed"] = dict(sorted(scrub.taken.items()))
    files["README.md"] = readme(order.format, report, LICENCE)
    manifest = _manifest(order, files, report, today)
    files[MANIFEST] = json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"
    write_folder(order.folder, files, order.force)
    return manifest | {"folder": str(order.folder)}


def _made(
    truth: Truth, order: Order, names: Pseudonyms, scrub: Scrubber
) -> tuple[Selection[Any], _Rows]:
    allowed = admitted(order.format, order.include)
    match order.format:
        case "trl" | "webgpt":
            chosen = select_pairs(truth.pairs, allowed)
            row = formats.preference
            if order.format == "webgpt":
                row = partial(formats.comparison, names=names)
            return chosen, _pair_rows(chosen, row, truth, names, scrub)
        case "kto":
            marked = select_thumbs(thumbs(truth.cases, truth.marks), allowed)
            return marked, _thumb_rows(marked, names, scrub)
        case "trajectories":
            given = steps(truth.cases, truth.marks, truth.events, order.runs)
            taken = select_steps(given)
            return taken, _step_rows(taken, names, scrub)


def _pair_rows(
    selection: Selection[Pair],
    row: Callable[[Pair, Scrubber], Row],
    truth: Truth,
    names: Pseudonyms,
    scrub: Scrubber,
) -> _Rows:
    pairs = selection.examples
    report = {
        "derived_by_origin": counted(pair.origin for pair in truth.pairs),
        "exported_by_origin": counted(pair.origin for pair in pairs),
        "exported_by_tag": counted(tag for pair in pairs for tag in pair.tags),
        "chosen_minus_rejected": lengths(pair for pair in pairs if pair.score > 0),
        "contradictions": contradictions(pairs),
    }
    return _Rows(
        {pair.id: row(pair, scrub) for pair in pairs},
        {pair.id: formats.provenance(pair, scrub, names) for pair in pairs},
        report,
    )


def _thumb_rows(selection: Selection[Thumb], names: Pseudonyms, scrub: Scrubber) -> _Rows:
    given = selection.examples
    ups = sum(thumb.label for thumb in given)
    return _Rows(
        {thumb.id: formats.unpaired(thumb, scrub) for thumb in given},
        {thumb.id: formats.thumb_provenance(thumb, scrub, names) for thumb in given},
        {"labels": balance(ups, len(given) - ups)},
    )


def _step_rows(selection: Selection[Step], names: Pseudonyms, scrub: Scrubber) -> _Rows:
    given = selection.examples
    report = {
        "runs": len({step.run for step in given}),
        "policies": counted(step.policy for step in given),
    }
    return _Rows(
        {step.id: formats.step(step, scrub) for step in given},
        {step.id: formats.step_provenance(step, scrub, names) for step in given},
        report,
    )


def _report(truth: Truth, order: Order, selection: Selection[Any], made: _Rows) -> dict[str, Any]:
    marked = {mark.run for mark in truth.marks}
    compared = {run for one in truth.comparisons for run in (one.left, one.right)}
    return {
        "derived": selection.derived,
        "exported": len(selection.examples),
        "left_out": selection.left_out,
        "duplicates": selection.duplicates,
        "over_the_limit_of_a_person": selection.capped,
        "included": sorted(order.include),
        "prompts": len({example.group for example in selection.examples}),
        "people": len({example.by for example in selection.examples}),
        "marked_runs_that_are_gone": len((marked | compared) - truth.cases.keys()),
        "damaged_runs": truth.damaged,
        **made.report,
    }


def _files(parts: Mapping[str, Sequence[str]], made: _Rows) -> dict[str, str]:
    """A part without rows has no file: `datasets` cannot load an empty one."""
    files = {
        f"{part}.jsonl": _lines(made.rows[id] for id in ids) for part, ids in parts.items() if ids
    }
    files["provenance.jsonl"] = _lines(
        {"file": f"{part}.jsonl", "line": line, **made.sources[id]}
        for part, ids in parts.items()
        for line, id in enumerate(ids, start=1)
    )
    return files


def _lines(rows: Iterable[Row]) -> str:
    return "".join(_whole(json.dumps(row, ensure_ascii=False)) + "\n" for row in rows)


def _whole(text: str) -> str:
    """Replace what is no character: Arrow refuses half a surrogate pair."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _manifest(
    order: Order, files: Mapping[str, str], report: Mapping[str, Any], today: str
) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "version": VERSION,
        "format": order.format,
        "made": today,
        "licence": LICENCE,
        "files": {name: _described(text) for name, text in files.items()},
        "report": report,
    }


def _described(text: str) -> dict[str, Any]:
    data = text.encode()
    return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def _nothing(selection: Selection[Any]) -> str:
    why = [f"{reason} {count}" for reason, count in selection.left_out.items()]
    if selection.duplicates:
        why.append(f"near-copies {selection.duplicates}")
    return "there is nothing to export" + (f"; left out: {', '.join(why)}" if why else "")
