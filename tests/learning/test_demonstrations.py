"""Guided runs as a model would have had to write them."""

import threading

import pytest

from agents import view
from agents.actions import QuoteLines, QuoteText, parse
from agents.events import Acted, Asked, Event, Limits
from agents.kit import Kit
from agents.legal import legal
from app.assistant import Stopwatch
from app.evaluation.systems import Means, Shelf
from app.learning.browsed import browsed
from app.learning.demonstrations import by_lines, demonstrations
from app.scoring import EmbeddingScorer
from plugins.registry import Registry
from retrieval.documents import Document
from retrieval.embed import HashEmbedder

BRIDGE = (
    "The Harbour Bridge is made of steel. It was opened in March 1932 by the Premier. "
    "Trains and trams crossed it from the first day."
)
ASKED = Asked("When was the Harbour Bridge opened?", "guided", "m", limits=Limits(steps=12))


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> list[Event]:
    embedder = HashEmbedder()
    means = Means(None, EmbeddingScorer(embedder), embedder, ASKED)  # type: ignore[arg-type]
    documents = [Document("a", "Bridge", BRIDGE), Document("b", "Tea", "Tea is grown in Assam.")]
    shelf = Shelf(documents, means, tmp_path_factory.mktemp("shelf") / "words")
    kit = Kit(
        None,  # type: ignore[arg-type]
        shelf, means.scorer, Registry({}), Stopwatch(), threading.Event(),
    )  # fmt: skip
    return browsed(ASKED, kit)


def test_a_run_ends_where_writing_would_begin(events: list[Event]) -> None:
    assert view.stopped(events) is not None and view.quotes(events)
    assert not any(event.kind == "drafted" for event in events)


def test_quotes_are_told_by_the_number_of_their_line(events: list[Event]) -> None:
    def acts(given: list[Event], kind: type) -> list[Event]:
        return [e for e in given if isinstance(e, Acted) and isinstance(e.action, kind)]

    assert acts(events, QuoteText) and not acts(events, QuoteLines)
    assert acts(by_lines(events), QuoteLines) and not acts(by_lines(events), QuoteText)
    assert len(by_lines(events)) == len(events)


def test_each_step_is_a_prompt_and_a_line_that_is_legal_there(events: list[Event]) -> None:
    found = list(demonstrations(events, "test"))
    lines = [one.reply for one in found]
    assert lines[0].startswith("search ") and lines[-1] == "finish"
    assert any(line.startswith("open ") for line in lines)
    quote = next(one for one in found if one.reply in ("quote 1", "quote 2"))
    number = quote.reply.removeprefix("quote ")
    shown = BRIDGE.split(". ")[int(number) - 1]
    assert any(number in line and shown in line for line in quote.prompt[-1].content.split("\n"))
    assert {one.group for one in found} == {ASKED.question}
    assert {one.prompt[0].role for one in found} == {"system"}
    assert legal([ASKED]).refusal(parse(lines[0])) is None  # type: ignore[arg-type]
