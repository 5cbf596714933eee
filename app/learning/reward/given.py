"""Reads what a reward is learned from: the pairs of a home, and exports of other homes."""

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.events import Quoted
from app.feedback.folder import MANIFEST, SCHEMA
from app.feedback.pairs import Pair, derive
from app.learning.candidates import entry
from app.learning.reward.comparing import (
    LEFT_OUT,
    TIE,
    Comparison,
    Side,
    compared,
    once,
    question_of,
)
from retrieval.errors import UserError

if TYPE_CHECKING:
    from app.house import House

TRAIN, PROVENANCE = "train.jsonl", "provenance.jsonl"
FORMATS = ("webgpt", "trl")
OWN = "own pairs"
OURS = "your own data, as vouch feedback lists it"

_QUOTE = re.compile(r"^\[(\d+)\] (.*) \(([^()\n]*)\)$", re.MULTILINE)
_QUESTION = re.compile(r"^Question: (.*)$", re.MULTILINE)


@dataclass(slots=True)
class Given:
    """Comparisons, and for each place that they come from its SHA-256, licence and rows."""

    comparisons: list[Comparison] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)


def given(pairs: Sequence[Pair], folders: Sequence[Path]) -> Given:
    """Return the comparisons of these pairs of a home and of these folders, each once.

    `UserError`: a folder holds no export of the formats `FORMATS`, or cannot be read.
    """
    found = Given()
    own = compared(pairs)
    if own:
        digest = hashlib.sha256("\n".join(_told(own)).encode("utf-8", "replace")).hexdigest()
        found.data[OWN] = {"sha256": digest, "licence": OURS, "rows": len(own)}
    every = [*own]
    for folder in folders:
        every += _export(folder, found)
    found.comparisons = once(every)
    return found


def kept(house: "House") -> list[Pair]:
    """Return the pairs of a home, worked out from its runs and what people said of them."""
    from app.store.evidence import answered

    cases, _ = answered(house.database)
    return derive(cases, house.opinions.marks(), house.opinions.comparisons())


def _told(given: Iterable[Comparison]) -> list[str]:
    return sorted(f"{one.first.id} {one.second.id} {one.share}" for one in given)


def _export(folder: Path, found: Given) -> list[Comparison]:
    kind = _format(folder)
    path = folder / TRAIN
    try:
        text = path.read_text("utf-8")
        # Not splitlines: a string may hold line ends of other kinds as they are.
        rows = [json.loads(line) for line in text.split("\n") if line]
        read = _webgpt if kind == "webgpt" else _trl
        ranked = _ranked(folder)
        made = [read(row, folder.name) for at, row in enumerate(rows, 1) if at not in ranked]
    except FileNotFoundError:
        raise UserError(
            f"the export {str(folder)!r} has no {TRAIN!r}", origin="--data", cure="make it again"
        ) from None
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise UserError(
            f"{str(path)!r} is no file of the format {kind}: {error!r}",
            origin="--data",
            cure="make the export again",
        ) from error
    licence = _manifest(folder).get("licence", "")
    digest = hashlib.sha256(text.encode()).hexdigest()
    found.data[entry(found.data, f"{folder.name}/{TRAIN}", digest)] = {
        "sha256": digest, "licence": str(licence), "rows": len(made), "format": kind,
    }  # fmt: skip
    return made


def _ranked(folder: Path) -> frozenset[int]:
    """The lines (from 1) of drafts that judges ranked, which no reward learns from: see
    `app.learning.reward.comparing.LEFT_OUT`. None where it is not told where lines come from."""
    try:
        text = (folder / PROVENANCE).read_text("utf-8")
    except FileNotFoundError:
        counts = _manifest(folder).get("report", {}).get("exported_by_origin", {})
        if any(counts.get(origin) for origin in LEFT_OUT):
            raise UserError(
                f"the export {str(folder)!r} holds pairs that judges ranked, and {PROVENANCE!r}, "
                "which tells them apart, is missing",
                origin="--data",
                cure="make the export again, and keep its files together",
            ) from None
        return frozenset()
    told = [json.loads(line) for line in text.split("\n") if line]
    mine = (one for one in told if one.get("file") == TRAIN and one.get("origin") in LEFT_OUT)
    return frozenset(int(one["line"]) for one in mine)


def _format(folder: Path) -> str:
    manifest = _manifest(folder)
    kind = str(manifest.get("format", ""))
    if manifest.get("schema") != SCHEMA or kind not in FORMATS:
        what = f"of the format {kind!r}" if kind else "no export of feedback"
        raise UserError(
            f"{str(folder)!r} is {what}, and a reward is learned from {' or '.join(FORMATS)}",
            origin="--data",
            cure="make one with: vouch feedback export --format webgpt -o DIR",
        )
    return kind


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        read = json.loads((folder / MANIFEST).read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise UserError(
            f"{str(folder / MANIFEST)!r} cannot be read: {error}", origin="--data"
        ) from error
    return read if isinstance(read, dict) else {}


def _webgpt(row: dict[str, Any], source: str) -> Comparison:
    question = str(row["question"]["full_text"])
    sides = [Side(question, _quotes(row[f"quotes_{n}"]), str(row[f"answer_{n}"])) for n in (0, 1)]
    score = float(row["score_0"])
    first, second = sides if score >= 0 else reversed(sides)
    return Comparison(question_of(question), first, second, 1.0 if score else TIE, source)


def _quotes(row: dict[str, Any]) -> tuple[Quoted, ...]:
    both = zip(row["title"], row["extract"], strict=True)
    return tuple(quoted(n, title, text) for n, (title, text) in enumerate(both, start=1))


def _trl(row: dict[str, Any], source: str) -> Comparison:
    """A row with the prompt as it was written: the question and quotes stand in its last turn."""
    body = str(row["prompt"][-1]["content"])
    asked = _QUESTION.search(body)
    if asked is None:
        raise ValueError("a prompt has no line that begins with 'Question: '")
    question = asked[1]
    short = len(row["prompt"]) > 1
    quotes = tuple(quoted(int(m[1]), m[3], m[2]) for m in _QUOTE.finditer(body))
    if short:
        quotes = (quoted(1, "", body[: asked.start()].strip()),)
    first, second = (
        Side(question, quotes, _text(row[name], short)) for name in ("chosen", "rejected")
    )
    return Comparison(question_of(question), first, second, 1.0, source)


def _text(turns: Sequence[dict[str, Any]], short: bool) -> str:
    """What was replied; the few words of a short answer get the mark that they are shown with."""
    said = "".join(str(turn["content"]) for turn in turns)
    return f"{said} [1]." if short and "[" not in said else said


def quoted(number: int, title: str, text: str) -> Quoted:
    """Return a quote of which no more is known than its words."""
    return Quoted(number, "", "", title, text, 0, len(text))
