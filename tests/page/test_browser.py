"""What a person does, in a real Chromium: ask, watch, stop, reload, cite, vote, add, switch."""

import re
from pathlib import Path
from typing import Any

import pytest
from watching_tabs import settled, watched

from ui.words import speaker

pytestmark = pytest.mark.slow

ANSWER = "article.v-answer"


def ask(tab: Any, url: str, question: str) -> None:
    """Open a new conversation and ask."""
    tab.goto(url)
    box = tab.get_by_test_id("stChatInputTextArea")
    box.wait_for()
    box.fill(question)
    box.press("Enter")
    tab.locator(".v-question", has_text=question).wait_for()


def talk_of(tab: Any) -> str:
    """The conversation that the address names."""
    tab.wait_for_url(re.compile(r"[?&]c="))
    return re.search(r"[?&]c=([^&]+)", tab.url)[1]  # type: ignore[index]


def test_a_question_is_answered_with_a_quote_that_opens(page: Any, tab: Any) -> None:
    fact = page.facts[0]
    ask(tab, page.url, fact.question)
    answer = tab.locator(ANSWER)
    answer.wait_for()
    assert fact.code in answer.inner_text()
    mark = answer.locator("button.v-mark").first
    pop = tab.locator(".v-pop").first
    assert not pop.is_visible()
    mark.click()
    assert pop.is_visible() and pop.locator("mark").inner_text().strip() == fact.sentence
    tab.keyboard.press("Escape")
    assert not pop.is_visible()
    mark.focus()
    assert answer.locator(".v-tip").first.is_visible()
    tab.keyboard.press("Enter")
    assert pop.is_visible()


def test_a_vote_is_kept_and_shown_after_a_reload(page: Any, tab: Any) -> None:
    ask(tab, page.url, page.facts[1].question)
    tab.locator(ANSWER).wait_for()
    tab.locator('[class*="st-key-up-"] button').click()
    tab.locator('[data-testid="stForm"]').wait_for()
    (turn,) = page.call("conversation", id=talk_of(tab))["turns"]
    marks = page.call("feedback.of", runs=[turn["run"]], by="local")["marks"]
    assert marks[turn["run"]]["mark"] == "up"
    tab.reload()
    tab.locator('[class*="st-key-up-"] button[kind="primary"]').wait_for()


def test_a_reload_in_the_middle_changes_nothing(slow_page: Any, tab: Any) -> None:
    fact = slow_page.facts[2]
    ask(tab, slow_page.url, fact.question)
    tab.locator(".v-live").wait_for()
    for _ in range(2):
        tab.reload()
        tab.locator(".v-live, " + ANSWER).first.wait_for()
        assert fact.code not in tab.locator(".v-live").all_inner_texts()
    tab.locator(ANSWER).wait_for(timeout=90_000)
    assert fact.code in tab.locator(ANSWER).inner_text()
    (turn,) = slow_page.call("conversation", id=talk_of(tab))["turns"]
    told = slow_page.call("turn", turn=turn["id"])["entries"]
    kinds = [entry["event"]["kind"] for entry in told]
    assert kinds.count("asked") == 1 and kinds.count("answered") == 1
    asked = [run["question"] for run in slow_page.call("runs", limit=100)["runs"]]
    assert asked.count(fact.question) == 1


def test_stop_ends_the_question_and_shows_no_draft(slow_page: Any, tab: Any) -> None:
    fact = slow_page.facts[3]
    ask(tab, slow_page.url, fact.question)
    stop = tab.locator('[class*="st-key-stop-"] button')
    stop.wait_for()
    stop.click()
    tab.locator('[class*="st-key-regenerate-"] button').wait_for()
    (turn,) = slow_page.call("conversation", id=talk_of(tab))["turns"]
    assert turn["state"] == "stopped" and fact.code not in tab.inner_text("body")
    told = slow_page.call("turn", turn=turn["id"])["entries"]
    assert "answered" not in {entry["event"]["kind"] for entry in told}


def test_a_second_tab_shows_the_same_conversation(page: Any, tab: Any, chromium: Any) -> None:
    fact = page.facts[4]
    ask(tab, page.url, fact.question)
    tab.locator(ANSWER).wait_for()
    with watched(chromium) as other:
        other.goto(tab.url)
        other.locator(ANSWER).wait_for()
        assert fact.code in other.locator(ANSWER).inner_text()
    assert len(page.call("conversation", id=talk_of(tab))["turns"]) == 1


def test_a_file_is_added_and_answers(page: Any, tab: Any, tmp_path: Path) -> None:
    note = tmp_path / "harbour note.txt"
    note.write_text("The lock of Harbourwick opens with the code K9999X12345.\n")
    tab.goto(f"{page.url}/library")
    tab.get_by_role("tab", name=speaker("en")("library.tab_add")).click()
    tab.locator('.stMain input[type="file"]').first.set_input_files(str(note))
    tab.locator(".st-key-library-add button").click()
    tab.locator(".st-key-library-dismiss button").wait_for()
    assert "harbour note" in tab.locator(".vt-files").inner_text()
    assert [one for one in page.call("library")["documents"] if "harbour" in one["source"]]
    ask(tab, page.url, "What code opens the lock of Harbourwick?")
    tab.locator(ANSWER).wait_for()
    assert "K9999X12345" in tab.locator(ANSWER).inner_text()


