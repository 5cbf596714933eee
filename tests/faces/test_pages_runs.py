"""The runs page: the list, a run with its trace, replay, export, and two runs side by side."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from agents.events import (
    Answered,
    Asked,
    Drafted,
    Entry,
    Found,
    Opened,
    Quoted,
    Result,
    Stopped,
    Used,
)
from retrieval.errors import UserError
from ui.html_diff import changes, diff_html
from ui.html_trace import trace_html
from ui.words import LANGUAGES, speaker

Page = Callable[..., AppTest]


def _script(house: object, home: str, language: str) -> None:
    from pathlib import Path

    from ui.chat.context import Context
    from ui.chat.runs_page import show
    from ui.words import speaker

    show(Context(house, speaker(language), language, Path(home), "s1"))


@pytest.fixture
def page(tmp_path: Path) -> Page:
    """Draw the page for a house: page(house, run="r1", language="zh")."""

    def draw(house: Any, run: str = "", language: str = "en") -> AppTest:
        made = AppTest.from_function(_script, args=(house, str(tmp_path), language))
        if run:
            made.query_params["run"] = run
        return made.run(timeout=30)

    return draw


@pytest.fixture
def house(pages: ModuleType) -> Any:
    """A house with two runs of one question and one of another."""
    made = pages.PagesHouse()
    made.runs = {
        "r1": pages.story("When did it open?", "It opened in 1966 [1]."),
        "r2": pages.story("When did it open?", "It opened in 1967 [1].", "big", "mills"),
        "r3": pages.story(f"Why {pages.NASTY}", "Nobody knows [1]."),
    }
    return made


def _html(page: AppTest) -> str:
    return "\n".join(element.value for element in page.get("html"))


def _tick(page: AppTest, *rows: int) -> AppTest:
    key = page.dataframe[0].key
    page.session_state[key] = {"selection": {"rows": list(rows), "columns": [], "cells": []}}
    return page.run()


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_no_runs_yet_says_what_to_do(page: Page, pages: ModuleType, language: str) -> None:
    drawn = page(pages.PagesHouse(), language=language)
    assert not drawn.exception and "v-empty" in _html(drawn) and not drawn.dataframe


def test_the_runs_are_listed_newest_first_and_filtered(page: Page, house: Any) -> None:
    drawn = page(house)
    table = drawn.dataframe[0].value
    assert list(table["run"]) == ["r3", "r2", "r1"]
    assert all(outcome.startswith("✓") for outcome in table["outcome"])
    drawn.text_input(key="runs.filter").set_value("when OPEN").run()
    assert list(drawn.dataframe[0].value["run"]) == ["r2", "r1"]


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_a_run_is_drawn_with_every_step(page: Page, house: Any, language: str) -> None:
    drawn = page(house, "r1", language)
    assert not drawn.exception
    shown = _html(drawn)
    assert "search tides" in shown and "The mill opened in 1966." in shown
    assert "Zanzibar" in shown and "<del>" in shown
    assert "When did it open?" in drawn.code[0].value


def test_outside_text_stays_text(page: Page, house: Any) -> None:
    drawn = page(house, "r3")
    assert "<script>" not in _html(drawn) and "<img" not in _html(drawn)
    assert "<h2>Why &lt;img" in _html(drawn)


def test_a_run_that_nobody_knows_is_one_box(page: Page, house: Any) -> None:
    drawn = page(house, "gone")
    assert not drawn.exception and "v-fault" in _html(drawn) and drawn.dataframe


def test_a_run_is_closed_again(page: Page, house: Any) -> None:
    drawn = page(house, "r1")
    drawn.button(key="runs.close").click().run()
    assert "<h2>" not in _html(drawn) and "run" not in drawn.query_params


@pytest.mark.parametrize(
    ("result", "good"),
    [
        ({"equal": True, "step": None, "because": "", "hash": "cafe"}, True),
        ({"equal": True, "step": None, "because": "the run was cut off"}, True),
        ({"equal": False, "step": 4, "because": "the search brought <b>other</b> results"}, False),
    ],
)
def test_a_replay_says_what_it_came_to(
    page: Page, house: Any, result: dict[str, Any], good: bool
) -> None:
    house.replay = result
    drawn = page(house, "r1")
    drawn.button(key="runs.replay").click().run()
    assert (len(drawn.success), len(drawn.error)) == ((1, 0) if good else (0, 1))
    said = (drawn.success or drawn.error)[0].value
    assert "<b>" not in said and (str(result["hash"]) in said if result.get("hash") else True)
    assert house.told("replay") == [{"run": "r1"}]


def test_a_run_is_made_into_a_file_only_when_asked_for(page: Page, house: Any) -> None:
    drawn = page(house, "r1")
    assert not house.told("export")
    drawn.button(key="runs.prepare").click().run()
    assert house.told("export") == [{"run": "r1"}] and drawn.get("download_button")
    drawn.run()
    assert len(house.told("export")) == 1


def test_a_refused_export_says_why(page: Page, house: Any) -> None:
    house.faults["export"] = UserError("it has no checked answer", cure="vouch fork r1")
    drawn = page(house, "r1")
    drawn.button(key="runs.prepare").click().run()
    assert "fork r1" in _html(drawn) and not drawn.exception


def test_two_runs_stand_side_by_side(page: Page, house: Any) -> None:
    drawn = page(house, "r1")
    choice = drawn.selectbox(key="runs.beside.r1")
    assert "When did it open?" in choice.options[0]
    choice.select_index(0).run()
    shown = _html(drawn)
    assert "<td>tiny</td><td>big</td>" in shown
    assert "search tides" in shown and "≠ search mills" in shown
    assert "<del> 1966</del><ins> 1967</ins>" in shown


def test_a_run_compared_with_its_equal_differs_in_nothing(
    page: Page, house: Any, pages: ModuleType
) -> None:
    house.runs["r4"] = house.runs["r1"]
    drawn = page(house, "r4")
    drawn.selectbox(key="runs.beside.r4").select_index(1).run()
    assert sum(caption.value.startswith("=") for caption in drawn.caption) == 3


def test_a_draft_that_was_never_answered_is_not_shown(
    page: Page, house: Any, pages: ModuleType
) -> None:
    house.runs["r5"] = [
        Asked("What?"),
        Stopped("finished"),
        Drafted("Zanzibar only"),
        Stopped("model lost", "died"),
    ]
    drawn = page(house, "r5")
    text = _html(drawn) + drawn.code[0].value
    assert not drawn.exception and "Zanzibar" not in text and "died" in text


def test_every_event_of_a_trace_is_escaped(pages: ModuleType) -> None:
    nasty = pages.NASTY
    result = Result("d", "p", nasty, nasty, nasty, 0, 9, 0.5)
    events = [
        Asked(nasty, model=nasty),
        Found(nasty, (result,)),
        Opened("d", nasty, nasty, nasty),
        Quoted(1, "d", nasty, nasty, nasty, 0, 9, nasty),
        Used(nasty, nasty, True),
        Stopped(nasty, nasty),
    ]
    entries = [Entry("r", n, float(n), event) for n, event in enumerate(events)]
    for language in LANGUAGES:
        shown = trace_html(entries, speaker(language))
        assert "<img" not in shown and "<script" not in shown and shown.count("alert(1)") >= 12


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ""),
        ("a b", "a c"),
        ("北京是首都", "北京是中国的首都"),
        ("x\n\ny_z", "y_z  x"),
        ("a", ""),
    ],
)
def test_a_diff_holds_both_texts(before: str, after: str) -> None:
    parts = list(changes(before, after))
    assert "".join(text for what, text in parts if what != "new") == before
    assert "".join(text for what, text in parts if what != "gone") == after


def test_a_diff_of_long_texts_is_made_of_lines_and_escaped() -> None:
    long = "\n".join(f"line {n} of many words" for n in range(3000))
    parts = list(changes(long, long.replace("line 7 ", "line <b> ")))
    assert [text for what, text in parts if what == "new"] == ["line <b> of many words\n"]
    assert "&lt;b&gt;" in diff_html("a", "<b>") and "<b>" not in diff_html("<b>", "<b>")


def test_an_answer_of_each_kind_is_told_by_sign_and_word(pages: ModuleType) -> None:
    from ui.html_verdict import OUTCOMES, outcome_html, outcome_word

    for language in LANGUAGES:
        words = [outcome_word(outcome, speaker(language)) for outcome in OUTCOMES]
        assert len({word[0] for word in words}) == len(words) == len(set(words))
    assert "model lost" in outcome_html("stopped: model lost", speaker("en"))
    assert isinstance(pages.story("q", "a")[-1], Answered)
