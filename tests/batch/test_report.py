"""The report is one file that loads nothing and runs nothing, whatever it shows."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from lxml import etree, html

from app.batch.questions import Question
from app.batch.results import failed
from app.batch.scoring import scored
from app.batch.totals import totals
from ui.report import MARK, Report, page
from ui.report_plots import Series, ceiling, histogram

NASTY = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg onload=alert(1)>",
    "javascript:alert(1)",
    "</style><script>alert(1)</script>",
    "</article></main><iframe src=//evil.example>",
    "<a href='https://evil.example'>x</a> [1] [2]",
    "\u202eevil\x1b[31m\0",
    'https://good.example/a?b=1&c="onmouseover=alert(1)',
]


def row(text: str, number: int) -> dict[str, Any]:
    """A row with the text wherever outside text can stand."""
    quote = {"number": 1, "text": text, "source": text, "title": text, "start": 0, "end": 9,
             "heading": f"{text}!", "page": 2}  # fmt: skip
    claim = {"text": text, "ruling": "supported", "confidence": 0.9, "judge": text, "cites": [1],
             "because": text, "evidence": 1}  # fmt: skip
    question = Question(f"{number}{text}", text, gold=(text,))
    known = {"outcome": "answered", "answer": f"{text} [1] [7]", "quotes": [quote],
             "claims": [claim], "model": text, "policy": text, "run": text, "checked": True,
             "seconds": 1.5}  # fmt: skip
    return scored(failed(question, text) | known, [text])


def shown(texts: list[str], **changes: Any) -> str:
    rows = [row(text, number) for number, text in enumerate(texts)]
    bad = [(3, text, text) for text in texts]
    counted = totals(rows, len(rows), len(bad))
    values = {"title": texts[0], "rows": rows, "bad": bad, "totals": counted}
    values["facts"] = {"model": texts[0]}
    return page(Report(**{**values, **changes}))


FAILED = Question("f", "What was lost?")
ELEMENTS = {
    *("html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "h3", "p", "dl", "div"),
    *("dt", "dd", "small", "figure", "figcaption", "span", "svg", "text", "rect", "line", "ul"),
    *("li", "i", "table", "tbody", "tr", "td", "th", "fieldset", "legend", "input", "label"),
    *("article", "header", "sup", "a", "b", "details", "summary", "blockquote"),
}


def assert_harmless(text: str) -> None:
    """Only our own elements; no handler, no address but the web's in links, no second style."""
    tree = html.document_fromstring(text)
    for element in tree.iter(etree.Element):
        assert element.tag in ELEMENTS, element.tag
        for name, value in element.attrib.items():
            assert not name.startswith("on") and name not in ("src", "srcset", "style", "action")
            if name == "href":
                assert value.startswith(("#q", "https://", "http://"))
            if name == "http-equiv":
                assert value == "Content-Security-Policy"
    assert len(tree.xpath("//style")) == 1 and len(tree.xpath("//meta")) == 4
    style = tree.xpath("//style")[0].text
    assert "@import" not in style and "url(" not in style


def test_planted_rows_are_plain_text() -> None:
    text = shown(NASTY)
    assert_harmless(text)
    tree = html.document_fromstring(text)
    questions = [article.findtext(".//h3") for article in tree.xpath("//article")]
    assert questions[0] == NASTY[0] and len(questions) == len(NASTY)
    assert "\x1b" not in text and "\0" not in text and "\u202e" not in text


def test_public_vectors_are_plain_text(shared_data: Path) -> None:
    vectors = json.loads((shared_data / "security/derived/xss_dev.json").read_text("utf-8"))
    assert len(vectors) == 617
    assert_harmless(shown(vectors))


def test_a_browser_loads_nothing_and_hides_what_is_not_chosen(tmp_path: Path) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed")
    from playwright.sync_api import sync_playwright

    path = tmp_path / "report.html"
    rows = [*(row(text, number) for number, text in enumerate(NASTY)), failed(FAILED, "lost")]
    path.write_text(shown(NASTY, rows=rows, totals=totals(rows, 20, 0)), "utf-8")
    asked, dialogs = [], []
    with sync_playwright() as play:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = play.chromium.launch(executable_path=chromium, args=flags)
        tab = browser.new_page()
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("dialog", lambda dialog: dialogs.append(dialog.message) or dialog.dismiss())
        tab.goto(path.as_uri())
        assert tab.locator("article:visible").count() == len(NASTY) + 1
        tab.click("label[for=only-failed]")
        assert tab.locator("article:visible").count() == 1
        tab.click("label[for=only-all]")
        tab.locator("sup a").first.click()
        assert tab.locator("#q0-1").is_visible(), "a citation opens its quote"
        browser.close()
    assert {url.partition("#")[0] for url in asked} == {path.as_uri()} and not dialogs


def test_no_script_may_run_and_nothing_may_load() -> None:
    tree = html.document_fromstring(shown(["x"]))
    policy = tree.xpath("//meta[@http-equiv]/@content")[0]
    assert "default-src 'none'" in policy and "script-src" not in policy


def test_citations_lead_to_their_quotes() -> None:
    tree = html.document_fromstring(shown(["first", "second"]))
    links = tree.xpath("//sup/a/@href")
    assert links == ["#q0-1", "#q1-1"], "only quotes that exist are linked"
    assert [tree.xpath(f"//*[@id='{link[1:]}']")[0].tag for link in links] == ["blockquote"] * 2


def test_rows_can_be_chosen_by_outcome() -> None:
    rows = [row("x", 1), failed(Question("2", "q"), "lost")]
    text = shown(["x"], rows=rows, totals=totals(rows, 2, 0))
    tree = html.document_fromstring(text)
    assert tree.xpath("//input/@id") == ["only-all", "only-answered", "only-failed"]
    assert 'body:has(#only-failed:checked) article:not([data-outcome="failed"])' in text


def test_a_report_says_what_it_is_and_stays_the_same() -> None:
    assert MARK in shown(["x"])[:2000]
    assert shown(NASTY) == shown(NASTY)


@pytest.mark.parametrize("rows", [[], [failed(Question("1", "q"), "why")]])
def test_little_is_shown_too(rows: list[dict[str, Any]]) -> None:
    assert_harmless(shown(["x"], rows=rows, totals=totals(rows, 1, 0), bad=[]))


def test_five_thousand_rows_are_some_megabytes() -> None:
    texts = [f"What is number {n}? " * 5 for n in range(5_000)]
    text = shown(texts, bad=[])
    assert len(text) < 15_000_000 and text.count("<article") == 5_000


def test_every_value_is_in_a_bar() -> None:
    drawn = histogram("t", "n", [Series("a", "good", [0.0, 0.5, 1.0, 7.0, -1.0])], 0.0, 1.0, 4)
    counts = [
        int(text) for text in html.fromstring(drawn).xpath("//text[@text-anchor='middle']/text()")
        if text.isdigit()
    ]  # fmt: skip
    assert sum(counts) == 5


@pytest.mark.parametrize(("value", "top"), [(0.0, 1), (0.9, 1), (1.2, 1.5), (7, 8), (97, 100)])
def test_axes_end_on_round_numbers(value: float, top: float) -> None:
    assert ceiling(value) == pytest.approx(top)
