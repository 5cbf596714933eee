"""A conversation as a tree of turns: the path that is shown, and the siblings of a turn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ENDED = ("answered", "stopped")
"""States of a turn whose run has come to its end."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One question; `parent` is the turn before it, `at` its time in UTC seconds, `asked` the
    question made to stand alone, if it was."""

    id: str
    parent: str | None
    question: str
    run: str
    state: str
    at: float
    asked: str | None = None
    collections: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    reach: str = ""

    @property
    def ended(self) -> bool:
        return self.state in ENDED


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation with all its turns, oldest first; `leaf` ends the path that is shown."""

    id: str
    title: str
    leaf: str | None
    turns: tuple[Turn, ...]

    def path(self) -> list[Turn]:
        """Return the turns that are shown, oldest first."""
        known = {turn.id: turn for turn in self.turns}
        path: list[Turn] = []
        at = known.get(self.leaf or "")
        while at is not None and at not in path:
            path.append(at)
            at = known.get(at.parent or "")
        return path[::-1]

    def siblings(self, turn: Turn) -> list[Turn]:
        """Return the turns that follow the same one, oldest first, this one among them."""
        return [other for other in self.turns if other.parent == turn.parent]

    def tip(self, turn: Turn) -> Turn:
        """Return the newest end of the paths through a turn."""
        tip = turn
        while following := [other for other in self.turns if other.parent == tip.id]:
            tip = following[-1]
        return tip


def read_talk(told: Mapping[str, Any]) -> Talk:
    """Read a conversation as the engine tells it."""
    turns = tuple(read_turn(turn) for turn in told["turns"])
    return Talk(told["id"], told["title"], told.get("leaf"), turns)


def read_turn(told: Mapping[str, Any]) -> Turn:
    """Read a turn as the engine tells it."""
    return Turn(
        id=told["id"],
        parent=told.get("parent"),
        question=told["question"],
        run=told["run"],
        state=told["state"],
        at=float(told["at"]),
        asked=told.get("asked"),
        collections=_names(told.get("collections")),
        tags=_names(told.get("tags")),
        reach=str(told.get("reach") or ""),
        sources=_names(told.get("sources")),
    )


def _names(values: Sequence[str] | None) -> tuple[str, ...]:
    return tuple(values or ())
