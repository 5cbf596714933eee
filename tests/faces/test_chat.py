"""The conversation page: asking, watching, stopping and coming back, on a house in memory."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.wire import EngineFault
from retrieval.errors import UserError
from ui.chat import reading
from ui.words import speaker

Page = Callable[..., AppTest]
SAY = speaker("en")


def _script(house: object, home: str, language: str) -> None:
    from pathlib import Path

    from ui.chat.chat_page import show
    from ui.chat.context import Context
    from ui.words import speaker

    show(Context(house, speaker(language), language, Path(home), "s1"))


@pytest.fixture
def house(chat: ModuleType) -> Any:
    """A house with three documents."""
    made = chat.ChatHouse()
    for name in ("Tides", "Mills", "Rance"):
        made.documents.append({"source": f"/{name}.md", "title": name, "collection": "default"})
    return made


@pytest.fixture
def page(tmp_path: Path) -> Page:
    """Draw the page for a house: page(house, c="c1", language="zh")."""
    reading._shown.clear()

    def draw(house: Any, c: str = "", language: str = "en") -> AppTest:
        made = AppTest.from_function(_script, args=(house, str(tmp_path), language))
        if c:
            made.query_params["c"] = c
        return made.run(timeout=30)

    return draw


def _ask(page: AppTest, question: str, looks: int = 6) -> AppTest:
    """Ask, and draw the page anew until nobody works on it."""
    page.chat_input(key="ask").set_value(question).run(timeout=30)
    for _ in range(looks):
        if not any(button.key.startswith("stop-") for button in page.button):
            break
        page.run(timeout=30)
    return page


def _told(page: AppTest) -> str:
    assert not page.exception
    return "\n".join(html.body for html in page.get("html"))


def _press(page: AppTest, key: str) -> AppTest:
    (button,) = [button for button in page.button if (button.key or "").startswith(key)]
    return button.click().run(timeout=30)


def test_a_question_becomes_a_checked_answer_and_an_address(page: Page, house: Any) -> None:
    drawn = _ask(page(house), "When did the mill open?")
    told = _told(drawn)
    assert "It opened in 1966" in told and "v-supported" in told and "v-unchecked" in told
    assert drawn.query_params["c"] == ["c1"] or drawn.query_params["c"] == "c1"
    (made,) = house.told("turn.new")
    assert made["by"] == "local" and made["face"] == "chat" and made["session"] == "s1"
    assert [call["turn"] for call in house.told("turn.run")] == [made["turn"]]


def test_steps_are_told_while_it_works_and_never_a_word_of_the_draft(
    page: Page, house: Any, chat: ModuleType
) -> None:
    drawn = page(house)
    drawn.chat_input(key="ask").set_value("When? forever").run(timeout=30)
    for _ in range(4):
        drawn.run(timeout=30)
        told = _told(drawn)
        assert chat.PLANTED not in told and "It opened in 1966" not in told
    assert "v-icon-search" in told and "v-live" in told
    assert drawn.chat_input(key="ask").disabled


def test_stop_stops_the_job_of_the_turn(page: Page, house: Any) -> None:
    drawn = page(house)
    drawn.chat_input(key="ask").set_value("When? forever").run(timeout=30)
    _press(drawn, "stop-")
    drawn.run(timeout=30)
    assert list(house.stopped) == [house.told("turn.new")[0]["turn"]]
    assert SAY("chat.stop_cancelled") in _told(drawn)
    assert not drawn.chat_input(key="ask").disabled


def test_a_place_in_the_queue_is_told(page: Page, house: Any) -> None:
    house.ahead = 3
    drawn = page(house)
    drawn.chat_input(key="ask").set_value("When did it open?").run(timeout=30)
    assert SAY("chat.waiting", count=1) in _told(drawn) or SAY("chat.waiting", count=2) in _told(
        drawn
    )


def test_drawing_voting_and_another_tab_ask_nothing_twice(page: Page, house: Any) -> None:
    drawn = _ask(page(house), "When did it open?")
    _press(drawn, "up-")
    drawn.run(timeout=30)
    other = page(house, c="c1")
    assert "It opened in 1966" in _told(other)
    assert len(house.told("turn.new")) == len(house.told("turn.run")) == 1


def test_a_turn_that_nobody_works_on_is_interrupted_and_asked_again(page: Page, house: Any) -> None:
    drawn = page(house)
    drawn.chat_input(key="ask").set_value("When? forever").run(timeout=30)
    drawn.run(timeout=30)
    house.restart()
    drawn.run(timeout=30)
    assert SAY("chat.was_interrupted") in _told(drawn)
    _press(drawn, "again-")
    first, second = house.told("turn.new")
    assert second["question"] == first["question"] and second["turn"] != first["turn"]


def test_a_turn_that_never_began_is_begun_and_not_made_twice(page: Page, house: Any) -> None:
    house.faults["turn.run"] = EngineFault("The engine ended.")
    drawn = page(house)
    drawn.chat_input(key="ask").set_value("When did it open?").run(timeout=30)
    assert "The engine ended." in _told(drawn)
    house.faults.clear()
    _press(drawn, "retry")
    for _ in range(5):
        drawn.run(timeout=30)
    assert "It opened in 1966" in _told(drawn)
    assert len({made["turn"] for made in house.told("turn.new")}) == 1


def _has(page: AppTest, key: str) -> bool:
    return any((button.key or "").startswith(key) for button in page.button)


def test_a_fault_is_one_box_with_its_cure(page: Page, house: Any) -> None:
    house.faults["turn.new"] = UserError("the disk is full", cure="free some space")
    drawn = page(house)
    drawn.chat_input(key="ask").set_value("When did it open?").run(timeout=30)
    told = _told(drawn)
    assert "The disk is full." in told and "free some space" in told and "Traceback" not in told
    assert "When did it open?" in told, "the question is not lost"


def test_a_fault_of_everything_is_told_once(page: Page, house: Any) -> None:
    fault = EngineFault("The engine is gone.")
    house.faults |= dict.fromkeys(("conversations", "library", "conversation"), fault)
    assert _told(page(house, c="c1")).count("The engine is gone.") == 1


def test_a_job_that_ended_with_a_fault_says_why(page: Page, house: Any) -> None:
    drawn = _ask(page(house), "broken: when?")
    assert "The model file is gone." in _told(drawn) and _has(drawn, "again-")


def test_a_conversation_that_is_gone_is_said(page: Page, house: Any) -> None:
    drawn = page(house, c="c9")
    assert "no conversation c9" in _told(drawn)
    _press(drawn, "new")
    assert SAY("chat.welcome_title") in _told(drawn)


def test_chinese_from_top_to_bottom(page: Page, house: Any) -> None:
    drawn = _ask(page(house, language="zh"), "何时开放？")
    told = _told(drawn)
    assert "有依据" in told and "supported<" not in told
    assert drawn.chat_input(key="ask").placeholder == speaker("zh")("chat.follow_box")


def test_a_click_with_the_address_of_before_leads_back_to_nothing(page: Page, house: Any) -> None:
    drawn = page(house)
    drawn.chat_input(key="ask").set_value("When did it open?").run(timeout=30)
    drawn.query_params.clear()
    drawn.run(timeout=30)
    assert "When did it open?" in _told(drawn) and drawn.query_params["c"] in ("c1", ["c1"])
    for _ in range(5):
        drawn.run(timeout=30)
    _press(drawn, "new")
    assert SAY("chat.welcome_title") in _told(drawn) and "c" not in drawn.query_params
    drawn.run(timeout=30)
    assert SAY("chat.welcome_title") in _told(drawn)
