"""What the engine serves: a table of named calls, each a generator of JSON values."""

from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from agents.models.base import Cancel

JSON: TypeAlias = Any
"""A value that `json.dumps` writes."""

Call: TypeAlias = Callable[[Mapping[str, Any], Cancel], Iterator[JSON]]
"""Takes parameters and a cancel token, yields items; what the generator returns is the result."""


Params: TypeAlias = Mapping[str, Any]

Items: TypeAlias = Generator[JSON, None, JSON]


@dataclass(frozen=True, slots=True)
class CallSpec:
    """A call, and whether it waits for a slot (questions) or runs at once (everything else)."""

    run: Call
    queued: bool = False


class HouseCalls(Protocol):
    """The calls of one home, and the end of what they hold open."""

    @property
    def calls(self) -> Mapping[str, CallSpec]: ...

    def close(self) -> None: ...


class BuildCalls(Protocol):
    """Opens a home and returns its calls; a `UserError` says why it cannot."""

    def __call__(
        self, home: Path, environ: Mapping[str, str], overrides: dict[str, str]
    ) -> HouseCalls: ...
