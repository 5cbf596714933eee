"""The form of models trained to browse: the same actions, written and read as their tool calls."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents import actions as a
from agents.asked import Asked
from agents.browser_form import read, said
from agents.decoding import grammar
from agents.events import Found, Opened, Prompted
from agents.legal import Legal, legal
from agents.prompt import BROWSER, browse, template
from retrieval.documents import Link

_words = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1)
_line = st.lists(_words, min_size=1, max_size=5).map(" ".join)
_actions = st.one_of(
    _line.map(a.Search),
    _line.map(a.Find),
    st.integers(0, 999_999).map(a.Open),
    st.sampled_from([a.Back(), a.Finish(), a.Scroll("up"), a.QuoteLines(2, 3)]),
)


@given(_actions, st.sampled_from(["plain", "browser"]))
def test_reading_is_the_inverse_of_saying(action, dialect):
    assert read(said(action, dialect)) == action


@pytest.mark.parametrize(
    ("reply", "action"),
    [
        ('{"name": "browser.search", "arguments": {"query": "old mills"}}', a.Search("old mills")),
        ('{"name": "browser.open", "arguments": "{\\"id\\": 3}"}', a.Open(3)),
        ('browser.open {"id": 3, "cursor": 0}', a.Open(3)),
        ('{"action": "open", "argument": "4"}', a.Open(4)),
        ("search mills", a.Search("mills")),
    ],
)
def test_what_such_models_write_is_read(reply, action):
    assert read(reply) == action


@pytest.mark.parametrize(
    "reply",
    ["browser.search mills", 'browser.open {"id": true}', "browser.find {}", "browser.fly {}"],
)
def test_what_is_no_call_says_what_to_write(reply):
    told = read(reply)
    assert isinstance(told, a.Malformed) and "browser." in told.why


def test_the_grammar_writes_calls_that_are_json():
    now = Legal(links=2, find=True, dialect="browser")
    root = grammar(now).splitlines()[0]
    assert '"browser.open {\\"id\\":" ("1" | "2") "}"' in root
    assert '"search "' not in root and '"open "' not in root
    form = now.names()[0]
    assert json.loads(form.partition(" ")[2]) == {"query": "<words>"}


def test_the_prompt_is_in_the_same_form():
    asked = Asked("What grinds?", dialect="browser", reach="web")
    page = Opened("d", "u", "Mill", "A mill grinds. ", url="u", links=(Link(2, 6, "https://a.b/"),))
    events = [asked, Prompted("browse", BROWSER, "", 0), Found("x", ()), page]
    assert template(events) == BROWSER
    told = browse(events)
    assert (
        'browser.search {"query":"<words>"}' in told[0].content and "on the web" in told[0].content
    )
    assert legal(events).dialect == "browser"
