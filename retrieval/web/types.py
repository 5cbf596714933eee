"""What passes between the parts of the web: what was fetched or found, and what went wrong."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from retrieval.documents import Document

WEB = "web"
"""The collection of a page that was read and belongs to none."""

Reason = Literal[
    "forbidden", "robots", "offline", "unresolved", "unreachable", "timeout", "too big",
    "redirects", "status", "broken", "cancelled",
]  # fmt: skip
"""Why nothing was fetched: the rules forbid it, the site does, or the network or server failed."""


class CouldNotFetch(Exception):
    """Nothing was fetched. The text is one sentence, fit to be shown to a person or a model.

    `status` is that of the HTTP answer where there was one, `retry_after` the seconds that the
    server asks to be left alone, None if it does not say.
    """

    def __init__(
        self, what: str, reason: Reason, *, status: int = 0, retry_after: float | None = None
    ) -> None:
        super().__init__(what)
        self.reason = reason
        self.status = status
        self.retry_after = retry_after


class NotListed(CouldNotFetch):
    """A host that the owner could allow: `authority` is what they would list as private."""

    def __init__(self, what: str, authority: str) -> None:
        super().__init__(what, "forbidden")
        self.authority = authority


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer as it came. `url` is where it was found in the end, after `hops` redirects.

    `media` is the bare media type in lower case and `charset` as the header says, empty if it does
    not. `digest` is the SHA-256 of `body` in hex, its name in the page store. `at` is UTC in
    seconds; `cached` tells that the page store gave it. `headers` are those of the answer, names in
    lower case.
    """

    asked: str
    url: str
    status: int
    media: str
    charset: str
    body: bytes = field(repr=False)
    digest: str = ""
    hops: int = 0
    at: float = 0.0
    cached: bool = False
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Visited:
    """A page that was read: its `source` is the address it was found at, `digest` the SHA-256 (hex)
    of its bytes in the page store."""

    document: Document
    digest: str = ""


class Cancelled(Protocol):
    """A wish to stop, looked at between the pieces of a body."""

    def is_set(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Finding:
    """One result of a search engine: the snippet is its own text and never quoted."""

    url: str
    title: str
    snippet: str = ""
    engines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of asking one engine; `fault` is a sentence, empty if it answered."""

    engine: str
    found: int
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Searched:
    """What a chain of engines found, best first, each address once, and who was asked."""

    findings: tuple[Finding, ...]
    tried: tuple[Tried, ...]


class SearchFault(Exception):
    """An engine gave no answer. The text is one sentence that names the engine.

    `retry_after` is the seconds for which it should not be asked again, None if unknown.
    """

    def __init__(self, what: str, *, retry_after: float | None = None) -> None:
        super().__init__(what)
        self.retry_after = retry_after


class SearchEngine(Protocol):
    """A search engine of the web."""

    @property
    def name(self) -> str: ...

    def search(self, query: str, k: int, cancel: Cancelled | None = None) -> Sequence[Finding]:
        """Return at most `k` results, best first; raises `SearchFault`."""
        ...
