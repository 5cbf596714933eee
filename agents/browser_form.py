"""Actions in the form of models trained to browse: browser.search, browser.open, browser.find.

The names and arguments are those of OpenAI's gpt-oss (2025, "harmony" format, tool `browser`), with
`id` for the number of a result or link; what that tool does not know is written plainly.
"""

import json
from collections.abc import Mapping
from typing import Any, Literal

from agents.actions import Action, Find, Malformed, Open, Search, canonical
from agents.actions import parse as plain
from agents.actions import write as plainly
from agents.asked import Dialect

TOOL = "browser."


def dialect_of(model: str, wanted: Dialect | Literal["auto"] = "auto") -> Dialect:
    """Return the dialect of a model: the one that is wanted, or what its name says it was trained
    on."""
    if wanted != "auto":
        return wanted
    return "browser" if "gpt-oss" in model.lower() else "plain"


def write(action: Action) -> str | None:
    """Return the line that stands for an action; None for one that is written plainly."""
    match action:
        case Search(query):
            return f"{TOOL}search {canonical({'query': query})}"
        case Open(link):
            return f"{TOOL}open {canonical({'id': link})}"
        case Find(text):
            return f"{TOOL}find {canonical({'pattern': text})}"
        case _:
            return None


def said(action: Action, dialect: Dialect) -> str:
    """Return the line that stands for an action in a dialect."""
    return (write(action) if dialect == "browser" else None) or plainly(action)


def read(reply: str) -> Action | Malformed:
    """Read a model's reply as an action, in whichever of the forms it is written."""
    line = next((line.strip() for line in reply.splitlines() if line.strip()), "")
    return parse(reply.strip() if line.startswith("{") else line) or plain(reply)


def parse(line: str) -> Action | Malformed | None:
    """Read `browser.search {"query": ...}`, or a JSON call {"name": "browser.search", "arguments":
    {...}}; None for a line of another form."""
    name, _, rest = line.partition(" ")
    if line.startswith("{"):
        name, rest = _call(line)
    if not name.startswith(TOOL):
        return None
    try:
        values = json.loads(rest)
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict):
        return Malformed(line, 'write the arguments as JSON, as in: browser.search {"query":"tea"}')
    return _action(line, name.removeprefix(TOOL), values)


def _call(line: str) -> tuple[str, str]:
    try:
        call = json.loads(line)
    except (ValueError, RecursionError):
        return "", ""
    if not isinstance(call, dict) or not isinstance(call.get("name"), str):
        return "", ""
    arguments = call.get("arguments")
    return call["name"], arguments if isinstance(arguments, str) else json.dumps(arguments)


def _action(line: str, name: str, values: Mapping[str, Any]) -> Action | Malformed:
    match name, values:
        case "search", {"query": str(query)} if query.strip():
            return Search(" ".join(query.split()))
        case "open", {"id": int(link)} if not isinstance(link, bool) and 0 <= link < 10**6:
            return Open(link)
        case "find", {"pattern": str(text)} if text.strip():
            return Find(" ".join(text.split()))
        case _:
            return Malformed(
                line,
                'write browser.search {"query":"words"}, browser.open {"id":2} or '
                'browser.find {"pattern":"text"}',
            )
