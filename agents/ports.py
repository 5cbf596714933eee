"""What the mind asks of the world: a library, the web, a scorer, plugins, a clock."""

from collections.abc import Sequence
from typing import Protocol

from agents.answers import Quoted, Verdict
from agents.models.base import Cancel
from plugins.tools import ToolResult
from retrieval.documents import Document, Hit
from retrieval.web.types import CouldNotFetch, Searched, Visited


class Sources(Protocol):
    """The library that questions are looked up in."""

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


class Web(Protocol):
    """The web: search engines, and pages by their addresses."""

    def find(self, query: str, k: int, cancel: Cancel | None = None) -> Searched:
        """Ask the search engines; who was asked and what went wrong is part of what comes back."""
        ...

    def visit(self, url: str, cancel: Cancel | None = None) -> Visited:
        """Fetch and read a page. Raises `CouldNotFetch` or `UserError` with one sentence."""
        ...


class NoWeb:
    """A run without the web."""

    def find(self, query: str, k: int, cancel: Cancel | None = None) -> Searched:
        return Searched((), ())

    def visit(self, url: str, cancel: Cancel | None = None) -> Visited:
        raise CouldNotFetch("the web is not open to this run", "offline")


class Scorer(Protocol):
    """Scores how alike two texts are, as the cosine of their embeddings, -1..1."""

    def similarities(self, pairs: Sequence[tuple[str, str]]) -> Sequence[float]: ...


class Verifier(Protocol):
    """Reads a claim beside its evidence, and says how likely that carries or contradicts it.

    `name` tells verifiers with different weights apart. `scripts` are those of `check.words.script`
    in which it reads claims ("latin"); none means every one.
    """

    @property
    def name(self) -> str: ...

    @property
    def scripts(self) -> tuple[str, ...]: ...

    def entailments(self, pairs: Sequence[tuple[str, str]]) -> Sequence[tuple[float, float]]:
        """Return for each (evidence, claim) the probabilities (0..1, together at most 1) that the
        evidence carries the claim and that it contradicts it."""
        ...


class Ranker(Protocol):
    """Ranks drafts by how much people would like them: a reward that was learned from comparisons.

    `name` tells rewards apart.
    """

    @property
    def name(self) -> str: ...

    def rank(
        self,
        question: str,
        quotes: Sequence[Quoted],
        drafts: Sequence[tuple[str, Sequence[Verdict]]],
    ) -> Sequence[float]:
        """Return the reward of each draft, which comes with the verdicts on its claims. Only
        differences between drafts of one question mean anything."""
        ...


class Toolbox(Protocol):
    """The plugins that a run may call."""

    def names(self) -> Sequence[str]: ...

    def describe(self) -> str:
        """One line a tool: name, arguments and purpose, for a prompt."""
        ...

    def schemas(self) -> Sequence[str]:
        """The JSON schema of each tool's arguments, as text, in the order of the names."""
        ...

    def outgoing(self) -> Sequence[str]:
        """The names of the tools that tell somebody else what they are called with."""
        ...

    def call(self, tool: str, arguments: str) -> ToolResult:
        """Call a tool with a JSON object of arguments; a failure is a result with `failed` set."""
        ...


class Clock(Protocol):
    """Seconds since the run began."""

    def elapsed(self) -> float: ...
