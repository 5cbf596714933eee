"""Events to messages: an append-only transcript, so that consecutive prompts share their prefix.

A local model reads everything again that changed since its last prompt. So nothing that stands in
the transcript changes until the budget asks for room; then the newest page texts that were left
behind are cut, which keeps the long prefix before them (see docs/design.md).
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from agents import view
from agents.browser_form import said
from agents.events import (
    Acted,
    Asked,
    Event,
    Found,
    Moved,
    Opened,
    Quoted,
    Reach,
    Refused,
    Returned,
    Slipped,
    Used,
)
from agents.legal import Legal, legal
from agents.models.base import Message
from agents.templates import fill

BROWSE = "browse.v1"
WEB = "browse.web.v1"
BROWSER = "browse.browser.v1"
REPLY_TOKENS = 160
CALL_TOKENS = 400
"""Where a tool may be called, whose arguments may be long."""
_CONTROL = re.compile(
    r"<[|｜]|[|｜]>|<{2,}|>{2,}|</?s>|</?(?:bos|eos|sop|eop|pad|unk|mask|PAD|UNK|MASK|SYS)>"
    r"|</?(?:think|tools|tool_calls?|tool_response|repo_?name|file_sep|filename|gh_stars)>"
    r"|<(?:start|end)_of_\w+>|<(?:fim|issue|jupyter|empty)_\w+>|<unused\d+>|<[A-Z]+_TOKEN>"
    r"|\[/?[A-Z][A-Z_]{2,}\]|\[(?:[gs]MASK|@BOS@|multimodal)\]"
)
"""What chat templates of the known families use as control tokens, and our own fence."""


def plain(text: str) -> str:
    """Break up whatever a chat template could take for a control token, and our own fence."""
    while (broken := _CONTROL.sub(lambda mark: "\u200b".join(mark[0]), text)) != text:
        text = broken
    return text


def estimate(text: str) -> int:
    """Estimate tokens without a tokenizer, on the high side: 1 for 3 ASCII characters, else 2.

    A pure function, so that a run replays without its model.
    """
    ascii_count = len(text.encode("ascii", "ignore"))
    return math.ceil(ascii_count / 3 + (len(text) - ascii_count) * 2)


@dataclass(frozen=True, slots=True)
class _Turn:
    """What was done and what came of it; `short` stands for `shown` once the page text is cut."""

    did: str
    shown: str
    short: str

    @property
    def cost(self) -> int:
        return estimate(self.did) + estimate(self.shown) + 8


_WHERE: dict[Reach, str] = {
    "library": "in the library",
    "web": "on the web",
    "both": "in the library and on the web",
}


def template(events: Sequence[Event]) -> str:
    """Return the name of the template of the browsing prompt."""
    asked = view.asked(events)
    if asked.dialect == "browser":
        return BROWSER
    return BROWSE if asked.reach == "library" else WEB


def reply_tokens(asked: Asked) -> int:
    """Return the longest reply, in tokens."""
    return CALL_TOKENS if asked.tools else REPLY_TOKENS


def browse(events: Sequence[Event]) -> list[Message]:
    """Return the browsing prompt: instructions, question, then actions and what they showed."""
    asked = view.asked(events)
    tools = f"use <tool> <JSON arguments>: {plain(asked.tools_help)}" if asked.tools else ""
    where = {} if template(events) == BROWSE else {"where": _WHERE[asked.reach]}
    system = fill(template(events), tools=tools, **where)
    first = Legal(dialect=asked.dialect).names()[0]
    question = f"Question: {plain(asked.question)}\nActions now: {first}"
    budget = asked.context - reply_tokens(asked) - estimate(system + question) - 64
    messages = [Message("system", system), Message("user", question)]
    for turn in _within(_turns(events), budget):
        messages += [Message("assistant", turn.did), Message("user", turn.shown)]
    return messages


def _within(turns: list[_Turn], budget: int) -> list[_Turn]:
    """Walk through the run as it happened and cut where the budget was crossed.

    A cut takes the page texts that were left behind, newest first, until the prompt fits: the
    long prefix before them stays as it was read, so a page costs no more than its own length.
    """
    kept: list[_Turn] = []
    for turn in turns:
        kept.append(turn)
        total = sum(t.cost for t in kept)
        if total > budget:
            kept = _cut(kept, total - budget)
    return kept


def _cut(turns: list[_Turn], goal: int) -> list[_Turn]:
    kept, freed = list(turns), 0
    for index in range(len(turns) - 2, -1, -1):
        if freed >= goal:
            break
        turn = turns[index]
        shorter = _Turn(turn.did, turn.short, turn.short)
        freed += turn.cost - shorter.cost
        kept[index] = shorter
    return kept


def _turns(events: Sequence[Event]) -> list[_Turn]:
    turns: list[_Turn] = []
    for begin, end in view.steps(events):
        did = next(event for event in events[begin:end] if isinstance(event, Acted | Slipped))
        past = events[:end]
        happened = list(events[begin:end])
        forms = "; ".join(legal(past).names())
        shown, short = observation(past, happened)
        dialect = view.asked(past).dialect
        line = said(did.action, dialect) if isinstance(did, Acted) else did.text
        turns.append(_Turn(plain(line), f"{shown}\nActions now: {forms}", short))
    return turns


def observation(past: Sequence[Event], happened: Sequence[Event]) -> tuple[str, str]:
    """Tell what a step brought: in full, and in the line that stays once page text is cut."""
    for event in reversed(happened):
        match event:
            case Found(query, results):
                return _results(event), f"{len(results)} results for {plain(query)} (text cut)"
            case Opened() | Moved():
                top = view.screen(past)
                assert isinstance(top, view.Reading)
                return _page(top), f"a page of {_flat(top.opened.title)} (text cut)"
            case Returned():
                return _returned(past)
            case Quoted(number, _, _, _, text):
                kept = f"Kept as quote [{number}]: {_fenced(text)}"
                return kept, kept
            case Used(tool, text, failed, pages):
                if pages:
                    top = view.screen(past)
                    assert isinstance(top, view.Reading)
                    return _page(top), f"{tool} gave a page (text cut)"
                word = "failed" if failed else "gave"
                return f"{tool} {word}: {_fenced(text)}", f"{tool} {word} (text cut)"
            case Refused(why) | Slipped(_, why):
                # A failure may be told in words of a server, a page's address or a plugin.
                told = f"Not done: {_flat(why)}"
                return told, told
            case _:
                continue
    return "", ""


def _results(found: Found) -> str:
    notes = [f"Note: {plain(note)}" for note in found.notes]
    if not found.results:
        return "\n".join(["No results. Try other words.", *notes])
    lines = [f"Results for: {plain(found.query)}"]
    for number, result in enumerate(found.results, start=1):
        snippet = " ".join(result.text.split())[:240]
        where = f" ({plain(_host(result.url))})" if result.url else ""
        lines.append(f"[{number}] {_flat(result.title)}{where}: {_fenced(snippet)}")
    return "\n".join([*lines, *notes])


def _fenced(text: str) -> str:
    """Outside text within our fence, whose marks must make no control token with its ends."""
    return f"<<<{plain(f'<{text}>')[1:-1]}>>>"


def _flat(text: str) -> str:
    """Outside text that stands on a line of ours: on one line, so that it cannot write another."""
    return plain(" ".join(text.split()))


def _host(url: str) -> str:
    """The part of an address that says whose page it is."""
    return url.partition("://")[2].partition("/")[0][:80]


def _returned(past: Sequence[Event]) -> tuple[str, str]:
    top = view.screen(past)
    if isinstance(top, view.Reading):
        title = _flat(top.opened.title)
        return f"Back on {title}.", f"Back on {title}."
    if top is None:
        return "Nothing is on screen.", "Nothing is on screen."
    titles = [f"[{n}] {_flat(r.title)}" for n, r in enumerate(top.found.results, start=1)]
    text = f"Back on the results for {plain(top.found.query)}: {'; '.join(titles)}"
    return text, text


def _page(reading: view.Reading) -> str:
    opened, window = reading.opened, reading.window()
    total = len(view.page_lines(opened.text))
    place = f"lines {window[0].number}-{window[-1].number} of {total}" if window else "empty"
    body = "\n".join(f"{line.number}: {_line(opened.text, line)}" for line in window)
    named = (f"[{n}] {_words(opened, n)}" for n in reading.links())
    links = "; ".join(named)
    menu = f"\nLinks of these lines: {_fenced(links)}" if links else ""
    return f"Page {_flat(opened.title)}, {place}:\n<<<\n{body}\n>>>{menu}"


def _words(opened: Opened, number: int) -> str:
    link = opened.links[number - 1]
    return plain(" ".join(opened.text[link.start : link.end].split())[:60])


def _line(text: str, line: view.Line) -> str:
    return plain(" ".join(text[line.start : line.end].split()))
