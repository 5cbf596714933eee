"""What the bot posts: escaped, within Slack's limits, in order, and never more than was said."""

import html
import json
import re
from dataclasses import replace
from typing import Any

import pytest
from bot_fakes import entries, story
from fake_slack.checks import check_blocks, check_view
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.events import Answer, Asked, Claim, Quoted, Ruling, Stopped, Verdict
from ui.escape import clean
from ui.house_port import read_entries
from ui.slack import blocks, modals
from ui.slack.pieces import packed, pieces, shortened
from ui.slack.words import escape, link, plain
from ui.summary import Summary, summarize

NASTY = (
    "<!channel> <@U0ADA> &lt;!here&gt; <http://evil.test|click> \u202eevil\u202c *b* _i_ `c` :tada:"
)
WORDS = st.text(
    st.characters(blacklist_categories=["Cs"]) | st.sampled_from("<>&*_~`:|\n .[]1"), max_size=9000
)


def summary(text: str = "It opened in 1966 [1].", **changes: Any) -> Summary:
    told = summarize(read_entries(entries("r1", story("When?", text))))
    return replace(told, **changes)


def answer(text: str, rulings: tuple[Ruling, ...] = (), quotes: int = 1) -> Answer:
    """An answer whose every line is a claim of the next ruling."""
    claims: list[Verdict] = []
    start = 0
    for line, ruling in zip(text.split("\n"), rulings, strict=False):
        claim = Claim(line, start, start + len(line), (1,))
        claims.append(Verdict(claim, ruling, "numbers", 0.9))
        start += len(line) + 1
    shown = tuple(
        Quoted(n + 1, "d", "/home/ada/tide mill.md", NASTY, f"Quote {n}. " + text, 0, 9)
        for n in range(quotes)
    )
    return Answer(text, "answered", "prose", "", shown, tuple(claims))


def texts(value: Any) -> str:
    """Everything that people read in blocks, as they read it."""
    match value:
        case {"text": str(text)}:
            return text + "\n"
        case dict():
            return "".join(map(texts, value.values()))
        case list():
            return "".join(map(texts, value))
        case _:
            return ""


def read(text: str) -> str:
    """What a person reads of escaped text."""
    return html.unescape(text.replace("\u2060", ""))


@given(WORDS)
def test_escaped_text_holds_no_markup_and_reads_as_it_was(text: str) -> None:
    escaped = escape(text)
    assert not re.search(r"[<>]|&(?!amp;|lt;|gt;)", escaped)
    assert plain(escaped.replace("\u2060", "")) == clean(text).replace("\u2060", "").strip()


@pytest.mark.parametrize("text", [NASTY, "<!channel>", "&lt;!channel&gt;", "<@U0ADA>", "\u202ea"])
def test_nobody_is_called_and_nothing_is_hidden(text: str) -> None:
    shown = escape(text)
    assert "<" not in shown and "\u202e" not in shown
    assert read(shown) == clean(text)


@pytest.mark.parametrize("mark", ["*bold*", "_it_", "~gone~", "`code`", ":tada:", "> quoted"])
def test_marks_of_formatting_are_none(mark: str) -> None:
    assert "\u2060" in escape(mark) and read(escape(mark)) == mark


def test_links_lead_to_plain_web_addresses_only() -> None:
    assert link("Rance & co", "https://a.test/x?y=1&z") == (
        "<https://a.test/x?y=1&amp;z|Rance &amp; co>"
    )
    for address in ("javascript:alert(1)", "https://a.test/|x> <!channel", "file:///etc", ""):
        assert link("name", address) == "name"


@given(WORDS, st.integers(20, 400))
def test_pieces_are_the_text_in_order(text: str, size: int) -> None:
    escaped = escape(text)
    cut = list(pieces(escaped, size))
    assert all(0 < len(piece) <= size for piece in cut)
    assert "".join("".join(cut).split()) == "".join(escaped.split())
    assert not any(re.search(r"&[a-z]*\Z", piece) for piece in cut)


@given(st.lists(WORDS, max_size=4), st.integers(20, 400))
def test_lines_are_packed_in_order(lines: list[str], size: int) -> None:
    escaped = [escape(line) for line in lines]
    made = list(packed(escaped, size))
    assert all(0 < len(text) <= size for text in made)
    assert "".join("".join(made).split()) == "".join("".join(escaped).split())


@given(WORDS)
def test_what_is_shortened_says_so(text: str) -> None:
    cut = shortened(escape(text), 50)
    assert len(cut) <= 50 and (cut == escape(text) or cut.endswith("…"))


