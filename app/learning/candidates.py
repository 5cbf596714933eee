"""Keeps what was learned: a folder and a card for each candidate, and which of a kind is released.

    models/learned/NAME/card.json      what it is, from what, how, and what was measured
    models/learned/released.json       for each kind every release and rollback, the newest last

Both files are replaced whole, so a crash at any moment leaves the old one or the new one, and who
changes them holds a lock, which a crash gives free. Cards are kept for ever, also those of
candidates that were refused. A folder without a card is a training that has not ended; it is no
candidate.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from app.learning import checkpoint
from retrieval.errors import UserError
from retrieval.lock import FileLock

Kind = Literal["reward", "write", "browse"]
"""What can be learned: to rank answers, to write them, to choose the next step of browsing."""

KINDS: tuple[Kind, ...] = get_args(Kind)
CARD, RELEASED = "card.json", "released.json"
ADAPTER = "adapter.gguf"
"""The file of a candidate that is laid over a model, in its folder."""

AS_SHIPPED = ""
"""In place of a name: what comes with the program, or nothing."""

LOCK = "lock"

PATIENCE = 20.0
"""Seconds to wait for another process that changes something."""

NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,63}")
"""What a candidate may be called; its folder has that name."""


@dataclass(frozen=True, slots=True)
class Card:
    """What is known of a candidate.

    `base` tells the model that it was learned on (`Model.identity`, or the embedder's fingerprint)
    and `made` is a date (ISO 8601). `data` maps each file or origin to its SHA-256, licence and
    rows; `settings` are those of the training; `figures` what was measured, each with its split.
    """

    name: str
    kind: Kind
    base: str
    made: str
    seed: int
    data: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    figures: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """That a candidate was released, or one before it came back (`how` "rollback"). `name` is
    `AS_SHIPPED` where nothing learned is in use from then on; `because` holds the figures."""

    name: str
    how: Literal["release", "rollback"]
    when: str
    because: Mapping[str, Any] = field(default_factory=dict)


class Candidates:
    """What was learned in one home; `models` is its folder of models."""

    def __init__(self, models: Path) -> None:
        self._root = models / "learned"

    def folder(self, name: str) -> Path:
        """Return where a candidate's files lie. `UserError`: no name that one could have."""
        if not NAME.fullmatch(name):
            raise UserError(
                f"{name!r} is no name of a candidate", cure="look in models/learned in the home"
            )
        return self._root / name

    def all(self) -> list[Card]:
        """Return the cards of all candidates, the oldest first."""
        cards = [self.find(path.parent.name) for path in self._root.glob(f"*/{CARD}")]
        return sorted(cards, key=lambda card: (card.made, card.name))

    def find(self, name: str) -> Card:
        """Return a candidate's card. `UserError` if there is none, or it cannot be read."""
        path = self.folder(name) / CARD
        try:
            return Card(**json.loads(path.read_bytes()))
        except FileNotFoundError:
            raise UserError(
                f"there is no candidate {name!r}", cure="look in models/learned in the home"
            ) from None
        except (OSError, ValueError, TypeError) as error:
            raise UserError(
                f"the card {str(path)!r} cannot be read: {error}", cure="remove its folder"
            ) from error

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Keep other processes from reading and writing cards and releases meanwhile.

        `UserError` if another one goes on doing that for `PATIENCE` seconds.
        """
        self._root.mkdir(parents=True, exist_ok=True)
        lock = FileLock.take(self._root / LOCK, PATIENCE)
        if lock is None:
            raise UserError(
                "another process is changing what is released", cure="try again when it has ended"
            )
        with lock:
            yield

    def keep(self, card: Card) -> None:
        """Write a card, which makes a candidate of its folder, or puts new figures on it."""
        _replace(self.folder(card.name) / CARD, asdict(card))

    def released(self, kind: Kind) -> Card | None:
        """Return what is in use of a kind; None where it is what comes with the program."""
        changes = self.changes(kind)
        name = changes[-1].name if changes else AS_SHIPPED
        if name and not (self.folder(name) / CARD).is_file():
            raise UserError(
                f"{name}, which is in use, is gone from models/learned in the home",
                cure=f"put it back, or take it back with: vouch learn rollback {kind}",
            )
        return self.find(name) if name else None

    def changes(self, kind: Kind) -> Sequence[Change]:
        """Return the releases and rollbacks of a kind, the newest last."""
        path = self._root / RELEASED
        try:
            return [Change(**one) for one in json.loads(path.read_bytes()).get(kind, ())]
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise UserError(
                f"the list of releases {str(path)!r} cannot be read: {error}",
                cure="remove it to use what comes with the program, then release again",
            ) from error

    def change(self, kind: Kind, change: Change) -> None:
        """Put a candidate of that kind in use from now on, or take it out of use."""
        if change.name and self.find(change.name).kind != kind:
            raise UserError(
                f"the candidate {change.name!r} is not of the kind {kind!r}",
                cure="look in models/learned in the home",
            )
        known = {one: list(map(asdict, self.changes(one))) for one in KINDS}
        known[kind].append(asdict(change))
        _replace(self._root / RELEASED, known)


def entry(data: Mapping[str, Any], name: str, digest: str) -> str:
    """Return the name under which a file of that SHA-256 stands on a card: its own, or with a part
    of the hash where another file has it."""
    taken = data.get(name)
    return name if taken is None or taken["sha256"] == digest else f"{name} ({digest[:8]})"


def before(changes: Sequence[Change]) -> str:
    """Return the name that a rollback brings back: the one in use before the newest release that
    was not taken back yet; `AS_SHIPPED` before the first."""
    stack: list[str] = [AS_SHIPPED]
    for change in changes:
        if change.how == "release":
            stack.append(change.name)
        elif len(stack) > 1:
            stack.pop()
    return stack[-2] if len(stack) > 1 else AS_SHIPPED


def _replace(path: Path, value: Any) -> None:
    checkpoint.replace(path, json.dumps(value, ensure_ascii=False, indent=1).encode())
