"""What a browsing model may do; `write` and `parse` turn it into one line of text and back."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, assert_never


@dataclass(frozen=True, slots=True)
class Search:
    """Ask the library (and later the web) and show a page of numbered results."""

    query: str
    kind: Literal["search"] = "search"


@dataclass(frozen=True, slots=True)
class Open:
    """Open result or link number `link` of the page on screen."""

    link: int
    kind: Literal["open"] = "open"


@dataclass(frozen=True, slots=True)
class Find:
    """Move to the next place on the open page that holds `text`, ignoring case and white space."""

    text: str
    kind: Literal["find"] = "find"


@dataclass(frozen=True, slots=True)
class Scroll:
    """Move the window of the open page by one window."""

    direction: Literal["down", "up"]
    kind: Literal["scroll"] = "scroll"


@dataclass(frozen=True, slots=True)
class Back:
    """Return to the page that was on screen before this one."""

    kind: Literal["back"] = "back"


@dataclass(frozen=True, slots=True)
class QuoteLines:
    """Keep the numbered lines `first` to `last` (inclusive) of the page as a quote."""

    first: int
    last: int
    kind: Literal["quote lines"] = "quote lines"


@dataclass(frozen=True, slots=True)
class QuoteText:
    """Keep the given text as a quote; it must stand on the open page."""

    text: str
    kind: Literal["quote text"] = "quote text"


@dataclass(frozen=True, slots=True)
class UseTool:
    """Call a plugin. `arguments` is a JSON object in canonical form, so actions stay hashable."""

    tool: str
    arguments: str = "{}"
    kind: Literal["use"] = "use"

    @property
    def values(self) -> dict[str, Any]:
        """The arguments as a dictionary."""
        loaded = json.loads(self.arguments)
        assert isinstance(loaded, dict)
        return loaded


@dataclass(frozen=True, slots=True)
class Finish:
    """End browsing and write the answer from the quotes kept so far."""

    kind: Literal["finish"] = "finish"


Action = Search | Open | Find | Scroll | Back | QuoteLines | QuoteText | UseTool | Finish


@dataclass(frozen=True, slots=True)
class Malformed:
    """A reply that is no action. `why` is written for the model: it says what to write instead."""

    text: str
    why: str = field(default="")


FORMS = (
    "search <words>",
    "open <number>",
    "find <text>",
    "scroll down",
    "scroll up",
    "back",
    "quote <line>",
    "quote <first line>-<last line>",
    'quote "<exact text>"',
    "use <tool> <JSON arguments>",
    "finish",
)


def canonical(arguments: Mapping[str, Any]) -> str:
    """Return a JSON object with sorted keys and no needless space."""
    return json.dumps(arguments, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def write(action: Action) -> str:
    """Return the line that stands for `action`; `parse(write(action)) == action`."""
    match action:
        case Search(query):
            return f"search {query}"
        case Open(link):
            return f"open {link}"
        case Find(text):
            return f"find {text}"
        case Scroll(direction):
            return f"scroll {direction}"
        case Back():
            return "back"
        case QuoteLines(first, last):
            return f"quote {first}" if first == last else f"quote {first}-{last}"
        case QuoteText(text):
            return f"quote {json.dumps(text, ensure_ascii=False)}"
        case UseTool(tool, arguments):
            return f"use {tool} {arguments}"
        case Finish():
            return "finish"
        case _:
            assert_never(action)


def parse(reply: str) -> Action | Malformed:
    """Read the first non-empty line of a model's reply as an action.

    A JSON object {"action": word, "argument": text}, as JSON-schema servers write, is read too.
    """
    line = next((line.strip() for line in reply.splitlines() if line.strip()), "")
    if line.startswith("{"):
        line = _from_json(reply.strip()) or line
    word, _, rest = line.partition(" ")
    rest = rest.strip()
    match word.lower():
        case "search" | "find":
            return _with_text(line, word.lower(), rest)
        case "open":
            return _open(line, rest)
        case "scroll" if rest in ("down", "up"):
            return Scroll("down" if rest == "down" else "up")
        case "back" if not rest:
            return Back()
        case "quote":
            return _quote(line, rest)
        case "use":
            return _use(line, rest)
        case "finish" if not rest:
            return Finish()
    return Malformed(line, f"write one action on one line, one of: {'; '.join(FORMS)}")


def _from_json(reply: str) -> str:
    try:
        values = json.loads(reply)
    except json.JSONDecodeError:
        return ""
    if not isinstance(values, dict):
        return ""
    return f"{values.get('action', '')} {values.get('argument', '')}".strip()


def _with_text(line: str, word: str, rest: str) -> Action | Malformed:
    text = " ".join(rest.split())
    if not text:
        return Malformed(line, f"write {word} and then the words to look for")
    return Search(text) if word == "search" else Find(text)


def _open(line: str, rest: str) -> Action | Malformed:
    number = re.fullmatch(r"\[?(\d{1,6})\]?", rest)
    if number is None:
        return Malformed(line, "write open and then the number of a result, as in: open 2")
    return Open(int(number[1]))


def _quote(line: str, rest: str) -> Action | Malformed:
    lines = re.fullmatch(r"(\d{1,6})(?:\s*-\s*(\d{1,6}))?", rest)
    if lines is not None:
        first = int(lines[1])
        return QuoteLines(first, int(lines[2] or first))
    if rest.startswith('"'):
        try:
            text = json.loads(rest)
        except json.JSONDecodeError:
            text = rest.strip('"')
        if text:
            return QuoteText(text)
    return Malformed(line, 'write quote and line numbers, as in: quote 3-4, or quote "exact text"')


def _use(line: str, rest: str) -> Action | Malformed:
    tool, _, arguments = rest.partition(" ")
    try:
        values = json.loads(arguments or "{}")
    except json.JSONDecodeError as error:
        return Malformed(line, f"the tool's arguments are not JSON: {error.msg}")
    if not tool or not isinstance(values, dict):
        return Malformed(
            line, 'write use, the tool and a JSON object, as in: use clock {"zone":"UTC"}'
        )
    return UseTool(tool, canonical(values))
