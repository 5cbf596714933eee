"""Pure folds over a run's events: the screen, the quotes, what was spent, the steps taken."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import takewhile
from typing import Literal

from agents.actions import Action
from agents.events import (
    WITHHELD,
    Acted,
    Answered,
    Asked,
    Entry,
    Event,
    Forked,
    Found,
    Measured,
    Moved,
    Opened,
    Prompted,
    Quoted,
    Rephrased,
    Replied,
    Returned,
    Slipped,
    Stopped,
    Token,
    Used,
)
from retrieval.sentences import sentences

WINDOW = 2400
"""Characters of a document that are shown at once, about 600 tokens of English."""

WEB_WINDOW = 4000
"""Characters of a page of the web that are shown at once, about 1,000 tokens of English."""

LINKS = 20
"""Links of a window that can be opened: what chooses among few can tell little by its choice."""


@dataclass(frozen=True, slots=True)
class Line:
    """A numbered sentence of a page; `number` counts from 1 over the whole document."""

    number: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Listing:
    """A results page is on screen."""

    found: Found


@dataclass(frozen=True, slots=True)
class Reading:
    """A document is on screen, from the line at offset `at` on."""

    opened: Opened
    at: int

    @property
    def size(self) -> int:
        """Characters that are shown at once."""
        return WEB_WINDOW if self.opened.url else WINDOW

    def window(self) -> tuple[Line, ...]:
        """The lines that are on screen: whole lines, at most `size` characters, at least one."""
        lines = page_lines(self.opened.text)
        first = next((i for i, line in enumerate(lines) if line.end > self.at), len(lines))
        last = first
        while last < len(lines) and lines[last].end - lines[first].start <= self.size:
            last += 1
        return lines[first : max(last, first + 1)]

    def links(self) -> range:
        """The numbers of the links on screen, from 1 over the whole page; LINKS of them at most."""
        shown, every = self.window(), self.opened.links
        if not (self.opened.url and shown):
            return range(0)
        first = bisect_left(every, shown[0].start, key=lambda link: link.start)
        last = bisect_left(every, shown[-1].end, key=lambda link: link.start)
        return range(first + 1, min(last, first + LINKS) + 1)


Screen = Listing | Reading


@lru_cache(maxsize=64)
def page_lines(text: str) -> tuple[Line, ...]:
    """Cut a page into its numbered lines, one a sentence."""
    return tuple(
        Line(number, start, end) for number, (start, end) in enumerate(sentences(text), start=1)
    )


def typed(events: Sequence[Event]) -> Asked:
    """Return the settings in force, of the start or the last fork, with the question as typed."""
    for event in reversed(events):
        if isinstance(event, Forked):
            return event.asked
    first = events[0]
    assert isinstance(first, Asked)
    return first


def asked(events: Sequence[Event]) -> Asked:
    """Return the settings in force, with the question made to stand alone."""
    inforce, stands = typed(events), rephrased(events)
    return replace(inforce, question=stands.question) if stands else inforce


def rephrased(events: Sequence[Event]) -> Rephrased | None:
    """Return how the question was made to stand alone, or None where no turn came before it."""
    return next((event for event in events if isinstance(event, Rephrased)), None)


def screens(events: Sequence[Event]) -> tuple[Screen, ...]:
    """Return the pages behind the one on screen, oldest first; the last one is on screen."""
    stack: list[Screen] = []
    for event in events:
        match event:
            case Found():
                stack.append(Listing(event))
            case Opened():
                stack.append(Reading(event, event.at))
            case Moved(at):
                top = stack[-1]
                assert isinstance(top, Reading)
                stack[-1] = replace(top, at=at)
            case Returned():
                stack.pop()
            case Used(pages=pages):
                stack.extend(Reading(page, page.at) for page in reversed(pages))
            case _:
                pass
    return tuple(stack)


def screen(events: Sequence[Event]) -> Screen | None:
    """Return what is on screen, or None before the first search."""
    stack = screens(events)
    return stack[-1] if stack else None


def listing(events: Sequence[Event]) -> Found | None:
    """Return the newest page of results, on screen or behind it."""
    return next((e for e in reversed(events) if isinstance(e, Found)), None)


def searches(events: Sequence[Event]) -> tuple[Found, ...]:
    """Return every search with what it brought back."""
    return tuple(event for event in events if isinstance(event, Found))


def opened(events: Sequence[Event]) -> tuple[Opened, ...]:
    """Return every page that was opened."""
    return tuple(event for event in events if isinstance(event, Opened))


def quotes(events: Sequence[Event]) -> tuple[Quoted, ...]:
    """Return the quotes kept so far, in the order of their numbers."""
    return tuple(event for event in events if isinstance(event, Quoted))


def drafts(events: Sequence[Event]) -> tuple[str, ...]:
    """Return the replies to the first prompt for a draft, as the model wrote them."""
    at = next(
        (i for i, e in enumerate(events) if isinstance(e, Prompted) and e.phase == "write"), None
    )
    if at is None:
        return ()
    replies = takewhile(lambda event: isinstance(event, Replied | Token), events[at + 1 :])
    return tuple(event.text for event in replies if isinstance(event, Replied))


def actions(events: Sequence[Event]) -> tuple[Action, ...]:
    """Return the actions taken so far."""
    return tuple(event.action for event in events if isinstance(event, Acted))


def stopped(events: Sequence[Event]) -> Stopped | None:
    """Return why browsing ended, or None while it goes on."""
    return next((event for event in events if isinstance(event, Stopped)), None)


def answered(events: Sequence[Event]) -> Answered | None:
    """Return the answer that was shown, or None."""
    return next((event for event in events if isinstance(event, Answered)), None)


State = Literal["answered", "stopped", "interrupted"]


def state(events: Sequence[Event]) -> State:
    """Say how a run stands that nobody works on: "interrupted" is one that was cut off."""
    if answered(events) is not None:
        return "answered"
    last = events[-1] if events else None
    ended = isinstance(last, Stopped) and last.reason in ("cancelled", "failed")
    return "stopped" if ended else "interrupted"


@dataclass(frozen=True, slots=True)
class Spent:
    """What a run has used: actions and slips, model tokens read and written, characters quoted."""

    steps: int
    slips: int
    read: int
    evaluated: int
    written: int
    quoted: int

    @property
    def tokens(self) -> int:
        """Tokens that the model worked on: those it had to read anew and those it wrote."""
        return self.evaluated + self.written


def spent(events: Sequence[Event]) -> Spent:
    """Add up what the events cost."""
    replies = [event for event in events if isinstance(event, Replied)]
    return Spent(
        steps=sum(isinstance(event, Acted) for event in events),
        slips=sum(isinstance(event, Slipped) for event in events),
        read=sum(reply.read for reply in replies),
        evaluated=sum(reply.evaluated for reply in replies),
        written=sum(reply.written for reply in replies),
        quoted=sum(len(quote.text) for quote in quotes(events)),
    )


def steps(events: Sequence[Event]) -> Iterator[tuple[int, int]]:
    """Yield (begin, end) of each browsing step as indexes into the events, in order.

    A step begins with the prompt, measurement or action that nothing came before, and ends after
    what the desk brought back. What makes the question stand alone comes before the first.
    """
    begin, acted = 1, False
    for index, event in enumerate(events[1:], start=1):
        if isinstance(event, Rephrased):
            begin = index + 1
        if acted and isinstance(event, Prompted | Measured | Acted | Stopped | Forked):
            yield begin, index
            begin, acted = index, False
        if isinstance(event, Stopped):
            return
        acted = acted or isinstance(event, Acted | Slipped)
    if acted:
        yield begin, len(events)


def disclosed(entries: Sequence[Entry]) -> list[Entry]:
    """Return what may be shown of a run: of one that has no answer (yet), nothing of a draft."""
    events = [entry.event for entry in entries]
    ended = stopped(events)
    if ended is None or answered(events) is not None:
        return list(entries)
    end = events.index(ended)
    return [e for n, e in enumerate(entries) if n < end or not isinstance(e.event, WITHHELD)]
