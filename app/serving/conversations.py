"""Conversations and their turns, as calls."""

import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from agents import view
from agents.models.base import Cancel
from app.calls import JSON, CallSpec, Items, Params
from app.serving.answers import Answers
from app.serving.fitting import fitting
from app.serving.params import names, number, reach_of
from app.store.standing import Standing, standings
from app.store.talk import Conversation, NewTurn, Turn
from app.telling import told_entry

if TYPE_CHECKING:
    from app.house import House


@dataclass(frozen=True, eq=False, slots=True)
class _Work:
    """A turn that is being answered: stopped by its own stop, or with its conversation."""

    conversation: str
    stop: Cancel
    deleted: threading.Event = field(default_factory=threading.Event)

    def is_set(self) -> bool:
        return self.stop.is_set() or self.deleted.is_set()


class Talks:
    """Conversations: what was asked in them, and the runs that answer it."""

    def __init__(self, house: "House") -> None:
        self._house = house
        self._working: set[_Work] = set()

    def calls(self) -> dict[str, CallSpec]:
        """Return these calls by name."""
        return {
            "turn.new": CallSpec(self.new),
            "turn.run": CallSpec(self.run, queued=True),
            "turn": CallSpec(self.turn),
            "conversation": CallSpec(self.conversation),
            "conversations": CallSpec(self.conversations),
            "conversation.rename": CallSpec(self.rename),
            "conversation.delete": CallSpec(self.delete),
            "conversation.leaf": CallSpec(self.leaf),
        }

    def new(self, params: Params, cancel: Cancel) -> Items:
        """Keep {turn, question, by, face} before any work on it begins; see `NewTurn`.

        Optional: conversation, parent, collections, sources, history (true: the turns before go
        along), follow (true: `parent` is the last turn shown) and begin (true: a conversation of
        the given name is made if it does not stand). Returns {conversation, turn, run, parent}.
        """
        yield from ()
        turn = self._house.conversations.add(
            NewTurn(
                id=str(params["turn"]),
                question=str(params["question"]),
                by=str(params["by"]),
                face=str(params["face"]),
                conversation=params.get("conversation"),
                parent=params.get("parent"),
                follow=bool(params.get("follow", False)),
                begin=bool(params.get("begin", False)),
                collections=names(params, "collections"),
                sources=names(params, "sources"),
                tags=names(params, "tags"),
                reach=reach_of(params),
                history=bool(params.get("history", True)),
            )
        )
        told = {"conversation": turn.conversation, "turn": turn.id}
        return told | {"run": turn.run, "parent": turn.parent}

    def run(self, params: Params, cancel: Cancel) -> Items:
        """Answer {turn} as `ask` does, with {session?, policy?, model?}; the job is best named
        like the turn. A run that stands is told again from the journal, never made twice."""
        turn = self._house.conversations.turn(str(params["turn"]))
        work = _Work(turn.conversation, cancel)
        self._working.add(work)
        try:
            asked = {key: params[key] for key in ("policy", "model") if params.get(key) is not None}
            asked |= {"question": turn.question, "run": turn.run, "history": self._history(turn)}
            asked |= {"collections": turn.collections or None, "sources": turn.sources or None}
            asked |= {"tags": turn.tags or None, "reach": turn.reach or None}
            return (yield from Answers(self._house).ask(asked, work))
        finally:
            self._working.discard(work)

    def turn(self, params: Params, cancel: Cancel) -> Items:
        """Return {turn, entries, more}: the entries of its run with numbers above `after`.

        Nothing of a draft is among them before there is an answer. `more` says that the rest did
        not fit: ask again with `after` of the last one.
        """
        yield from ()
        turn = self._house.conversations.turn(str(params["turn"]))
        entries, more = self._entries(turn.run, number(params, "after", -1))
        (told,) = self._told([turn])
        return {"turn": told, "entries": entries, "more": more}

    def conversation(self, params: Params, cancel: Cancel) -> Items:
        """Return the conversation {id} with all its turns, oldest first."""
        yield from ()
        found, turns = self._house.conversations.find(str(params["id"]))
        return _line(found) | {"leaf": found.leaf, "turns": self._told(turns)}

    def conversations(self, params: Params, cancel: Cancel) -> Items:
        """Return the lines of {by?, face?, limit?}, the last changed first; `turns` is a count."""
        yield from ()
        found = self._house.conversations.latest(
            params.get("by"), params.get("face"), max(1, number(params, "limit", 100))
        )
        return {"conversations": [_line(one) | {"turns": one.turns} for one in found]}

    def rename(self, params: Params, cancel: Cancel) -> Items:
        yield from ()
        id = str(params["id"])
        return {"id": id, "title": self._house.conversations.rename(id, str(params["title"]))}

    def delete(self, params: Params, cancel: Cancel) -> Items:
        """Delete the conversation {id} and its turns, and stop what is being answered in it.

        Its runs stay: they are the journal.
        """
        yield from ()
        id = str(params["id"])
        self._house.conversations.delete(id)
        for work in [work for work in self._working.copy() if work.conversation == id]:
            work.deleted.set()
        return {"id": id}

    def leaf(self, params: Params, cancel: Cancel) -> Items:
        """Show the path of {id} that ends with {turn}."""
        yield from ()
        self._house.conversations.show(str(params["id"]), str(params["turn"]))
        return {"id": str(params["id"]), "leaf": str(params["turn"])}

    def _entries(self, run: str, after: int) -> tuple[list[JSON], bool]:
        # Most looks come while nothing is new; a whole run is only read when something is.
        if self._house.journal.length(run) <= after + 1:
            return [], False
        entries = view.disclosed(self._house.journal.entries(run))
        return fitting(told_entry(entry) for entry in entries if entry.seq > after)

    def _told(self, turns: Sequence[Turn]) -> list[dict[str, Any]]:
        found = standings(self._house.database, [turn.run for turn in turns])
        return [_turn(turn, found[turn.run]) for turn in turns]

    def _history(self, turn: Turn) -> list[dict[str, str]]:
        """The path before a turn: the stand-alone question and the shown answer of each run."""
        path = self._house.conversations.path(turn.id) if turn.history else []
        found = standings(self._house.database, [before.run for before in path])
        return [
            {"question": standing.asked or "", "answer": standing.answer}
            for standing in (found[before.run] for before in path)
            if standing.answer is not None
        ]


def _line(one: Conversation) -> dict[str, Any]:
    told = asdict(one)
    return {key: told[key] for key in ("id", "title", "by", "face", "created", "updated")}


def _turn(turn: Turn, standing: Standing) -> dict[str, Any]:
    told = asdict(turn) | {"asked": standing.asked, "state": standing.state}
    return told | {name: list(getattr(turn, name)) for name in ("collections", "sources", "tags")}
