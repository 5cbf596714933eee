"""A site of the web as a collection of the library, as a call."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from agents.models.base import Cancel
from app.calls import JSON, CallSpec, Items, Params
from app.reach import allowing
from app.serving.params import number
from app.serving.shelves import named
from retrieval.documents import Document, content_id
from retrieval.errors import UserError
from retrieval.progress import Added, Changed, Failed, Indexed, Removed, Unchanged
from retrieval.web.crawl import Bounds, Step, crawl
from retrieval.web.trail import Trail
from retrieval.web.types import CouldNotFetch, Fetched, NotListed
from retrieval.web.urls import BadUrl, Url, parse

if TYPE_CHECKING:
    from app.house import House
    from retrieval.web.page import Page

CRAWLS = "crawls"
"""Folder of the trails, in the home."""

BATCH = 25
"""So many pages that are new, changed or gone are kept at once: a kill loses them at most."""

CHARACTERS = 1_000_000
"""A batch is kept earlier when its texts are as long as this."""

_GONE = (404, 410)
_NOTICES = {
    "challenge": "it wants to see that a person is there",
    "login": "it asks for a login",
    "consent": "it asks for consent first",
    "error": "it is an error page",
    "empty": "it has no text",
}


class Crawls:
    """Walks through sites."""

    def __init__(self, house: "House") -> None:
        self._house = house
        self._walked: set[Path] = set()
        self._taking = threading.Lock()

    def calls(self) -> dict[str, CallSpec]:
        """Return these calls by name."""
        return {"crawl": CallSpec(self.crawl)}

    def crawl(self, params: Params, cancel: Cancel) -> Items:
        """Bring {collection?}, by default the host's name, up to the site that begins at {url},
        asking for {pages?} at most, {depth?} links away.

        Yields what became of each page, as `add` does of files, when that is kept, and {kind:
        "reading"} with each that is asked for. Goes on where an earlier call was broken off.
        Returns {collection, failed, left, rest}: `left` are pages that the limit left out, `rest`
        those that the next call goes on with.
        """
        start, usual = _start(str(params["url"])), Bounds()
        collection = named(str(params.get("collection") or start.host), "a collection")
        pages, depth = number(params, "pages", usual.pages), number(params, "depth", usual.depth)
        if pages < 1 or depth < 0:
            raise UserError("a crawl of no pages was asked for", cure="ask for 1 page or more")
        if self._house.door.rules.shuts(start):
            raise UserError(
                f"{start.authority} cannot be crawled offline",
                origin="web.offline",
                cure="set it to false, or crawl a site of this machine that web.private lists",
            )
        with self._trail(str(start), collection) as (path, trail):
            bounds = replace(usual, pages=pages, depth=depth)
            walk = _Walk(self._house, collection, path, trail, bounds)
            return (yield from walk.steps(str(start), cancel))

    @contextmanager
    def _trail(self, start: str, collection: str) -> Iterator[tuple[Path, Trail]]:
        """Take the trail of a walk, for this call alone."""
        path = self._house.settings.home / CRAWLS / f"{content_id(start, collection)}.json"
        path.parent.mkdir(exist_ok=True)
        with self._taking:
            if path in self._walked:
                raise UserError(f"{start} is being crawled already", cure="wait until that is done")
            self._walked.add(path)
        try:
            yield path, Trail.load(path, start)
        finally:
            self._walked.discard(path)


@dataclass(slots=True)
class _Walk:
    """One call. The trail is saved when the library holds what it says, and never before."""

    house: "House"
    collection: str
    path: Path
    trail: Trail
    bounds: Bounds
    held: dict[str, str] = field(default_factory=dict)
    """The document of each source."""
    texts: dict[str, Document] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    failed: int = 0
    read: tuple[str, "Page | UserError"] | None = None
    """The page in hand: it is read for its links first, and then for its text."""

    def steps(self, start: str, cancel: Cancel) -> Items:
        began = time.monotonic()
        self.held, _ = self._holdings()
        walk = crawl(self.house.door, start, self._links, self.bounds, self.trail, cancel)
        for step in walk:
            yield self._told({"kind": "reading", "path": step.url})
            if (said := self._take(step)) is not None:
                self.failed += said.kind == "failed"
                yield self._told(asdict(said))
            long = sum(len(document.text) for document in self.texts.values())
            if len(self.texts) + len(self.gone) >= BATCH or long >= CHARACTERS:
                yield from self._keep()
        yield from self._keep()
        state = self.house.library.state()
        yield asdict(Indexed(state.documents, state.passages, time.monotonic() - began))
        told = {"collection": self.collection, "failed": self.failed}
        return told | {"left": self.trail.left, "rest": len(self.trail.queue)}

    def _told(self, item: dict[str, JSON]) -> JSON:
        """Number an item by the pages asked for, of all that are known of by now."""
        done, waiting = self.trail.asked, len(self.trail.queue)
        return item | {"done": done, "total": min(max(done, self.bounds.pages), done + waiting)}

    def _links(self, page: Fetched) -> Sequence[str]:
        read = self._page(page)
        return [] if isinstance(read, UserError) else [link.url for link in read.document.links]

    def _page(self, page: Fetched) -> "Page | UserError":
        if self.read is None or self.read[0] != page.url:
            try:
                found = self.house.parser.page(page.body, page.url, page.media, page.charset)
            except UserError as fault:
                self.read = page.url, fault
            else:
                self.read = page.url, found
        return self.read[1]

    def _take(self, step: Step) -> Failed | Unchanged | None:
        """Put a page into the batch; return what there is to say at once of any other."""
        page = step.page
        if isinstance(page, CouldNotFetch):
            self._demand(page)
            if page.status in _GONE and step.url in self.held:
                self.gone.append(step.url)
                return None
            return Failed(step.url, str(page))
        if page.asked != step.url and page.asked in self.held:
            self.gone.append(page.asked)
        if step.unchanged and step.url in self.held:
            return Unchanged(step.url)
        read = self._page(page)
        if isinstance(read, UserError):
            return Failed(step.url, str(read))
        if read.notice:
            return Failed(step.url, f"it is no page to read: {_NOTICES[read.notice]}")
        document = replace(read.document, collection=self.collection)
        if self.held.get(step.url) == document.id:
            return Unchanged(step.url)
        self.texts[step.url] = document
        return None

    def _demand(self, fault: CouldNotFetch) -> None:
        """Tell the user how they allow the host that they named, if that is what is lacking."""
        if isinstance(fault, NotListed) and fault.authority == parse(self.trail.start).authority:
            cure = allowing(self.house.door.rules.private, fault.authority)
            raise UserError(str(fault).rstrip("."), origin="web.private", cure=cure)

    def _keep(self) -> Iterator[JSON]:
        """Keep the batch, then note on the trail that it is kept."""
        library, before = self.house.library, self.held
        if self.texts:
            library.put(list(self.texts.values()))
        if self.gone:
            library.drop(self.gone, self.collection)
        self.trail.save(self.path)
        if self.texts or self.gone:
            self.held, passages = self._holdings()
            for url, document in self.texts.items():
                told = Changed if url in before else Added
                yield self._told(asdict(told(url, document.id, passages.get(document.id, 0))))
            for url in self.gone:
                yield self._told(asdict(Removed(url)))
        self.texts, self.gone = {}, []

    def _holdings(self) -> tuple[dict[str, str], dict[str, int]]:
        """Return the documents of the collection by source, and their passages by document."""
        own = [h for h in self.house.library.holdings() if h.collection == self.collection]
        held = {source: holding.document for holding in own for source in holding.sources}
        return held, {holding.document: holding.passages for holding in own}


def _start(text: str) -> Url:
    """Read the address of a site; one without a scheme is https."""
    given = text.strip()
    try:
        return parse(given if "://" in given else f"https://{given}")
    except BadUrl as error:
        raise UserError(
            f"{given[:100]!r} is no address of a site: {error}",
            cure="write it as https://example.org/",
        ) from None