def test_the_interface_speaks_chinese(page: Any, chromium: Any) -> None:
    say = speaker("zh")
    with watched(chromium, locale="zh-CN") as tab:
        tab.goto(page.url)
        tab.get_by_placeholder(say("chat.ask_box")).wait_for()
        tab.goto(f"{page.url}/library")
        tab.get_by_role("tab", name=say("library.tab_add")).click()
        tab.get_by_role("button", name=say("common.choose_files")).wait_for()
    with watched(chromium, locale="en-GB") as tab:
        tab.goto(page.url)
        tab.get_by_placeholder(speaker("en")("chat.ask_box")).wait_for()
        tab.locator(".st-key-language input, .st-key-language [role=combobox]").first.click()
        tab.get_by_role("option", name="中文").click()
        tab.get_by_placeholder(say("chat.ask_box")).wait_for()


@pytest.mark.parametrize("path", ["", "/library", "/runs", "/compare"])
def test_a_phone_needs_no_scrolling_sideways(page: Any, chromium: Any, path: str) -> None:
    with watched(chromium, viewport={"width": 375, "height": 760}) as tab:
        tab.goto(page.url + path)
        tab.locator(".stMain h1, .v-welcome").first.wait_for()
        wide = tab.evaluate("document.documentElement.scrollWidth")
        assert wide <= 375


def test_a_language_that_was_chosen_stays_and_is_told_to_screen_readers(
    page: Any, tab: Any
) -> None:
    ask(tab, page.url, page.facts[5].question)
    tab.locator(ANSWER).wait_for()
    assert tab.evaluate("document.documentElement.lang") == "en"
    tab.locator(".st-key-language input, .st-key-language [role=combobox]").first.click()
    tab.get_by_role("option", name="中文").click()
    say = speaker("zh")
    tab.locator(".v-foot a", has_text=say("chat.run")).click()
    tab.locator(".stMain h1", has_text=say("runs.title")).wait_for()
    tab.get_by_role("link", name=say("common.page_library")).click()
    tab.locator(".stMain h1", has_text=say("library.title")).wait_for()
    tab.reload()
    tab.locator(".stMain h1", has_text=say("library.title")).wait_for()
    settled(tab)
    assert tab.evaluate("document.documentElement.lang") == "zh"


def test_a_conversation_is_renamed_and_deleted(page: Any, tab: Any) -> None:
    ask(tab, page.url, page.facts[8].question)
    tab.locator(ANSWER).wait_for()
    talk, menu = talk_of(tab), tab.get_by_test_id("stPopoverBody")
    tab.locator(".st-key-manage button").click()
    menu.locator("input").fill('The lock & its <b>"code"</b>')
    menu.get_by_role("button", name=speaker("en")("chat.rename")).click()
    tab.locator(".v-title", has_text='The lock & its <b>"code"</b>').wait_for()
    menu.wait_for(state="hidden")
    tab.locator(".st-key-manage button").click()
    tab.locator(".st-key-delete button").click()
    tab.get_by_role("dialog").get_by_text(speaker("en")("chat.delete_title")).wait_for()
    menu.wait_for(state="hidden")
    tab.locator(".st-key-delete-yes button").click()
    tab.locator(".v-welcome").wait_for()
    assert talk not in {one["id"] for one in page.call("conversations")["conversations"]}


def test_on_a_phone_the_side_does_not_cover_what_was_opened_in_it(page: Any, chromium: Any) -> None:
    with watched(chromium, viewport={"width": 375, "height": 760}) as tab:
        tab.goto(page.url)
        tab.locator(".v-welcome").wait_for()
        tab.get_by_test_id("stExpandSidebarButton").click()
        tab.get_by_role("link", name=speaker("en")("common.page_library")).click()
        tab.locator(".stMain h1").wait_for()
        tab.get_by_test_id("stExpandSidebarButton").wait_for()


def test_the_page_is_used_without_a_mouse(page: Any, tab: Any) -> None:
    ask(tab, page.url, page.facts[9].question)
    tab.locator('[class*="st-key-regenerate-"]').wait_for()
    settled(tab)
    tab.get_by_test_id("stChatInputTextArea").focus()
    reached = []
    for _ in range(20):
        tab.keyboard.press("Shift+Tab")
        reached.append(tab.evaluate(FOCUSED))
        if "v-mark" in reached[-1][0]:
            break
    assert {"v-mark", "v-source"} <= {one for names, _ in reached for one in names.split()}
    assert all(visible for _, visible in reached), reached
    tab.keyboard.press("Enter")
    assert tab.locator(".v-pop").first.is_visible()
    tab.keyboard.press("Escape")
    assert not tab.locator(".v-pop").first.is_visible()


FOCUSED = """() => {
  const e = document.activeElement, s = getComputedStyle(e);
  const shows = s.outlineStyle !== 'none' || s.boxShadow !== 'none' || e.tagName === 'INPUT';
  return [e.className, shows];
}"""
"""The class of what has the keyboard, and whether that shows."""
