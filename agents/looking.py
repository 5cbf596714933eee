"""Searches the library and the web, and opens what was found: hits and pages become events."""

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from agents import view
from agents.events import Event, Found, Landmark, Opened, Refused, Result
from agents.kit import Kit
from agents.leaving import kept_back, without
from retrieval.documents import Document, Hit, Mark
from retrieval.web.types import Finding, Tried

_ADDRESS = re.compile(r"https?://[^\s<>\"'\u3000-\u303f\uff00-\uffef]+", re.IGNORECASE)
KEPT_BACK = "kept from the web: "
_AFTER = ".,;:!?)]}"
"""What ends a sentence around an address rather than the address."""


def found(events: Sequence[Event], query: str, kit: Kit) -> Found:
    """Search where the run may look; results of library and web take turns, each in its order."""
    asked = view.asked(events)
    inside: Sequence[Result] = ()
    if asked.reach != "web":
        scope = (asked.collections, asked.sources, asked.tags)
        inside = [_result(hit) for hit in kit.sources.search(query, asked.results, *scope)]
    if asked.reach == "library":
        return Found(query, tuple(inside))
    outside, notes = _outside(events, query, kit)
    turns = zip_longest(outside, inside) if asked.reach == "web" else zip_longest(inside, outside)
    every = [result for pair in turns for result in pair if result is not None]
    return Found(query, tuple(every[: asked.results]), tuple(notes))


def _outside(events: Sequence[Event], query: str, kit: Kit) -> tuple[list[Result], list[str]]:
    """Ask the search engines, with words that may leave; addresses in the question come first."""
    asked = view.asked(events)
    given = [_given(url) for url in addresses(view.typed(events).question)]
    if view.searches(events):
        given = []
    held = kept_back(query, events)
    notes = [KEPT_BACK + word for word in dict.fromkeys(held)]
    allowed = without(query, held) if held else query
    if not allowed.strip():
        return given, notes
    searched = kit.web.find(allowed, asked.results, kit.cancel)
    listed = {result.url for result in given}
    new = [finding for finding in searched.findings if finding.url not in listed]
    results = [_finding(finding, rank) for rank, finding in enumerate(new, start=1)]
    return [*given, *results], [*notes, *_told(searched.tried)]


def _told(tried: Sequence[Tried]) -> Iterator[str]:
    for one in tried:
        if one.fault:
            yield one.fault
        elif not one.found:
            yield f"{one.engine} found nothing"
    if not tried:
        yield "no search engine was asked"


def addresses(text: str) -> list[str]:
    """Return the web addresses that a person wrote into a text, each once."""
    return list(dict.fromkeys(url.rstrip(_AFTER) for url in _ADDRESS.findall(text)))


def _given(url: str) -> Result:
    return Result(url, url, url, url, "", 0, 0, 1.0, url=url)


def _finding(finding: Finding, rank: int) -> Result:
    url, said = finding.url, finding.snippet
    return Result(url, url, url, finding.title, said, 0, len(said), round(1 / rank, 6), url=url)


def _result(hit: Hit) -> Result:
    passage = hit.passage
    return Result(
        document=passage.document,
        passage=passage.id,
        source=passage.source,
        title=passage.title,
        text=passage.text,
        start=passage.start,
        end=passage.end,
        score=round(hit.score, 6),
        heading=passage.heading,
        page=passage.page,
        cosine=None if hit.cosine is None else round(hit.cosine, 4),
    )


def opened(events: Sequence[Event], link: int, kit: Kit) -> Event:
    """Open a result of the listing on screen, or a link of the page on screen.

    An address that is visited stands in the question, was named by a search engine, or is a link of
    a page that was fetched: no other one can be reached.
    """
    top = view.screen(events)
    if isinstance(top, view.Reading):
        return _visited(top.opened.links[link - 1].url, kit)
    listing = view.listing(events)
    assert listing is not None
    result = listing.results[link - 1]
    if result.url:
        return _visited(result.url, kit)
    document = kit.sources.open(result.document)
    if document is None:
        return Refused(f"result {link} is no longer in the library; open another one")
    return Opened(
        document=result.document,
        source=document.source,
        title=document.title,
        text=document.text,
        at=result.start,
        landmarks=landmarks(document),
    )


def _visited(url: str, kit: Kit) -> Opened:
    visited = kit.web.visit(url, kit.cancel)
    page = visited.document
    return Opened(
        document=page.id,
        source=page.source,
        title=page.title,
        text=page.text,
        landmarks=landmarks(page),
        url=url,
        links=page.links,
        digest=visited.digest,
    )


def landmarks(document: Document) -> tuple[Landmark, ...]:
    """Return where a document's headings and pages begin."""
    return tuple(Landmark(m.start, m.heading, m.page) for m in document.marks)


def marks(opened: Opened) -> tuple[Mark, ...]:
    """Return the marks of the document that was opened."""
    return tuple(Mark(m.start, m.heading, m.page) for m in opened.landmarks)
