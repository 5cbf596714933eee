"""What of the results is compared sentence by sentence: passages, and the best parts of web pages.

A search engine's snippet is its own text and no source, so pages of the web are read first.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from agents import view
from agents.actions import Action, Back, Open
from agents.events import Acted, Event, Found, Opened, Refused, Result
from agents.wording import content, terms

POOL = 5
"""Results whose sentences are compared before one is quoted."""

PAGES = 3
"""Pages of the web that are read for one search."""

PARTS = 3
"""Parts of a page that are compared sentence by sentence."""

PART = 600
"""Characters of a part, about."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A text on result number `number`, with the cosine of it and the query where that is known."""

    number: int
    title: str
    text: str
    cosine: float | None = None


def key(item: Result | Opened) -> str:
    """Return what tells a result and the page opened from it: the address, or the document."""
    return item.url or item.document


def excerpts(question: str, found: Found, events: Sequence[Event]) -> list[Excerpt]:
    """Return what can be quoted from the best results, in their order.

    Of a page that was opened again the first reading counts: the scores are of its sentences, and
    the site may have sent other ones since.
    """
    opened = [event for event in _since(events, found) if isinstance(event, Opened)]
    pages = {page.url: page for page in reversed(opened)}
    chosen: list[Excerpt] = []
    for number, result in enumerate(found.results[: _depth(found)], start=1):
        if not result.url:
            chosen.append(Excerpt(number, result.title, result.text, result.cosine))
        elif page := pages.get(result.url):
            chosen += [Excerpt(number, page.title, part) for part in parts(question, page)]
    return chosen


def unread(events: Sequence[Event], found: Found) -> Action | None:
    """Return the next step on the way to a page of the web that should be read before any is
    quoted; None when enough were read or tried."""
    since = _since(events, found)
    read = {event.url for event in since if isinstance(event, Opened)}
    tried = _tried(since)
    if len(read) >= PAGES:
        return None
    for number, result in enumerate(found.results[: _depth(found)], start=1):
        if result.url and result.url not in read and number not in tried:
            listing = isinstance(view.screen(events), view.Listing)
            return Open(number) if listing else Back()
    return None


@lru_cache(maxsize=16)
def parts(question: str, page: Opened) -> tuple[str, ...]:
    """Return the parts of a page that share the rarest words with the question, in their order.

    The headings that a part stands under count as its words.
    """
    every = list(_cut(page))
    held = [frozenset(terms(f"{heading} {text}")) for heading, text in every]
    counts = Counter(term for one in held for term in one)
    weights = {term: math.log(1 + len(held) / (0.5 + counts[term])) for term in content(question)}
    scores = [sum(weights[term] for term in weights if term in one) for one in held]
    best = sorted(range(len(every)), key=lambda index: -scores[index])[:PARTS]
    return tuple(every[index][1] for index in sorted(best) if scores[index] > 0)


def _cut(page: Opened) -> Iterator[tuple[str, str]]:
    """Yield the page in runs of whole lines, each with the headings above its first line."""
    lines = view.page_lines(page.text)
    start = 0
    for index, line in enumerate(lines):
        last = index + 1 == len(lines)
        if last or lines[index + 1].end - lines[start].start > PART:
            begin = lines[start].start
            mark = next((m for m in reversed(page.landmarks) if m.start <= begin), None)
            yield (mark.heading if mark else ""), page.text[begin : line.end]
            start = index + 1


def _depth(found: Found) -> int:
    """How many results are looked at: with pages of the web more, as some cannot be read."""
    return POOL + PAGES if any(result.url for result in found.results) else POOL


def _since(events: Sequence[Event], found: Found) -> Sequence[Event]:
    """What came after the newest search that found this."""
    return events[max(i for i, event in enumerate(events) if event == found) + 1 :]


def _tried(since: Sequence[Event]) -> set[int]:
    """The numbers of the results that could not be opened."""
    return {
        act.action.link
        for act, came in pairwise(since)
        if isinstance(act, Acted) and isinstance(act.action, Open) and isinstance(came, Refused)
    }
