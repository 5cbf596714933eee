"""The values that conversations are made of, and how they are kept as rows."""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from app.store.names import NAME
from app.store.tables_talk import ConversationRow, TurnRow
from retrieval.errors import UserError

TITLE = 80
"""Characters of a title, which is the first question cut."""

_LISTS = ("collections", "sources", "tags")
QUESTION = 20_000
"""Characters of a question at most."""


@dataclass(frozen=True, slots=True)
class NewTurn:
    """A question as a face hands it in; `id` is of the face's choice and makes it idempotent.

    Without `conversation` the turn joins that of its parent, or begins a new one. `parent` is the
    turn before it, None for a first question; `follow` takes the last turn of the shown path. With
    `begin` a conversation of the given name is made if it does not stand yet.
    """

    id: str
    question: str
    by: str
    face: str
    conversation: str | None = None
    parent: str | None = None
    follow: bool = False
    begin: bool = False
    collections: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    reach: str = ""
    history: bool = True

    def checked(self) -> "NewTurn":
        """Return it as it is; `UserError` for what is empty, too long, or no name."""
        if not self.question.strip():
            raise UserError("the question is empty", cure="write a question")
        if len(self.question) > QUESTION:
            raise UserError(
                f"the question has {len(self.question)} characters",
                cure=f"write at most {QUESTION}; add long texts to the library",
            )
        for id in (self.id, *([self.conversation] if self.conversation else [])):
            if not NAME.fullmatch(id):
                raise UserError(f"{id[:80]!r} is no id", cure="use 1 to 64 letters and digits")
        return self


@dataclass(frozen=True, slots=True)
class Turn:
    """A question of a conversation; `run` is the name of its run, reserved before it begins."""

    id: str
    conversation: str
    parent: str | None
    by: str
    face: str
    question: str
    run: str
    at: float
    collections: tuple[str, ...]
    sources: tuple[str, ...]
    tags: tuple[str, ...]
    reach: str
    history: bool


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation; times are UTC in seconds, `turns` counts its turns, and `leaf` is the last
    turn of the path that is shown."""

    id: str
    title: str
    by: str
    face: str
    leaf: str | None
    created: float
    updated: float
    turns: int


def cut_title(text: str) -> str:
    """The text on one line, cut at a word to at most TITLE characters; "" if it has none."""
    line = " ".join(text.split())
    if len(line) <= TITLE:
        return line
    cut = line[: TITLE - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut[TITLE // 2 :] else cut) + "…"


def listing(owner: str) -> Any:
    """A statement for the conversations of an owner, in the order of `Conversation`'s fields."""
    turns = select(func.count()).where(TurnRow.conversation == ConversationRow.id)
    return select(
        ConversationRow.id,
        ConversationRow.title,
        ConversationRow.by,
        ConversationRow.face,
        ConversationRow.leaf,
        ConversationRow.created,
        ConversationRow.updated,
        turns.scalar_subquery(),
    ).where(ConversationRow.owner == owner)


def turn_values(turn: Turn) -> dict[str, Any]:
    """The columns of a turn's row, without its owner."""
    lists = {name: json.dumps(list(getattr(turn, name))) for name in _LISTS}
    names = (
        "id", "conversation", "parent", "by", "face", "question", "run", "at", "reach", "history",
    )  # fmt: skip
    return {name: getattr(turn, name) for name in names} | lists


def read_turn(row: Any) -> Turn:
    """The turn that a row keeps."""
    return Turn(
        id=row.id,
        conversation=row.conversation,
        parent=row.parent,
        by=row.by,
        face=row.face,
        question=row.question,
        run=row.run,
        at=row.at,
        collections=tuple(json.loads(row.collections)),
        sources=tuple(json.loads(row.sources)),
        tags=tuple(json.loads(row.tags)),
        reach=row.reach,
        history=row.history,
    )
