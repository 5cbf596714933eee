"""Addresses, titles and notes from the web are inert in every face, and live only as http(s)."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from lxml import html as lxml_html

from agents.actions import Open, QuoteLines, Search
from agents.events import (
    Acted,
    Answer,
    Answered,
    Asked,
    Claim,
    Entry,
    Event,
    Found,
    Opened,
    Quoted,
    Refused,
    Result,
    Stopped,
    Used,
    Verdict,
)
from retrieval.documents import Link
from ui import markdown, render, trace
from ui.html import Shown, answer_html
from ui.html_steps import steps_html
from ui.html_trace import trace_html
from ui.slack.blocks import reply, working
from ui.slack.modals import quotes as quotes_modal
from ui.summary import summarize
from ui.words import speaker

SAY = speaker("en")
HOSTILE = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)//https://a.test/",
    " javascript:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "//a.test/x",
    'https://a.test/" onmouseover="alert(1)',
    "https://a.test/'><img src=x onerror=alert(1)>",
    "https://a.test/>)[x](javascript:alert(1))",
    "https://a.test/|<!channel>",
    "https://a.test/\u202egnp.exe",
    "https://a.test/ javascript:alert(1)",
)
TITLE = '</b><img src=http://a.test/p.png onerror=alert(1)><a href="javascript:1">x</a> <!channel>'
TEXT = "The tower was built in 1684. ![x](http://a.test/p.png) <script>alert(1)</script>"


def story(address: str, title: str = TITLE) -> list[Event]:
    """A run over the web in which the address and the title stand wherever one may."""
    quote = Quoted(1, "d", address, title, TEXT, 0, len(TEXT), title, 1)
    claim = Claim(f"{TEXT} [1]", 0, len(TEXT) + 4, (1,))
    found = Found(title, (Result("d", "p", address, title, TEXT, 0, 9, 1.0, url=address),),
                  (f"kept from the web: {address}", title, TEXT))  # fmt: skip
    answer = Answer(claim.text, "partial", "prose", f"{title} {address}", (quote,), (
        Verdict(claim, "supported", title, 1.0, address, 1),
    ))  # fmt: skip
    return [
        Asked(f"What of {address}?", model=title, reach="web"),
        Acted(Search(address)),
        found,
        Acted(Open(1)),
        Refused(f"could not read {address}: {title}", True),
        Opened("d", address, title, TEXT, url=address, links=(Link(0, 3, address),)),
        Used("t", f"{title} {address}", True, (Opened("d", address, title, TEXT),)),
        Acted(QuoteLines(1, 1)),
        quote,
        Stopped("failed", f"{title} {address}"),
        Answered(answer),
    ]


def entries(events: Sequence[Event]) -> list[Entry]:
    return [Entry("r1", n, 1000.0 + n, event) for n, event in enumerate(events)]


def pages(events: Sequence[Event]) -> dict[str, str]:
    """What each view of a run in a browser is told."""
    told = entries(events)
    shown = Shown(summarize(told), tuple(events), {})
    return {
        "answer": answer_html(shown, SAY),
        "steps": steps_html(events, SAY, TITLE),
        "trace": trace_html(told, SAY),
    }


def live(page: str) -> list[str]:
    """Fail for anything active; return the addresses that a click would open, but our own."""
    root: Any = lxml_html.fromstring(f"<div>{page}</div>")
    assert not root.xpath("//img | //script | //iframe | //form | //style | //object | //*[@src]")
    for element in root.iter():
        assert not [name for name in element.attrib if name.startswith("on") or name == "style"]
    return [href for href in root.xpath("//@href") if not href.startswith("runs?run=")]


@pytest.mark.parametrize("address", HOSTILE)
def test_hostile_addresses_are_text_in_a_browser(address: str) -> None:
    for name, page in pages(story(address)).items():
        assert live(page) == [], name


def test_a_plain_address_is_a_link_and_its_title_stays_text() -> None:
    address = "https://brill.test/tower?a=1&b=2"
    told = pages(story(address))
    assert set(live(told["answer"])) == {address}
    assert not live(told["steps"]) and not live(told["trace"])
    root = lxml_html.fromstring(f"<div>{told['trace']}</div>")
    assert address in root.text_content() and "</b><img src" in root.text_content()


@pytest.mark.parametrize("address", HOSTILE)
def test_hostile_addresses_are_text_in_markdown(address: str) -> None:
    told = markdown.answer(summarize(entries(story(address))))
    assert not re.search(r"(?<!\\)\]\(", told)
    assert not re.search(r"(?<!\\)!\[|<(?!https?://)", told)


@pytest.mark.parametrize("address", HOSTILE)
def test_hostile_addresses_are_text_in_slack(address: str) -> None:
    """No mention and no link: what Slack obeys stands between angle brackets."""
    summary = summarize(entries(story(address)))
    messages = [*reply(summary), working("k", [f"{TITLE} {address}"])]
    told = [message.text for message in messages]
    told += [text for message in messages for text in texts(message.blocks)]
    told += texts(quotes_modal(summary))
    for text in told:
        assert "<" not in text and ">" not in text, text


def texts(value: Any, kind: str = "mrkdwn") -> list[str]:
    """Every text of blocks that Slack reads as markup."""
    match value:
        case {"type": "mrkdwn", "text": str(text), **rest}:
            assert rest.get("verbatim"), "addresses in it would become links"
            return [text]
        case dict():
            return [text for part in value.values() for text in texts(part)]
        case list() | tuple():
            return [text for part in value for text in texts(part)]
        case _:
            return []


@pytest.mark.parametrize("address", HOSTILE)
def test_a_terminal_gets_lines_without_what_it_obeys(address: str) -> None:
    events = story(f"{address}\x1b]8;;http://a.test\x07x", f"{TITLE}\x1b[2J\x9b31m\n")
    lines = [line for event in events if (line := render.step(event))]
    lines += [*trace.trace(entries(events)), *render.answer(summarize(entries(events)))]
    for line in lines:
        assert not re.search("[\x00-\x08\x0a-\x1f\x7f-\x9f\u202a-\u202e]", line.text), line.text


@pytest.mark.parametrize("every", [9, pytest.param(1, marks=pytest.mark.prove)])
def test_known_vectors_as_addresses_titles_and_notes(shared_data: Path, every: int) -> None:
    vectors = json.loads((shared_data / "security" / "derived" / "xss_dev.json").read_text("utf-8"))
    assert len(vectors) > 600
    for code in vectors[::every]:
        for page in pages(story(code, code)).values():
            assert not [href for href in live(page) if not re.match("https?://", href)]
