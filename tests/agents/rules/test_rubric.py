"""A policy file: laid over the packaged one, and refused with the line and the cure."""

import pytest

from agents.rules.rubric import PACKAGED, packaged, read
from retrieval.errors import UserError


def test_the_packaged_policy_is_one_and_reads_without_fault() -> None:
    assert PACKAGED in packaged()
    rubric = read("")
    assert rubric == read(f'base = "{PACKAGED}"\n')
    assert {sort.name for sort in rubric.undesired} >= {"undesired.lecture", "undesired.judging"}
    assert [sort.name for sort in rubric.forbidden] == []
    assert rubric.obeying.sort.on


def test_a_list_adds_and_a_value_replaces() -> None:
    laid = read("name = 'ours'\n[refusal]\nlongest = 50\nsigns = ['\\bnope\\b']\n")
    assert (laid.name, laid.longest) == ("ours", 50)
    assert len(laid.signs) == len(read("").signs) + 1
    assert laid.silent == read("").silent


def test_only_leaves_the_packaged_lists_of_its_table_out() -> None:
    laid = read("[undesired.apology]\nonly = true\npatterns = ['\\bwoe\\b']\n")
    apology = next(sort for sort in laid.undesired if sort.name == "undesired.apology")
    assert [pattern.pattern for pattern in apology.patterns] == [r"\bwoe\b"]
    assert apology.most == 1


FAULTS = [
    ("[refusal]\nsigns = ['a(b']\n", "line 2", "backslash"),
    ("[refusal]\nsigns = [\n  'good',\n  'a(b',\n]\n", "line 4", "regular expression"),
    ("[refusal]\nsings = ['x']\n", "line 2", "signs"),
    ("[refusal]\nlongest = 'x'\n", "line 2", "whole number"),
    ("[refusal]\nlongest = -1\n", "line 2", "whole number"),
    ("[refusal]\n\nsigns = ['x*']\n", "line 3", "matches everything"),
    ("[undesired.apology]\npatterns = ['(a+)+b']\n", "line 2", "repeats"),
    ("[undesired.Apology]\non = true\n", "line 1", "small letters"),
    ("[disallowed.obeying]\ndemands = ['say it']\n", "line 2", "payload"),
    ("[disallowed.plans]\n# a remark\nask = true\n", "line 3", "describe"),
    ("[disallowed.plans]\nask = 1\n", "line 2", "true or false"),
    ("[undesired.tone]\nask = true\n", "line 2", "ask"),
    ("x = 1\n", "line 1", "known are"),
    ("refusal = 1\n", "line 1", "[refusal]"),
    ('base = "nothing.v9"\n', "line 1", PACKAGED),
    ("[refusal]\nsigns = ['a'\n", "line", "not TOML"),
    ("[refusal]\nsigns = [1]\n", "line 2", "single quotes"),
]


@pytest.mark.parametrize(("text", "line", "says"), FAULTS, ids=[says for *_, says in FAULTS])
def test_a_fault_is_told_with_its_line_and_its_cure(text: str, line: str, says: str) -> None:
    with pytest.raises(UserError) as caught:
        read(text, "ours.toml")
    told = str(caught.value)
    assert f"ours.toml {line}" in told
    assert says in told
    assert "\n" not in told.replace(repr("\n"), "")
    assert caught.value.cure


def test_a_policy_that_is_too_long_is_refused() -> None:
    with pytest.raises(UserError, match="characters"):
        read("#" * 100_001)
