"""What calls take: lists of names that are none or some, numbers, and results that fit the wire."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.serving.fitting import fitting
from app.serving.params import names, number
from app.wire import LINE_CAP
from retrieval.errors import UserError

WEIR = "The weir at Aldmoor was finished in 1887. The engineer of the weir was Clara Voss."


def test_nothing_named_means_every_one_and_an_empty_list_is_refused() -> None:
    assert names({}, "collections") == names({"collections": None}, "collections") == ()
    assert names({"collections": ["a", "b"]}, "collections") == ("a", "b")
    wrong: list[Any] = [[], (), "", "public"]
    for given in wrong:
        with pytest.raises(UserError):
            names({"collections": given}, "collections")


@pytest.mark.parametrize("key", ["collections", "sources"])
@pytest.mark.parametrize(
    ("call", "given"),
    [
        ("ask", {"question": "Who was the engineer?"}),
        ("verify", {"text": "The weir was finished in 1887."}),
        ("search", {"query": "engineer"}),
        ("turn.new", {"turn": "t", "question": "Who?", "by": "local", "face": "chat"}),
    ],
)
def test_who_may_read_nothing_is_answered_from_nothing(
    make_home: Callable[..., Any], tmp_path: Path, call: str, given: dict[str, Any], key: str
) -> None:
    home = make_home(tmp_path)
    home.add(secret=WEIR)
    with pytest.raises(UserError):
        home.call(call, **given, **{key: []})
    assert home.house.journal.runs() == []
    assert home.result("conversations")["conversations"] == []


def test_a_number_is_whole_or_refused() -> None:
    assert number({}, "limit", 7) == number({"limit": None}, "limit", 7) == 7
    assert number({"limit": "3"}, "limit", 7) == 3 and number({"limit": 0}, "limit", 7) == 0
    wrong: list[Any] = ["many", [1], float("nan"), float("inf")]
    for given in wrong:
        with pytest.raises(UserError):
            number({"limit": given}, "limit", 7)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("runs", {"limit": "x"}),
        ("conversations", {"limit": "x"}),
        ("search", {"query": "q", "k": "x"}),
        ("feedback.list", {"limit": "x"}),
        ("feedback.pairs", {"limit": "x"}),
    ],
)
def test_a_limit_that_is_no_number_is_a_sentence(
    make_home: Callable[..., Any], tmp_path: Path, name: str, given: dict[str, Any]
) -> None:
    with pytest.raises(UserError):
        make_home(tmp_path).call(name, **given)


def test_as_many_as_fit_are_told_and_one_always_is() -> None:
    items = ["x" * 10] * 5
    assert fitting(items, 60) == (items, False)
    assert fitting(items, 59) == (items[:4], True)
    assert fitting(items, 1) == (items[:1], True)
    assert fitting([], 1) == ([], False)


def test_long_edits_are_listed_as_far_as_they_fit(
    make_home: Callable[..., Any], tmp_path: Path
) -> None:
    """Two hundred edits of the greatest length, in letters that take six bytes each on the wire."""
    home = make_home(tmp_path)
    home.add(default=WEIR)
    run = home.call("ask", question="Who was the engineer of the weir at Aldmoor?")[1]["run"]
    edit = {"run": run, "mark": "edit", "text": "水" * 40_000, "face": "chat"}
    for n in range(90):
        home.result("feedback.add", id=f"e{n}", by=f"person {n}", **edit)
    told = home.result("feedback.list", limit=200)
    assert told["totals"]["marks"] == 90 and 0 < len(told["marks"]) < 90
    assert len(json.dumps(told)) < LINE_CAP
    assert home.result("feedback.pairs", limit=200)["pairs"]
