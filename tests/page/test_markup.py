"""Hostile markup in every text that the page shows: nothing becomes active, nothing is fetched."""

import json
import random
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from serving_pages import serving
from watching_tabs import watched

from agents.actions import Finish, Open, QuoteText, Search
from agents.events import (
    Acted,
    Answer,
    Answered,
    Asked,
    Claim,
    Claimed,
    Drafted,
    Event,
    Found,
    Judged,
    Opened,
    Quoted,
    Result,
    Stopped,
    Verdict,
)

pytestmark = pytest.mark.slow

EACH = 40
"""Vectors that one run holds, in its question, titles, quotes, claims, reasons and answer."""

OWN = """<script>alert(1)</script>
<img src=x onerror=alert(1)>
<a href="javascript:alert(1)">x</a>
[x](javascript:alert(1)) ![x](http://192.0.2.1/x.png)
<iframe src="http://192.0.2.1/"></iframe><svg/onload=alert(1)>
"""

ACTIVE = """() => {
  const bad = [];
  for (const e of document.querySelectorAll('.stMain *, .stSidebar *')) {
    for (const a of e.attributes) {
      if (a.name.startsWith('on')) bad.push(e.tagName + ' ' + a.name);
      if (['href', 'src', 'action', 'formaction', 'data', 'xlink:href'].includes(a.name)
          && /^\\s*(javascript|vbscript|data:text)/i.test(a.value)) bad.push(a.value);
    }
    if (/^(script|iframe|object|embed|base|meta|form|frame|applet)$/i.test(e.tagName)
        && e.closest('.stHtml, .stMarkdown')) bad.push(e.tagName);
    if (e.tagName === 'IMG' && !/^(data:|blob:|http:..127.0.0.1)/.test(e.src)) bad.push(e.src);
    if (e.tagName === 'A' && e.closest('.stHtml') && !/^http:..127.0.0.1/.test(e.href))
      bad.push(e.href);
  }
  return bad;
}"""


def hostile(vectors: Sequence[str]) -> list[Event]:
    """A run whose every text holds all the vectors."""
    text = "\n".join(vectors)
    page = f"Before. {text} After."
    start = len("Before. ")
    quote = Quoted(1, "d", f"/x/{vectors[0]}", text, text, start, start + len(text), text)
    claim = Claim(f"{text} [1]", 0, len(text) + 4, (1,))
    verdict = Verdict(claim, "supported", "containment", 1.0, text, 1)
    doubt = Verdict(claim, "unsupported", "containment", 0.0, text, None)
    result = Result("d", "p", f"/x/{vectors[0]}", text, text, start, start + len(text), 1.0)
    answer = Answer(f"{text} [1]", "answered", "prose", text, (quote,), (verdict, doubt))
    browsed: list[Event] = [
        Asked(text, model=text[:80]),
        Acted(Search(text)),
        Found(text, (result,)),
        Acted(Open(1)),
        Opened("d", f"/x/{vectors[0]}", text, page),
        Acted(QuoteText(text)),
        quote,
        Acted(Finish()),
        Stopped("finished", text),
    ]
    checked: list[Event] = [
        Drafted(f"{text} and more"),
        Claimed(0, (claim,)),
        Judged(0, doubt),
        Answered(answer),
    ]
    return browsed + checked


def stock(home: Path, batches: Sequence[Sequence[str]], made: list[tuple[str, str]]) -> None:
    """Keep one conversation a batch, each with one hostile run, before the engine starts."""
    from app.store.conversations import Conversations
    from app.store.database import open_database
    from app.store.journal import Journal
    from app.store.talk import NewTurn

    database = open_database(home / "vouch.db")
    journal, talks = Journal(database), Conversations(database)
    for number, batch in enumerate(batches):
        turn = talks.add(NewTurn(f"{number:032x}", "\n".join(batch), "local", "chat"))
        journal.begin(turn.run)
        for event in hostile(batch):
            journal.append(turn.run, event)
        made.append((turn.conversation, turn.run))
    database.dispose()


@pytest.fixture(scope="module")
def vectors() -> list[list[str]]:
    """All vectors in batches; without the public set, some of our own."""
    path = Path(__file__).resolve().parents[3] / "shared/data/security/derived/xss_dev.json"
    if not path.is_file():
        return [OWN.splitlines()]
    told = json.loads(path.read_text("utf-8"))
    texts = [one if isinstance(one, str) else one["vector"] for one in told]
    assert len(texts) == 617
    return [texts[begin : begin + EACH] for begin in range(0, len(texts), EACH)]


@pytest.fixture(scope="module")
def hostile_page(
    vectors: list[list[str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Any, list[tuple[str, str]]]]:
    made: list[tuple[str, str]] = []
    fill = partial(stock, batches=vectors, made=made)
    with serving(tmp_path_factory.mktemp("hostile"), stock=fill) as served:
        yield served, made


SAMPLE = 3
"""Batches that `make test` looks at, each of EACH vectors; `make prove` looks at all."""


def test_nothing_of_a_sample_becomes_active(hostile_page: Any, chromium: Any) -> None:
    served, made = hostile_page
    look(served, random.Random(7).sample(made, min(SAMPLE, len(made))), chromium)


@pytest.mark.prove
@pytest.mark.timeout(1800)
def test_nothing_of_all_becomes_active(hostile_page: Any, chromium: Any) -> None:
    served, made = hostile_page
    look(served, made, chromium)


def look(served: Any, talks: Sequence[tuple[str, str]], chromium: Any) -> None:
    """Open every part of a conversation and of its run; nothing in it may be active."""
    for talk, run in talks:
        with watched(chromium) as tab:
            tab.goto(f"{served.url}/?c={talk}")
            tab.locator("article.v-answer").wait_for()
            for fold in tab.locator("details > summary").all():
                fold.click()
            tab.locator("button.v-mark").first.click()
            assert tab.evaluate(ACTIVE) == []
            tab.goto(f"{served.url}/runs?run={run}")
            tab.get_by_role("tab").first.wait_for()
            for part in tab.get_by_role("tab").all():
                part.click()
                tab.wait_for_timeout(150)
                assert tab.evaluate(ACTIVE) == []


def test_the_measure_sees_what_is_active(chromium: Any) -> None:
    context = chromium.new_context()
    tab = context.new_page()
    tab.set_content(f'<div class="stMain"><div class="stHtml">{OWN}</div></div>')
    assert len(tab.evaluate(ACTIVE)) >= 4
    context.close()
