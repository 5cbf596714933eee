"""Exports of a person's own preferences, with the part that is kept aside from learning."""

import json
from pathlib import Path
from typing import Any

from agents.asked import Style
from agents.compose import write_prompt
from agents.events import Quoted
from app.feedback.folder import SCHEMA

ASKED = "Who built the weir at Aldmoor?"
QUOTES = [
    Quoted(1, "d", "weir", "The weir", "Clara Voss built the weir in 1887.", 0, 34),
    Quoted(2, "e", "fen", "Fen", "Moths fly over the fen (in June).", 0, 33),
]


def export(folder: Path, rows: list[dict[str, Any]], kind: str = "trl") -> Path:
    folder.mkdir()
    (folder / "manifest.json").write_text(json.dumps({"schema": SCHEMA, "format": kind}))
    if rows:
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / "test.jsonl").write_text(lines, encoding="utf-8")
    return folder


def row(style: Style, chosen: str) -> dict[str, Any]:
    prompt = [{"role": m.role, "content": m.content} for m in write_prompt(ASKED, QUOTES, style)]
    replies = [{"role": "assistant", "content": text} for text in (chosen, "No [1].")]
    return {"prompt": prompt, "chosen": replies[:1], "rejected": replies[1:]}
