"""What the mind asks of the world: sources to search and open, a scorer, plugins, a clock."""

from collections.abc import Sequence
from typing import Protocol

from plugins.tools import ToolResult
from retrieval.documents import Document, Hit


class Sources(Protocol):
    """Where questions are looked up: the library, later also the web."""

    def search(
        self,
        query: str,
        k: int,
        collections: Sequence[str] = (),
        sources: Sequence[str] = (),
        tags: Sequence[str] = (),
    ) -> Sequence[Hit]:
        """Return at most `k` hits, best first, of the given collections, of the given files or
        folders, with one of the given tags; none of a kind means every one."""
        ...

    def open(self, document: str) -> Document | None:
        """Return a document by its id."""
        ...


class Scorer(Protocol):
    """Scores how alike two texts are, as the cosine of their embeddings, -1..1."""

    def similarities(self, pairs: Sequence[tuple[str, str]]) -> Sequence[float]: ...


class Toolbox(Protocol):
    """The plugins that a run may call."""

    def names(self) -> Sequence[str]: ...

    def describe(self) -> str:
        """One line a tool: name, arguments and purpose, for a prompt."""
        ...

    def call(self, tool: str, arguments: str) -> ToolResult:
        """Call a tool with a JSON object of arguments; a failure is a result with `failed` set."""
        ...


class Clock(Protocol):
    """Seconds since the run began."""

    def elapsed(self) -> float: ...
