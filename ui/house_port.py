"""What a face asks of the house: calls by name that give items and, at their end, a result."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from agents.events import Entry
from agents.view import disclosed
from app.serving.fitting import gathered
from ui.terminal import Screen

Item = dict[str, Any]


class Stream(Protocol):
    """The items of one call; `result` stands when they have all been read. An interrupt leaves it
    usable: stop the job, then read on to its end."""

    @property
    def job(self) -> str: ...

    @property
    def result(self) -> Any: ...

    def __iter__(self) -> Iterator[Any]: ...

    def __next__(self) -> Any: ...

    def close(self) -> None:
        """Read no further; the job goes on."""


class House(Protocol):
    """The engine as a face sees it; a fault that the user can mend is raised as `UserError`."""

    def call(self, name: str, params: Mapping[str, Any], job: str | None = None) -> Stream: ...

    def attach(self, job: str, number: int = 0) -> Stream: ...

    def stop(self, job: str) -> bool: ...

    def job(self, job: str) -> Item | None: ...


@dataclass(frozen=True, slots=True)
class Choice:
    """Which house a command line means: `home` as given (None for the default), and overrides.

    `reading`: only what is kept is read, so an engine that runs with other settings will do.
    """

    home: str | None
    overrides: tuple[tuple[str, str], ...]
    reading: bool = False


READING = frozenset(
    {"runs", "show", "replay", "export", "library", "library.export", "collections"}
    | {"feedback.list", "feedback.pairs", "feedback.agreement"}
)
"""Calls whose answer does not depend on settings."""


Attach = Callable[[Choice], House]


@dataclass(frozen=True, slots=True)
class Visit:
    """One command being carried out: what was asked for, where to print, the door to the house."""

    arguments: Any
    choice: Choice
    screen: Screen
    attach: Attach
    session: str = field(default_factory=lambda: os.urandom(8).hex())
    """Names this process to the engine, which lets sessions take turns."""

    def house(self) -> House:
        """Attach to the engine."""
        return self.attach(self.choice)

    def call(self, name: str, /, **params: Any) -> Stream:
        """Attach and call; parameters that are None are left out."""
        choice = replace(self.choice, reading=name in READING)
        return self.attach(choice).call(name, given(**params))

    def entries(self, run: str) -> list[Item]:
        """Return the entries of a run as they travel."""
        return [item["entry"] for item in self.call("show", run=run) if "entry" in item]

    def result(self, name: str, /, **params: Any) -> Item:
        """Call and return the result, with what of it came in parts."""
        return gathered(self.call(name, **params)) or {}


def given(**params: Any) -> Item:
    """Return the parameters that are not None."""
    return {key: value for key, value in params.items() if value is not None}


def read_entries(values: Iterable[Item]) -> list[Entry]:
    """Read journal entries from JSON objects; drafts that were never answered are left out."""
    from agents.codec import load

    return disclosed([Entry(v["run"], v["seq"], v["at"], load(v["event"])) for v in values])
