"""Reads folders that are learned from: exports of feedback, and the public reading sets."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from agents.models.base import Message
from app.feedback.folder import MANIFEST, SCHEMA
from app.learning.candidates import entry
from app.learning.writing import public
from app.learning.writing.examples import Example, Opinion, Preference
from retrieval.errors import UserError

Method = Literal["sft", "dpo", "kto"]

TRAIN = "train.jsonl"
"""The part of an export that is learned from; the other one is kept to measure."""

SFT = "sft"
"""The format of folders that `vouch learn vote` writes: prompts and replies as they are."""

_TAKES: dict[Method, tuple[str, ...]] = {
    "sft": ("trl", "kto", "trajectories", SFT),
    "dpo": ("trl",),
    "kto": ("kto", "trl"),
}


@dataclass(slots=True)
class Given:
    """What was found in the folders; `data` tells each file's SHA-256, licence and rows."""

    examples: list[Example] = field(default_factory=list)
    preferences: list[Preference] = field(default_factory=list)
    opinions: list[Opinion] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)

    def of(self, method: Method) -> "list[Example] | list[Preference] | list[Opinion]":
        """Return what a method learns from."""
        return {"sft": self.examples, "dpo": self.preferences, "kto": self.opinions}[method]  # type: ignore[return-value]


def given(folders: Sequence[Path], method: Method, seed: int, browsing: bool = False) -> Given:
    """Read every folder for a method. `browsing`: the steps of browsing, else the answers.

    `UserError`: a folder holds nothing that the method can learn from, or cannot be read.
    """
    found = Given()
    for folder in folders:
        manifest = _manifest(folder)
        if manifest is None and method == "sft" and not browsing:
            _public(folder, seed, found)
        elif manifest is None or manifest["format"] not in _TAKES[method]:
            raise _foreign(folder, manifest, method)
        else:
            _export(folder, manifest, browsing, found)
    return found


def _manifest(folder: Path) -> dict[str, Any] | None:
    """Return what the folder says of itself; None where it is no export."""
    try:
        read = json.loads((folder / MANIFEST).read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise UserError(
            f"{str(folder / MANIFEST)!r} cannot be read: {error}", origin="--data"
        ) from error
    return read if isinstance(read, dict) and read.get("schema") == SCHEMA else None


def _foreign(folder: Path, manifest: dict[str, Any] | None, method: Method) -> UserError:
    what = f"of the format {manifest['format']!r}" if manifest else "no export of feedback"
    formats = " or ".join(_TAKES[method])
    return UserError(
        f"{str(folder)!r} is {what}, and the method {method} learns from {formats}",
        origin="--data",
        cure=f"make one with: vouch feedback export --format {_TAKES[method][0]} -o DIR",
    )


def _public(folder: Path, seed: int, found: Given) -> None:
    digests = public.digests(folder)
    asked = [one for one in public.asked(folder) if not public.kept_aside(one.title)]
    made = public.examples(asked, seed)
    for name, digest in digests.items():
        rows = sum(one.source == name for one in made)
        found.data[name] = {"sha256": digest, "licence": public.SETS[name], "rows": rows}
    found.examples += made


def _export(folder: Path, manifest: dict[str, Any], browsing: bool, found: Given) -> None:
    path, kind = folder / TRAIN, str(manifest["format"])
    try:
        text = path.read_text("utf-8")
        # Not splitlines: a string may hold line ends of other kinds as they are.
        rows = [json.loads(line) for line in text.split("\n") if line]
        for row in rows:
            _row(row, kind, browsing, str(folder), found)
    except FileNotFoundError:
        raise UserError(
            f"the export {str(folder)!r} has no {TRAIN!r}", origin="--data", cure="make it again"
        ) from None
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise UserError(
            f"{str(path)!r} is no file of the format {kind}: {error!r}",
            origin="--data",
            cure="make the export again",
        ) from error
    digest = hashlib.sha256(text.encode()).hexdigest()
    found.data[entry(found.data, f"{folder.name}/{TRAIN}", digest)] = {
        "sha256": digest, "licence": str(manifest.get("licence", "")), "rows": len(rows),
        "format": kind,
    }  # fmt: skip


def _row(row: dict[str, Any], kind: str, browsing: bool, source: str, found: Given) -> None:
    """Take a row as every kind of thing that can be learned from it."""
    prompt = tuple(_messages(row["prompt"]))
    style = style_of(prompt)
    group = prompt[1 if style == "browse" else -1].content
    if kind == "trl":
        chosen, rejected = _said(row["chosen"]), _said(row["rejected"])
        found.preferences.append(Preference(prompt, chosen, rejected, group, source))
        if browsing == (style == "browse"):
            found.examples.append(Example(prompt, chosen, style, group, source))
        found.opinions.append(Opinion(prompt, chosen, True, group, source))
        found.opinions.append(Opinion(prompt, rejected, False, group, source))
        return
    reply, good = _said(row["completion"]), bool(row.get("label", True))
    if kind == "kto":
        found.opinions.append(Opinion(prompt, reply, good, group, source))
    if good and browsing == (style == "browse"):
        found.examples.append(Example(prompt, reply, style, group, source))


def style_of(prompt: Sequence[Message]) -> str:
    """Tell a step of browsing, which has a system turn, a short answer, which has examples before
    it, and prose from each other."""
    if prompt[0].role == "system":
        return "browse"
    return "short" if len(prompt) > 1 else "prose"


def _messages(rows: Any) -> Iterator[Message]:
    for row in rows:
        role = row["role"]
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"no role {role!r}")
        yield Message(role, str(row["content"]))


def _said(rows: Any) -> str:
    return "".join(one.content for one in _messages(rows))
