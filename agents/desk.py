"""Carries out actions on the sources and plugins, and turns what fails into observations."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from agents import view
from agents.actions import (
    Action,
    Back,
    Find,
    Finish,
    Open,
    QuoteLines,
    QuoteText,
    Scroll,
    Search,
    UseTool,
)
from agents.asked import Asked
from agents.events import (
    Event,
    Landmark,
    Moved,
    Opened,
    Quoted,
    Refused,
    Returned,
    Stopped,
    Used,
)
from agents.kit import Kit, Step
from agents.leaving import kept_back
from agents.legal import Legal
from agents.looking import found, opened


def carry_out(action: Action, events: Sequence[Event], now: Legal, kit: Kit) -> Step:
    """Yield what the action brings about; an action that is illegal or fails yields `Refused`.

    This is one of the two doors at which any exception of the outside becomes an event.
    """
    if why := now.refusal(action):
        yield Refused(why)
        return
    try:
        happened = _happens(action, events, kit)
    except Exception as error:  # noqa: BLE001 - the door: sources and plugins may raise anything
        happened = Refused((str(error).splitlines() or [repr(error)])[0], failed=True)
    yield happened


def _happens(action: Action, events: Sequence[Event], kit: Kit) -> Event:
    match action:
        case Search(query) if _searched(events, query):
            return Refused("that was searched already; open a result or search other words")
        case Search(query):
            return found(events, query, kit)
        case Open(link):
            return opened(events, link, kit)
        case Find(text):
            return _find(_reading(events), text)
        case Scroll(direction):
            return _scroll(_reading(events), direction)
        case Back():
            return Returned()
        case QuoteLines(first, last):
            return _quote_lines(events, first, last)
        case QuoteText(text):
            return _quote_text(events, text)
        case UseTool(tool, arguments):
            return _used(events, tool, arguments, kit)
        case Finish():
            return Stopped("finished")


def _searched(events: Sequence[Event], query: str) -> bool:
    return any(_flat(found.query) == _flat(query) for found in view.searches(events))


def _flat(query: str) -> str:
    return " ".join(query.casefold().split())


def _used(events: Sequence[Event], tool: str, arguments: str, kit: Kit) -> Event:
    asked = view.asked(events)
    held = kept_back(arguments, events, _known(asked, tool)) if tool in asked.outgoing else ()
    if held:
        return Refused(
            f"{tool} tells others what it is asked, and {held[0]!r} stands in private documents"
            " alone; use words of the question or of public pages"
        )
    result = kit.tools.call(tool, arguments)
    pages = tuple(
        Opened(passage.document, passage.source, passage.title, passage.text)
        for passage in result.passages
    )
    return Used(tool, result.text, result.failed, pages)


def _known(asked: Asked, tool: str) -> str:
    """The words of a call that its tool gave itself: names of arguments, choices, JSON's own."""
    schemas = dict(zip(asked.tools, asked.tool_schemas, strict=False))
    names = _named(json.loads(schemas.get(tool, "{}")))
    return " ".join(["true false null", *names])


def _named(schema: Any) -> Iterator[str]:
    """Yield the names of arguments and the choices that a schema allows."""
    if isinstance(schema, list):
        for part in schema:
            yield from _named(part)
    if isinstance(schema, dict):
        yield from (str(name) for name in schema.get("properties") or ())
        yield from (str(choice) for choice in schema.get("enum") or ())
        for part in schema.values():
            yield from _named(part)


def _reading(events: Sequence[Event]) -> view.Reading:
    top = view.screen(events)
    assert isinstance(top, view.Reading)
    return top


def locate(text: str, wanted: str, after: int = 0) -> tuple[int, int] | None:
    """Find `wanted`, ignoring case and white space: from `after` on, then from the top."""
    words = [re.escape(word) for word in wanted.split()]
    if not words:
        return None
    pattern = re.compile(r"\s+".join(words), re.IGNORECASE)
    match = pattern.search(text, after) or pattern.search(text)
    return match.span() if match else None


def _find(reading: view.Reading, text: str) -> Event:
    window = reading.window()
    beyond = window[0].end if window else reading.at
    place = locate(reading.opened.text, text, beyond)
    if place is None:
        return Refused(f"the page does not hold {text!r}; find other words or scroll")
    return Moved(place[0])


def _scroll(reading: view.Reading, direction: str) -> Event:
    window = reading.window()
    if direction == "down":
        return Moved(window[-1].end + 1)
    lines = view.page_lines(reading.opened.text)
    first = window[0].number - 1
    floor = lines[first].start - reading.size
    return Moved(next(line.start for line in lines[: first + 1] if line.start >= floor))


def _quote_lines(events: Sequence[Event], first: int, last: int) -> Event:
    reading = _reading(events)
    lines = view.page_lines(reading.opened.text)
    return _quote(events, reading.opened, lines[first - 1].start, lines[last - 1].end)


def _quote_text(events: Sequence[Event], text: str) -> Event:
    reading = _reading(events)
    window = reading.window()
    place = locate(reading.opened.text, text, window[0].start if window else 0)
    if place is None:
        return Refused("that text is not on the open page; quote it exactly or by line numbers")
    return _quote(events, reading.opened, *place)


def _quote(events: Sequence[Event], opened: Opened, start: int, end: int) -> Event:
    kept = view.quotes(events)
    for quote in kept:
        if quote.document == opened.document and quote.start <= start and end <= quote.end:
            return Refused(f"that is already kept as quote [{quote.number}]")
    mark = next((m for m in reversed(opened.landmarks) if m.start <= start), Landmark(0))
    return Quoted(
        number=len(kept) + 1,
        document=opened.document,
        source=opened.source,
        title=opened.title,
        text=opened.text[start:end],
        start=start,
        end=end,
        heading=mark.heading,
        page=mark.page,
    )
