"""Legality: the bans hold, and the grammar's language is the legal actions and nothing else."""

import json
import re

import pytest

from agents import actions as a
from agents.decoding import grammar, schema
from agents.events import (
    Acted,
    Asked,
    Event,
    Found,
    Limits,
    Moved,
    Opened,
    Quoted,
    Result,
    Returned,
)
from agents.legal import Legal, legal

TEXT = "\n".join(f"Line {n} of the page says something that is long enough." for n in range(1, 241))
RESULT = Result("d", "p", "d.md", "D", TEXT[:50], 0, 50, 1.0)
SEARCHED: list[Event] = [Asked("q"), Acted(a.Search("q")), Found("q", (RESULT, RESULT))]
READING: list[Event] = [*SEARCHED, Acted(a.Open(1)), Opened("d", "d.md", "D", TEXT)]
QUOTED = Quoted(1, "d", "d.md", "D", TEXT[:10], 0, 10)


def test_at_first_only_a_search_is_legal() -> None:
    now = legal([Asked("q")])
    assert now.refusal(a.Search("x")) is None
    others = [a.Open(1), a.Find("x"), a.Back(), a.QuoteLines(1, 1), a.Finish(), a.Scroll("down")]
    assert all(now.refusal(action) for action in others)


def test_links_are_those_on_screen() -> None:
    now = legal(SEARCHED)
    assert now.refusal(a.Open(2)) is None
    assert now.refusal(a.Open(3)) and now.refusal(a.Open(0))
    assert legal(READING).refusal(a.Open(1))


def test_no_third_search_without_opening_a_result() -> None:
    twice = [*SEARCHED, Acted(a.Search("r")), Found("r", (RESULT,))]
    assert legal(twice).refusal(a.Search("s"))
    opened = [*twice, Acted(a.Open(1)), Opened("d", "d.md", "D", TEXT)]
    assert legal(opened).refusal(a.Search("s")) is None
    empty = [*SEARCHED, Acted(a.Search("r")), Found("r", ())]
    assert legal(empty).refusal(a.Search("s")) is None


def test_no_fourth_scroll_in_a_row() -> None:
    events = list(READING)
    for _ in range(3):
        assert legal(events).refusal(a.Scroll("down")) is None
        at = legal(events)
        moved = Moved(sum(len(line) + 1 for line in TEXT.split("\n")[: at.last]))
        events += [Acted(a.Scroll("down")), moved]
    assert legal(events).refusal(a.Scroll("down"))
    assert legal([*events, Acted(a.Find("Line"))]).refusal(a.Scroll("down")) is None


def test_no_finish_without_a_quote_while_there_is_somewhere_to_look() -> None:
    assert legal(READING).refusal(a.Finish())
    assert legal([*READING, QUOTED]).refusal(a.Finish()) is None
    half = [Asked("q", limits=Limits(steps=4)), *READING[1:]]
    assert legal(half).refusal(a.Finish()) is None
    twice_empty = [Asked("q"), Found("q", ()), Found("r", ())]
    assert legal(twice_empty).refusal(a.Finish()) is None


def test_lines_on_screen_can_be_quoted_and_no_others() -> None:
    now = legal(READING)
    assert now.first == 1 and 20 < now.last < 98
    assert now.refusal(a.QuoteLines(1, 4)) is None
    assert now.refusal(a.QuoteLines(1, 5))
    assert now.refusal(a.QuoteLines(now.last, now.last + 1))
    assert now.refusal(a.QuoteLines(3, 2))


def test_back_needs_a_page_before_this_one() -> None:
    assert legal(SEARCHED).refusal(a.Back())
    assert legal(READING).refusal(a.Back()) is None
    assert legal([*READING, Acted(a.Back()), Returned()]).refusal(a.Back())


def test_tools_are_those_of_the_run() -> None:
    now = legal([Asked("q", tools=("calculator",))])
    assert now.refusal(a.UseTool("calculator")) is None
    assert now.refusal(a.UseTool("shell"))


STATES = {
    "start": [Asked("q", tools=("calculator",))],
    "results": SEARCHED,
    "page": READING,
    "page and quote": [*READING, QUOTED],
}
LINES = [
    "search old mills", "open 1", "open 2", "open 3", "find Line 4", "scroll down", "scroll up",
    "back", "quote 1", "quote 1-4", "quote 1-5", "quote 4-3", "quote 99", "quote 98-99",
    'use calculator {"expression":"1+1"}', "use shell {}", "finish",
]  # fmt: skip


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("line", LINES)
def test_the_grammar_accepts_exactly_the_legal_lines(state: str, line: str) -> None:
    now = legal(STATES[state])
    action = a.parse(line)
    assert not isinstance(action, a.Malformed)
    assert _accepts(grammar(now), line) == (now.refusal(action) is None)


def _accepts(text: str, line: str) -> bool:
    """Whether a GBNF grammar without recursion derives a line, by turning it into a regex."""
    rules = dict(rule.split(" ::= ", 1) for rule in text.split("\n"))
    return re.fullmatch(_regex(rules["root"], rules, 4), line) is not None


def _regex(body: str, rules: dict[str, str], depth: int) -> str:
    token = re.compile(r'"(?:\\.|[^"\\])*"|\[(?:\\.|[^\]\\])*\]|[A-Za-z]+|\{[\d,]+\}|[()|*+?]')
    made = []
    for part in token.findall(body):
        if part[0] == '"':
            made.append(re.escape(json.loads(part)))
        elif part.isalpha():
            made.append(f"(?:{_regex(rules[part], rules, depth - 1)})" if depth else "(?!)")
        elif part == "(":
            made.append("(?:")
        else:
            made.append(part)
    return "".join(made)


def test_the_schema_names_the_legal_words() -> None:
    words = json.loads(schema(legal(READING)))["properties"]["action"]["enum"]
    assert set(words) == {"search", "find", "scroll down", "back", "quote"}
    assert json.loads(schema(Legal(search=False)))["properties"]["action"]["enum"] == ["finish"]
