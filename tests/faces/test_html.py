"""The checked answer as HTML: citations, verdicts, changes, and nothing active in any of it."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from lxml import html as lxml_html

from agents.events import Answered, Drafted, Entry, Event, Stopped
from agents.view import disclosed
from ui.escape import html as safe
from ui.html import Shown, answer_html, rephrased_html
from ui.html_blocks import empty, fault, note
from ui.html_cites import Excerpt
from ui.html_steps import steps_html
from ui.summary import summarize
from ui.talk_exports import Said, as_bibtex, as_data, as_markdown, as_page, file_name
from ui.words import LANGUAGES, speaker

SAY = speaker("en")
ALLOWED = {
    "article", "section", "header", "footer", "div", "p", "span", "sup", "button", "mark", "q",
    "blockquote", "ol", "ul", "li", "details", "summary", "a", "br", "del", "ins", "dl", "dt",
    "dd", "aside", "h2",
}  # fmt: skip


def shown(events: Sequence[Event], excerpts: dict[int, Excerpt] | None = None) -> Shown:
    """A run of these events as a page shows it."""
    entries = [Entry("r1", n, 1000.0 + n, event) for n, event in enumerate(events)]
    return Shown(summarize(entries), tuple(events), excerpts or {})


def said(events: Sequence[Event], typed: str = "", edited: str | None = None) -> Said:
    """A turn of a conversation as an export takes it."""
    one = shown(events)
    return Said(typed or one.summary.asked.question, one, edited)


def tree(told: str) -> Any:
    return lxml_html.fromstring(f"<div>{told}</div>")


def inert(told: str) -> None:
    """Fail for an element that is not ours, a handler, a script address or a remote load."""
    for element in tree(told).iter():
        assert element.tag in ALLOWED, element.tag
        for name, value in element.attrib.items():
            assert not name.startswith("on") and name not in ("src", "srcset", "style", "action")
            if name == "href":
                assert re.match(r"https?://|runs\?run=", value), value


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("question", ["When?", "nothing", "word for word", "and then?", "nasty"])
def test_only_our_own_elements_come_out(chat: ModuleType, language: str, question: str) -> None:
    told = answer_html(shown(chat.story(question)), speaker(language))
    inert(told)
    assert "alert(1)" not in told or "&lt;img" in told


def test_hostile_text_stays_text_everywhere(chat: ModuleType) -> None:
    nasty = chat.NASTY
    excerpt = {1: Excerpt(nasty, nasty, nasty)}
    told = answer_html(shown(chat.story("nasty"), excerpt), SAY)
    inert(told)
    inert(fault(nasty, nasty, nasty) + empty(nasty, nasty) + note(nasty))
    inert(steps_html(chat.story("nasty"), SAY, nasty))
    assert nasty in tree(told).text_content()


def test_known_vectors_are_inert(chat: ModuleType, shared_data: Path) -> None:
    text = (shared_data / "security" / "derived" / "xss_dev.json").read_text("utf-8")
    loaded = json.loads(text)
    assert len(loaded) > 600
    for code in loaded:
        run = shown(chat.story(f"x {code}", title=code), {1: Excerpt(code, code, code)})
        inert(answer_html(run, SAY) + fault(code, code, code))


def test_a_citation_is_a_button_that_opens_its_quote_in_its_context(chat: ModuleType) -> None:
    excerpts = {1: Excerpt("Before it. ", "The Rance mill opened in 1966.", " After it.")}
    told = tree(answer_html(shown(chat.story("When?"), excerpts), SAY))
    button = told.xpath('//sup//button[@class="v-mark"]')[0]
    (popover,) = told.xpath(f'//*[@id="{button.get("popovertarget")}"]')
    assert popover.get("popover") is not None and button.get("aria-label")
    assert popover.xpath(".//mark")[0].text_content() == excerpts[1].text
    assert "Before it." in popover.text_content() and "After it." in popover.text_content()
    assert SAY("chat.page_number", page=3) in popover.text_content()
    ids = [element.get("id") for element in told.xpath("//*[@id]")]
    assert len(ids) == len(set(ids))


def test_only_web_sources_become_links(chat: ModuleType) -> None:
    told = tree(answer_html(shown(chat.story("When?")), SAY))
    links = {link.get("href") for link in told.xpath("//a")}
    assert links == {chat.WEB, "runs?run=r1"}


def test_every_claim_has_a_sign_a_colour_and_a_word(chat: ModuleType) -> None:
    told = tree(answer_html(shown(chat.story("When?")), SAY))
    signs = told.xpath('//*[@class="v-text"]//span[contains(@class, "v-sign")]')
    assert [sign.text_content().strip() for sign in signs] == ["✓ (supported)", "? (unchecked)"]
    assert told.xpath('//span[@class="v-claim v-supported"]')[0].text_content().startswith("It op")


def test_what_the_check_changed_is_told_word_by_word(chat: ModuleType) -> None:
    told = tree(answer_html(shown(chat.story("When?")), SAY))
    (fold,) = told.xpath('//details[contains(@class, "v-fold-changes")]')
    assert chat.PLANTED in "".join(gone.text_content() for gone in fold.xpath(".//del"))
    assert "the name is in no quote" in fold.text_content()
    (text,) = told.xpath('//*[@class="v-text"]')
    assert chat.PLANTED not in text.text_content()


def test_no_word_of_a_draft_without_its_answer(chat: ModuleType) -> None:
    events = chat.story("When?")
    cut = events[: next(n for n, e in enumerate(events) if isinstance(e, Answered))]
    entries = [Entry("r1", n, 1000.0 + n, event) for n, event in enumerate(cut)]
    told = disclosed(entries)
    run = Shown(summarize(told), tuple(entry.event for entry in told), {})
    assert not any(isinstance(entry.event, Drafted) for entry in told)
    turn = [Said("When?", run)]
    outputs = [answer_html(run, SAY), as_page("t", turn, "", "en", SAY), as_data("t", turn)]
    assert chat.PLANTED not in "".join([*outputs, as_markdown("t", turn), steps_html(cut, SAY)])


def test_a_declined_question_shows_what_was_searched_and_what_came_closest(
    chat: ModuleType,
) -> None:
    told = tree(answer_html(shown(chat.story("nothing")), SAY)).text_content()
    assert SAY("chat.declined") in told and "Rance mill opened" in told
    assert SAY("chat.closest") in told and "240 MW" in told


def test_quotes_say_that_they_are_quotes(chat: ModuleType) -> None:
    told = answer_html(shown(chat.story("word for word")), SAY)
    said = safe(SAY("chat.only_quotes"))
    assert said in told and "<blockquote" in told
    assert said not in answer_html(shown(chat.story("When?")), SAY)


def test_a_follow_up_says_how_it_was_understood_and_what_was_left_out(chat: ModuleType) -> None:
    told = rephrased_html(chat.story("and then?"), SAY)
    assert "What did the Rance mill do then?" in told
    assert SAY("chat.history_cut", kept=2, of=3) in told
    assert rephrased_html(chat.story("When?"), SAY) == ""


def test_a_stopped_run_says_why(chat: ModuleType) -> None:
    events = [*chat.story("When?")[:4], Stopped("cancelled")]
    told = answer_html(shown(events), SAY)
    assert SAY("chat.no_answer") in told and SAY("chat.stop_cancelled") in told


def test_marks_of_no_quote_stay_text(chat: ModuleType) -> None:
    events = chat.story("When?")
    answer = events[-1].answer
    from dataclasses import replace

    told = replace(answer, text="Said [7] and [1, 2].", verdicts=())
    page = tree(answer_html(shown([*events[:-1], Answered(told)]), SAY))
    (text,) = page.xpath('//*[@class="v-text"]')
    assert "[7]" in text.text_content() and len(text.xpath(".//button")) == 2


def test_footer_names_model_policy_tokens_seconds_and_run(chat: ModuleType) -> None:
    (footer,) = tree(answer_html(shown(chat.story("When?")), SAY)).xpath('//*[@class="v-foot"]')
    told = footer.text_content()
    assert "tiny-model" in told and SAY("chat.policy_guided") in told
    assert SAY("chat.tokens", count="150") in told and " s" in told


def test_exports_hold_the_conversation_and_load_nothing(chat: ModuleType) -> None:
    runs = [said(chat.story("When?")), said(chat.story("nasty"))]
    page = as_page(chat.NASTY, runs, "body{}", "en", SAY)
    parsed = lxml_html.document_fromstring(page)
    assert not parsed.xpath("//script | //img | //link | //iframe") and "1966" in page
    assert not [n for e in parsed.iter() for n in e.attrib if n.startswith("on")]
    assert json.loads(as_data("t", runs))["turns"][0]["question"] == "When?"
    assert "## When?" in as_markdown("t", runs) and "<script" not in as_markdown("t", runs)


def test_exports_tell_what_was_typed_what_was_understood_and_what_the_person_wrote(
    chat: ModuleType,
) -> None:
    turn = said(chat.story("and then?"), "and then?", f"Mine {chat.NASTY}")
    understood = "What did the Rance mill do then?"
    (told,) = json.loads(as_data("t", [turn]))["turns"]
    assert (told["question"], told["asked"]) == ("and then?", understood)
    assert told["edited"] == f"Mine {chat.NASTY}"
    for text in (as_markdown("t", [turn]), as_page("t", [turn], "", "en", SAY)):
        assert "and then?" in text and understood in text and "Mine" in text
        assert "<img" not in text and "<script" not in text
    (plain,) = json.loads(as_data("t", [said(chat.story("When?"))]))["turns"]
    assert "asked" not in plain and "edited" not in plain


def test_what_came_closest_is_no_source(chat: ModuleType) -> None:
    assert as_bibtex([said(chat.story("nothing"))], 0.0) == ""


def test_a_full_stop_stands_before_its_number(chat: ModuleType) -> None:
    page = tree(answer_html(shown(chat.story("When?")), SAY))
    (text,) = page.xpath('//*[@class="v-text"]')
    assert text.text_content().startswith("It opened in 1966.1")
    claims = text.xpath('.//*[contains(@class, "v-claim")]')
    assert all(
        claim.xpath("./sup") and claim.xpath("./*[contains(@class, 'v-sign')]") for claim in claims
    )


def test_a_place_does_not_repeat_its_title(chat: ModuleType) -> None:
    from dataclasses import replace

    from ui.html_cites import position

    quote = replace(chat.quotes("Settings")[0], heading="Settings > engine")
    assert "engine" in position(quote, SAY) and "Settings" not in position(quote, SAY)
    assert "Power" in position(replace(quote, heading="Power > Output"), SAY)


def test_bibtex_has_an_entry_a_source(chat: ModuleType) -> None:
    made = as_bibtex([said(chat.story("When?")), said(chat.story("When?"))], 0.0)
    assert made.count("@misc{") == 2 and f"\\url{{{chat.WEB}}}" in made
    assert "pages = {3}" in made and "1970-01-01" in made
    nasty = as_bibtex([said(chat.story("x", title=r"50% of {A_B} & \input{x}"))], 0.0)
    assert r"50\% of \{A\_B\} \& \textbackslash{}input\{x\}" in nasty


def test_a_file_name_is_plain() -> None:
    assert file_name("../../etc/passwd?", "md") == "etc-passwd.md"
    assert (
        file_name("…", "md") == "conversation.md" and file_name("潮汐 磨坊", "md") == "潮汐-磨坊.md"
    )
