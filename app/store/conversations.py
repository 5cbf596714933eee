"""Conversations: trees of turns, each a question and the name of the run that answers it."""

import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Engine, delete, insert, select, update

from app.store.names import NAME, RunNames
from app.store.sessions import alone, insert_new, reading, writing
from app.store.tables import LOCAL
from app.store.tables_talk import ConversationRow, TurnRow
from app.store.talk import Conversation, NewTurn, Turn, cut_title, listing, read_turn, turn_values
from retrieval.errors import UserError


class Conversations:
    """Keeps the conversations of one owner. Usable from several threads.

    Deleting a conversation deletes its turns and no run: runs are the journal, and feedback,
    exports and replays stand on them. An id that nobody has raises `UserError`.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Callable[[], float] = time.time,
        names: RunNames | None = None,
        owner: str = LOCAL,
    ) -> None:
        """`names` must be those of the journal, so that a reserved name is given to no other run;
        `clock` gives UTC in seconds."""
        self._engine = engine
        self._clock = clock
        self._names = names or RunNames()
        self._owner = owner

    def add(self, new: NewTurn) -> Turn:
        """Keep a turn and show it last; one that stands already is returned as it is.

        It is committed to the disk on return, with the name of its run. `UserError` if the id is
        of another question or person, and for an unknown conversation or parent.
        """
        new.checked()
        with writing(self._engine) as connection:
            alone(connection, f"turn {new.id}")
            known = self._find(connection, new.id)
            if known is None:
                return self._add(connection, new)
        if (known.question, known.by) != (new.question, new.by):
            raise UserError(f"the turn {new.id} is of another question", cure="use another id")
        return known

    def turn(self, id: str) -> Turn:
        """The turn of that id."""
        with reading(self._engine) as connection:
            return self._known(connection, id)

    def path(self, id: str) -> list[Turn]:
        """The turns that lead to a turn, oldest first, without itself."""
        with reading(self._engine) as connection:
            turn = self._known(connection, id)
            by_id = {one.id: one for one in self._turns(connection, turn.conversation)}
        path: list[Turn] = []
        while turn.parent is not None and turn.parent in by_id:
            turn = by_id[turn.parent]
            path.insert(0, turn)
        return path

    def find(self, id: str) -> tuple[Conversation, list[Turn]]:
        """A conversation and all its turns, oldest first."""
        if not NAME.fullmatch(id):
            raise _unknown(id)
        with reading(self._engine) as connection:
            row = connection.execute(listing(self._owner).where(ConversationRow.id == id)).first()
            if row is None:
                raise _unknown(id)
            return Conversation(*row), self._turns(connection, id)

    def latest(
        self, by: str | None = None, face: str | None = None, limit: int = 100
    ) -> list[Conversation]:
        """The conversations that changed last, newest first, of one person or face if given."""
        wanted = listing(self._owner)
        if by is not None:
            wanted = wanted.where(ConversationRow.by == by)
        if face is not None:
            wanted = wanted.where(ConversationRow.face == face)
        newest = wanted.order_by(ConversationRow.updated.desc(), ConversationRow.id.desc())
        with reading(self._engine) as connection:
            return [Conversation(*row) for row in connection.execute(newest.limit(limit))]

    def rename(self, id: str, title: str) -> str:
        """Give a conversation another title, and return it as it is kept."""
        kept = cut_title(title)
        if not kept:
            raise UserError("the title is empty", cure="write at least one letter")
        with writing(self._engine) as connection:
            self._set(connection, id, {"title": kept})
        return kept

    def show(self, id: str, leaf: str) -> None:
        """Choose the last turn of the path that is shown."""
        with writing(self._engine) as connection:
            self._inside(connection, id, leaf)
            self._set(connection, id, {"leaf": leaf})

    def delete(self, id: str) -> None:
        """Delete a conversation with its turns; its runs stay in the journal."""
        if not NAME.fullmatch(id):
            raise _unknown(id)
        with writing(self._engine) as connection:
            gone = connection.execute(delete(ConversationRow).where(*self._at(id)))
        if not gone.rowcount:
            raise _unknown(id)

    def _add(self, connection: Connection, new: NewTurn) -> Turn:
        now = self._clock()
        id = self._begun(connection, new, now)
        shown = select(ConversationRow.leaf).where(*self._at(id)).with_for_update()
        last = connection.scalar(shown)
        parent = last if new.follow else new.parent
        if parent is not None:
            self._inside(connection, id, parent)
        turn = Turn(
            id=new.id,
            conversation=id,
            parent=parent,
            by=new.by,
            face=new.face,
            question=new.question,
            run=self._names.make(now),
            at=now,
            collections=new.collections,
            sources=new.sources,
            tags=new.tags,
            reach=new.reach,
            history=new.history,
        )
        connection.execute(insert(TurnRow), turn_values(turn) | {"owner": self._owner})
        self._set(connection, id, {"leaf": turn.id, "updated": now})
        return turn

    def _begun(self, connection: Connection, new: NewTurn, now: float) -> str:
        """The id of the conversation that the turn belongs to, made if it is a new one."""
        if new.conversation and connection.scalar(
            select(ConversationRow.id).where(*self._at(new.conversation))
        ):
            return new.conversation
        if new.conversation and not new.begin:
            raise _unknown(new.conversation)
        if not new.conversation and new.parent:
            return self._known(connection, new.parent).conversation
        id = new.conversation or self._names.make(now)
        row = {"id": id, "owner": self._owner, "by": new.by, "face": new.face}
        told = {"title": cut_title(new.question), "created": now, "updated": now}
        insert_new(connection, ConversationRow, [row | told])
        return id

    def _inside(self, connection: Connection, id: str, turn: str) -> None:
        if self._known(connection, turn).conversation != id:
            raise UserError(f"the turn {turn} is of another conversation", cure="open it again")

    def _set(self, connection: Connection, id: str, values: dict[str, Any]) -> None:
        if not NAME.fullmatch(id):
            raise _unknown(id)
        changed = connection.execute(update(ConversationRow).where(*self._at(id)).values(values))
        if not changed.rowcount:
            raise _unknown(id)

    def _at(self, id: str) -> tuple[Any, ...]:
        return ConversationRow.id == id, ConversationRow.owner == self._owner

    def _turns(self, connection: Connection, conversation: str) -> list[Turn]:
        wanted = select(TurnRow).where(
            TurnRow.conversation == conversation, TurnRow.owner == self._owner
        )
        rows = connection.execute(wanted.order_by(TurnRow.at, TurnRow.run))
        return [read_turn(row) for row in rows]

    def _find(self, connection: Connection, id: str) -> Turn | None:
        if not NAME.fullmatch(id):
            return None
        wanted = select(TurnRow).where(TurnRow.id == id, TurnRow.owner == self._owner)
        row = connection.execute(wanted).first()
        return None if row is None else read_turn(row)

    def _known(self, connection: Connection, id: str) -> Turn:
        found = self._find(connection, id)
        if found is None:
            raise UserError(f"there is no turn {id[:80]!r}", cure="open the conversation again")
        return found


def _unknown(id: str) -> UserError:
    return UserError(
        f"there is no conversation {id[:80]!r}", cure="it may have been deleted: begin a new one"
    )
