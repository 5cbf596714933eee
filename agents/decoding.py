"""What holds a model to the legal actions while it decodes: a GBNF grammar, or a JSON schema."""

import json
from functools import lru_cache
from itertools import zip_longest

from agents.legal import LINES_IN_A_QUOTE, Legal
from plugins.grammar import NoSentence, rules

TEXT = r'[^\n\r"\\<>|] [^\n\r"\\<>|]{0,119}'
"""A query or a text to find: no quotation mark, and nothing of a control token."""


def grammar(now: Legal) -> str:
    """Return a GBNF grammar whose sentences are exactly the legal actions' lines.

    Quoting goes by line numbers alone, since a grammar cannot know which text stands on the page.
    """
    starts = []
    if now.search:
        starts.append(_form(now, "search", "query", "text"))
    if now.links:
        numbers = f"({_either(range(now.link, now.links + 1))})"
        starts.append(_form(now, "open", "id", numbers))
    if now.find:
        starts.append(_form(now, "find", "pattern", "text"))
    moves = (
        ("scroll down", now.down),
        ("scroll up", now.up),
        ("back", now.back),
        ("finish", now.finish),
    )
    starts += [f'"{word}"' for word, allowed in moves if allowed]
    if now.first:
        starts.append(f'"quote " ({_line_ranges(now)})')
    calls, needed = _calls(now.tools, now.schemas)
    starts += calls
    lines = [f"root ::= {' | '.join(starts or [json.dumps('finish')])}"]
    return "\n".join(
        lines + [f"{name} ::= {body}" for name, body in ({"text": TEXT} | needed).items()]
    )


@lru_cache(maxsize=8)
def _calls(tools: tuple[str, ...], schemas: tuple[str, ...]) -> tuple[list[str], dict[str, str]]:
    """Return how each tool may be called, and the rules that this needs. A tool whose arguments no
    grammar can write cannot be called by a model that decodes under one."""
    starts: list[str] = []
    needed: dict[str, str] = {}
    for tool, schema in zip_longest(tools, schemas[: len(tools)], fillvalue=""):
        start, own = "object", _FREE
        if schema:
            try:
                start, own = rules(tool, json.loads(schema))
            except NoSentence:
                continue
        starts.append(f"{json.dumps(f'use {tool} ')} {start}")
        needed |= own
    return starts, needed


def _form(now: Legal, word: str, argument: str, value: str) -> str:
    """A grammar for an action with one argument, in the dialect of the run."""
    if now.dialect == "plain":
        return f'"{word} " {value}'
    mark = "" if argument == "id" else '"'
    open, close = f'browser.{word} {{"{argument}":{mark}', f"{mark}}}"
    return f"{json.dumps(open)} {value} {json.dumps(close)}"


_FREE = {
    "object": '"{" (pair ("," pair)*)? "}"',
    "pair": 'string ":" value',
    "value": 'string | number | "true" | "false" | "null" | object | "[" (value ("," value)*)? "]"',
    "string": r'"\"" ([^"\\\n\r] | "\\" ["\\/bfnrt]){0,200} "\""',
    "number": r'"-"? [0-9]{1,15} ("." [0-9]{1,15})?',
}


def _either(numbers: range) -> str:
    return " | ".join(f'"{number}"' for number in numbers)


def _line_ranges(now: Legal) -> str:
    ranges = []
    for first in range(now.first, now.last + 1):
        longest = min(now.last, first + LINES_IN_A_QUOTE - 1)
        more = f' ("-" ({_either(range(first + 1, longest + 1))}))?' if longest > first else ""
        ranges.append(f'"{first}"{more}')
    return " | ".join(ranges)


def schema(now: Legal) -> str:
    """Return a JSON schema for servers that enforce one: the action's word and what follows it."""
    words = sorted({form.split(" <")[0] for form in now.names()}) or ["finish"]
    return json.dumps(
        {
            "type": "object",
            "properties": {"action": {"enum": words}, "argument": {"type": "string"}},
            "required": ["action", "argument"],
            "additionalProperties": False,
        }
    )