@settings(max_examples=60, deadline=None)
@given(WORDS, st.integers(0, 30), st.lists(st.sampled_from(list(blocks.SIGNS)), max_size=30))
def test_messages_are_within_slacks_limits(text: str, quotes: int, rulings: list[Ruling]) -> None:
    told = replace(summary(), answer=answer(text * 3, tuple(rulings), quotes), draft=NASTY + text)
    made = blocks.reply(told, typed=NASTY, head=escape(NASTY)[:500])
    for message in made:
        check_blocks(message.blocks)
        assert 0 < len(message.text) <= 4000
        assert blocks.weight(message.blocks) <= 13_200
        assert "<!" not in json.dumps([message.text, message.blocks])
    check_view(modals.quotes(told))
    check_view(modals.what_changed(told))


def test_a_long_answer_is_split_in_order_and_its_buttons_come_last() -> None:
    lines = "\n".join(f"Sentence number {n} of a long answer about mills." for n in range(900))
    made = blocks.reply(replace(summary(), answer=answer(lines)))
    assert len(made) > 2
    numbers = [int(n) for m in made for n in re.findall(r"number (\d+) of", texts(m.blocks))]
    assert numbers == list(range(900))
    assert ["actions" in str(message.blocks) for message in made] == [False] * (len(made) - 1) + [
        True
    ]


@pytest.mark.parametrize(
    ("ruling", "sign"),
    [("supported", "✓"), ("contradicted", "✗"), ("unsupported", "–"), ("unchecked", "?")],
)
def test_a_claim_carries_its_verdict_behind_it(ruling: Ruling, sign: str) -> None:
    shown = blocks.marked(answer("It opened in 1966 [1].\nIt closed.", (ruling,)))
    first, _, second = shown.partition("\n")
    assert first.startswith("It opened in 1966 [1]. ") and sign in first and sign not in second


def test_verdicts_that_do_not_fit_the_text_are_listed() -> None:
    wrong = Verdict(Claim("Elsewhere", 3, 12), "unsupported", "names", 0.9)
    shown = blocks.marked(replace(answer("It opened."), verdicts=(wrong,)))
    assert "It opened." in shown and "– unsupported: Elsewhere" in shown


def test_a_file_is_named_without_its_folder() -> None:
    told = replace(summary(), answer=answer("It opened."))
    assert "/home/ada" not in str(blocks.reply(told)) + str(modals.quotes(told))


def test_quotes_stand_word_for_word_and_only_web_sources_are_links() -> None:
    page = Quoted(1, "d", "https://mills.test/rance", "Rance", NASTY.replace("\u202e", ""), 0, 9)
    view = modals.quotes(replace(summary(), answer=replace(answer("x"), quotes=(page,))))
    words = [b["text"] for b in view["blocks"] if b.get("text", {}).get("type") == "plain_text"]
    assert words[0]["text"] == NASTY.replace("\u202e", "").replace("\u202c", "")
    assert words[0]["emoji"] is False and "<https://mills.test/rance|Rance>" in str(view)


def test_what_the_check_changed_names_what_went_and_why() -> None:
    shown = texts(modals.what_changed(summary())["blocks"])
    assert "Zanzibar" in shown and "the name is in no quote" in shown


@pytest.mark.parametrize(
    ("stopped", "said"),
    [
        (Stopped("cancelled"), "Stopped"),
        (Stopped("model lost", "it died <!channel>"), "it died &lt;!channel&gt;"),
        (None, "interrupted"),
    ],
)
def test_a_run_without_an_answer_is_one_sentence(stopped: Stopped | None, said: str) -> None:
    told = replace(summary(), answer=None, stopped=stopped)
    (message,) = blocks.reply(told)
    assert said in read_marks(message.text) and "actions" not in str(message.blocks)


def read_marks(text: str) -> str:
    return text.replace("\u2060", "")


def test_another_question_than_the_typed_one_is_shown() -> None:
    told = replace(summary(), asked=Asked("When did the Rance mill open?"))
    assert "Understood as" in str(blocks.reply(told, typed="And that one?"))
    assert "Understood as" not in str(blocks.reply(told, typed="when did  the Rance mill open?"))


def test_reasons_travel_there_and_back() -> None:
    view = modals.reasons("run-1", "C0MILL", "17.1")
    check_view(view)
    assert modals.about(view) == ("run-1", "C0MILL", "17.1")
    options = view["blocks"][0]["element"]["options"]
    values = {
        modals.TAGS: {modals.TAGS: {"selected_options": options[1:3]}},
        modals.WORDS: {modals.WORDS: {"value": None}},
    }
    sent = {**view, "state": {"values": values}}
    assert modals.told(sent) == ([option["value"] for option in options[1:3]], "")


def test_no_address_in_text_becomes_a_link() -> None:
    told = summary("See https://evil.test/x and mail@evil.test [1].")
    shown = [message.blocks for message in blocks.reply(told, "https://evil.test?", "asked")]
    shown += [blocks.working("k", ["https://evil.test"]).blocks]
    shown += [modals.quotes(told)["blocks"], modals.what_changed(told)["blocks"]]
    texts = re.findall(r'\{[^{}]*"type": "mrkdwn"[^{}]*\}', json.dumps(shown))
    assert len(texts) > 6
    assert [text for text in texts if '"verbatim": true' not in text] == []
