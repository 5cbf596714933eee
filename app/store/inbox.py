"""The inbox: events from outside, each taken once, kept before it is acknowledged."""

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, select, update

from app.store.sessions import insert_first, reading, writing
from app.store.tables import LOCAL
from app.store.tables_talk import InboxRow
from retrieval.errors import UserError

TAKEN = "taken"
"""The state of an event that was just taken."""

DONE = "done"
"""The state of an event that needs no more work; every other one is open."""

KEY = 255
"""Characters of a key at most."""

SIZE = 256 * 1024
"""Bytes of a payload or of data at most, as JSON."""

_WORD = re.compile(r"[a-z][a-z0-9_-]{0,31}")


@dataclass(frozen=True, slots=True)
class Letter:
    """One event: its state, what came (`payload`) and what its face notes about it (`data`), both
    JSON values; `at` is when it was taken, UTC in seconds."""

    key: str
    state: str
    payload: Any
    data: Any
    at: float


class Inbox:
    """Keeps the events of one owner. Usable from several threads and processes.

    `UserError` for a key that nobody took, and for a value that is no JSON or too large.
    """

    def __init__(
        self, engine: Engine, clock: Callable[[], float] = time.time, owner: str = LOCAL
    ) -> None:
        """`clock` gives UTC in seconds."""
        self._engine = engine
        self._clock = clock
        self._owner = owner

    def take(self, key: str, face: str, payload: Any) -> tuple[bool, Letter]:
        """Keep an event, and say whether it is fresh: of all who take a key, one is told so.

        It is committed to the disk on return. Of one that was taken before, what stands is
        returned, and the new payload is left aside.
        """
        if not 0 < len(key) <= KEY:
            raise UserError(f"the key {key[:40]!r} has {len(key)} characters", cure="use 1 to 255")
        row = {"key": key, "owner": self._owner, "face": _word(face), "state": TAKEN}
        row |= {"payload": _json(payload), "data": "{}"}
        with writing(self._engine) as connection:
            fresh = insert_first(connection, InboxRow, row | {"at": self._clock()})
            return fresh, self._known(connection, key)

    def mark(self, key: str, state: str, data: Any = None) -> None:
        """Move an event to a state; `data` takes the place of what was noted, None leaves it."""
        values = {"state": _word(state)} | ({} if data is None else {"data": _json(data)})
        with writing(self._engine) as connection:
            self._known(connection, key)
            mine = (InboxRow.key == key, InboxRow.owner == self._owner)
            connection.execute(update(InboxRow).where(*mine).values(values))

    def open(self, face: str) -> list[Letter]:
        """The events of a face that are not done, oldest first."""
        wanted = select(InboxRow).where(
            InboxRow.owner == self._owner, InboxRow.face == _word(face), InboxRow.state != DONE
        )
        with reading(self._engine) as connection:
            rows = connection.execute(wanted.order_by(InboxRow.at, InboxRow.key))
            return [_letter(row) for row in rows]

    def _known(self, connection: Connection, key: str) -> Letter:
        wanted = select(InboxRow).where(InboxRow.key == key, InboxRow.owner == self._owner)
        row = connection.execute(wanted).first()
        if row is None:
            raise UserError(f"no event {key[:40]!r} was taken", cure="take it first")
        return _letter(row)


def _letter(row: Any) -> Letter:
    return Letter(row.key, row.state, json.loads(row.payload), json.loads(row.data), row.at)


def _word(text: str) -> str:
    if not _WORD.fullmatch(text):
        raise UserError(f"{text[:40]!r} is no name", cure="use small letters, at most 32")
    return text


def _json(value: Any) -> str:
    try:
        text = json.dumps(value, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise UserError(f"a value is no JSON: {error}", cure="send plain values") from error
    if len(text) > SIZE:
        raise UserError(
            f"a value has {len(text)} bytes as JSON", cure=f"keep at most {SIZE} of them"
        )
    return text
