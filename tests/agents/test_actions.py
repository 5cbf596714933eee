"""Actions: writing and parsing are inverses, and what is no action says what to write instead."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents import actions as a

_words = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=12
)
_line = st.lists(_words, min_size=1, max_size=6).map(" ".join)
_json = st.dictionaries(_words, st.one_of(st.integers(), _line, st.booleans()), max_size=3)
_actions = st.one_of(
    _line.map(a.Search),
    _line.map(a.Find),
    st.integers(1, 999_999).map(a.Open),
    st.sampled_from(["down", "up"]).map(a.Scroll),
    st.just(a.Back()),
    st.just(a.Finish()),
    st.tuples(st.integers(1, 999), st.integers(1, 999)).map(lambda ends: a.QuoteLines(*ends)),
    st.text(st.characters(codec="utf-8", exclude_characters="\x85\u2028\u2029"), min_size=1)
    .filter(lambda text: not set(text) & set("\v\f\x1c\x1d\x1e"))
    .map(a.QuoteText),
    st.builds(a.UseTool, st.from_regex(r"[a-z_]{1,12}", fullmatch=True), _json.map(a.canonical)),
)


@given(_actions)
def test_parse_is_the_inverse_of_write(action: a.Action) -> None:
    assert a.parse(a.write(action)) == action


@given(st.text(max_size=80))
def test_any_text_is_an_action_or_says_what_to_write(text: str) -> None:
    parsed = a.parse(text)
    if isinstance(parsed, a.Malformed):
        assert parsed.why
    else:
        assert a.parse(a.write(parsed)) == parsed


@pytest.mark.parametrize(
    ("reply", "action"),
    [
        ("open [2]", a.Open(2)),
        ("\n  SEARCH  old   mills \nopen 3", a.Search("old mills")),
        ("quote 3 - 4", a.QuoteLines(3, 4)),
        ('quote "He said \\"no\\"."', a.QuoteText('He said "no".')),
        ('{"action": "scroll down", "argument": ""}', a.Scroll("down")),
        ('{"action": "open", "argument": "4"}', a.Open(4)),
        ('use calculator {"b": 1, "a": 2}', a.UseTool("calculator", '{"a":2,"b":1}')),
    ],
)
def test_what_models_write_is_read(reply: str, action: a.Action) -> None:
    assert a.parse(reply) == action


@pytest.mark.parametrize(
    "reply",
    ["", "the answer is 4", "open the door", "search", "scroll left", "quote", "finish now",
     "use calculator {", "use calculator [1]", "{}", '{"action": 3}'],
)  # fmt: skip
def test_what_is_no_action_is_malformed(reply: str) -> None:
    assert isinstance(a.parse(reply), a.Malformed)
