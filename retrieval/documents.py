"""What the library holds: documents, the passages cut from them, and the hits of a search."""

import hashlib
from bisect import bisect_right
from dataclasses import dataclass, field


def content_id(*parts: str) -> str:
    """Return the first 20 hex digits of the SHA-256 of the parts, each closed by a zero byte."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode("utf-8", "surrogatepass"))
        digest.update(b"\0")
    return digest.hexdigest()[:20]


@dataclass(frozen=True, slots=True)
class Mark:
    """From offset `start` on, the text stands on `page` (1-based, None if unpaged) under `heading`.

    `heading` is the path of headings joined by " > ", outermost first; empty above the first one.
    """

    start: int
    heading: str = ""
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a page: `page text[start:end]` are its words, `url` is absolute."""

    start: int
    end: int
    url: str


@dataclass(frozen=True, slots=True)
class Document:
    """One text of the library, with where it came from. Offsets are code points into `text`."""

    source: str
    title: str
    text: str
    media: str = "text/plain"
    collection: str = "default"
    marks: tuple[Mark, ...] = ()
    links: tuple[Link, ...] = ()
    id: str = field(init=False, repr=False, compare=False)
    """The content hash: the same text in one collection is one document."""

    def __post_init__(self) -> None:
        # Every passage asks for it, and a text may be long: it is hashed once.
        object.__setattr__(self, "id", content_id(self.collection, self.text))

    def mark_at(self, offset: int) -> Mark:
        """Return the mark in force at `offset`; an empty mark before the first one."""
        index = bisect_right(self.marks, offset, key=lambda mark: mark.start) - 1
        return self.marks[index] if index >= 0 else Mark(0)


@dataclass(frozen=True, slots=True)
class Passage:
    """A span of a document. Law: `document.text[start:end] == text`."""

    document: str
    source: str
    title: str
    text: str
    start: int
    end: int
    heading: str = ""
    page: int | None = None

    @property
    def id(self) -> str:
        """The content hash of document and offsets."""
        return content_id(self.document, str(self.start), str(self.end))


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that a search found. `score` grows with relevance; `rank` counts from 1.

    `found_by` names the rankings that found it ("dense", "lexical"), and `cosine` is the cosine
    of query and passage in the embedder's space where the dense ranking saw it, else None.
    """

    passage: Passage
    score: float
    rank: int
    found_by: tuple[str, ...] = field(default=())
    cosine: float | None = None
