"""Which actions are legal now, as a value that grammars for decoding are built from.

The bans keep a weak model moving (WebCPM, Qin et al. 2023, section 3): no fourth scroll in a row,
no third search without opening a result, no finish without a quote while there is more to see.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

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
from agents.asked import Dialect
from agents.events import Event, Found, Opened, Refused, Used

SCROLLS_IN_A_ROW = 3
SEARCHES_WITHOUT_OPENING = 2
LINES_IN_A_QUOTE = 4


@dataclass(frozen=True, slots=True)
class Legal:
    """The actions that are legal now. `link` to `links` are the numbers of the results or links on
    screen, none where `links` is 0; `first` to `last` are the lines, 0 where no page is open."""

    search: bool = True
    link: int = 1
    links: int = 0
    find: bool = False
    down: bool = False
    up: bool = False
    back: bool = False
    first: int = 0
    last: int = 0
    finish: bool = False
    tools: tuple[str, ...] = ()
    schemas: tuple[str, ...] = ()
    dialect: Dialect = "plain"

    def refusal(self, action: Action) -> str | None:
        """Return why the action is illegal now and what to write instead; None if it is legal."""
        match action:
            case Search():
                return None if self.search else "no third search without opening a result; open one"
            case Open(link):
                return None if self.link <= link <= self.links else self._no_link(link)
            case Find():
                return None if self.find else "no page is open to find text on"
            case Scroll("down"):
                return None if self.down else "scrolling down is not possible now"
            case Scroll():
                return None if self.up else "scrolling up is not possible now"
            case Back():
                return None if self.back else "there is no page to go back to"
            case QuoteLines(first, last):
                return self._no_lines(first, last)
            case QuoteText():
                return None if self.first else "open a page before quoting from it"
            case UseTool(tool):
                return None if tool in self.tools else f"there is no tool called {tool}"
            case Finish():
                return (
                    None if self.finish else "nothing is quoted yet; look further before finishing"
                )
            case _:
                assert_never(action)

    def _no_link(self, link: int) -> str:
        if not self.links:
            return "no results are on screen; search, or go back to the results"
        kind = "link" if self.first else "result"
        return f"there is no {kind} {link}; the {kind}s are numbered {self.link} to {self.links}"

    def _no_lines(self, first: int, last: int) -> str | None:
        if not self.first:
            return "open a page before quoting from it"
        if not self.first <= first <= last <= self.last:
            return f"the lines on screen are {self.first} to {self.last}"
        if last - first >= LINES_IN_A_QUOTE:
            return f"quote at most {LINES_IN_A_QUOTE} lines at once"
        return None

    def names(self) -> tuple[str, ...]:
        """The forms of the legal actions, for a prompt."""
        page = self.first > 0
        numbers = f"<{self.link}-{self.links}>"
        forms = (
            (self._form("search", "query", "<words>"), self.search),
            (self._form("open", "id", numbers), self.links > 0),
            (self._form("find", "pattern", "<text>"), self.find),
            ("scroll down", self.down),
            ("scroll up", self.up),
            ("back", self.back),
            (f"quote <{self.first}-{self.last}>", page),
            *((f"use {tool} <JSON>", True) for tool in self.tools),
            ("finish", self.finish),
        )
        return tuple(form for form, legal in forms if legal)

    def _form(self, word: str, argument: str, value: str) -> str:
        if self.dialect == "plain":
            return f"{word} {value}"
        written = value if argument == "id" else f'"{value}"'
        return f'browser.{word} {{"{argument}":{written}}}'


def legal(events: Sequence[Event]) -> Legal:
    """Work out what is legal after these events."""
    stack = view.screens(events)
    top = stack[-1] if stack else None
    reading = top if isinstance(top, view.Reading) else None
    window = reading.window() if reading else ()
    lines = view.page_lines(reading.opened.text) if reading else ()
    scrolls = _scrolls_in_a_row(events)
    scrollable = scrolls < SCROLLS_IN_A_ROW and bool(window)
    numbers = _numbers(top)
    return Legal(
        search=_searches_without_opening(events) < SEARCHES_WITHOUT_OPENING,
        link=numbers[0] if numbers else 1,
        links=numbers[-1] if numbers else 0,
        find=reading is not None,
        down=scrollable and window[-1].number < len(lines),
        up=scrollable and window[0].number > 1,
        back=len(stack) > 1,
        first=window[0].number if window else 0,
        last=window[-1].number if window else 0,
        finish=bool(view.quotes(events)) or _dead_end(events) or _verifying(events),
        tools=view.asked(events).tools,
        schemas=view.asked(events).tool_schemas,
        dialect=view.asked(events).dialect,
    )


def _numbers(top: view.Screen | None) -> range:
    """The numbers of what can be opened from the screen."""
    match top:
        case view.Listing(found):
            return range(1, len(found.results) + 1)
        case view.Reading():
            return top.links()
        case None:
            return range(0)


def _scrolls_in_a_row(events: Sequence[Event]) -> int:
    count = 0
    for action in reversed(view.actions(events)):
        if not isinstance(action, Scroll):
            break
        count += 1
    return count


def _searches_without_opening(events: Sequence[Event]) -> int:
    """Searches with results since a page was last opened; an empty one leaves nothing to open."""
    count = 0
    for event in reversed(events):
        if isinstance(event, Opened | Used):
            break
        count += isinstance(event, Found) and bool(event.results)
    return count


def _dead_end(events: Sequence[Event]) -> bool:
    """Two searches were empty or failed, two pages read in vain, or half the steps are gone."""
    found = [event for event in events if isinstance(event, Found)]
    empty = sum(not event.results for event in found)
    empty += sum(isinstance(event, Refused) and event.failed for event in events)
    opened = sum(isinstance(event, Opened) for event in events)
    half = view.spent(events).steps * 2 >= view.asked(events).limits.steps
    return empty >= 2 or (len(found) >= 2 and opened >= 2) or half


def _verifying(events: Sequence[Event]) -> bool:
    """A text whose claims were all looked up is done, whatever was found."""
    return view.typed(events).task == "verify"
