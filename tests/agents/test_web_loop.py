"""The loop over the web: results with addresses, links of pages, and what may leave the machine."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from agents import view
from agents.actions import Open, QuoteText, Search
from agents.decoding import grammar
from agents.events import Acted, Answered, Asked, Exchange, Found, Limits, Opened, Refused
from agents.guided import GuidedPolicy
from agents.kit import Kit
from agents.legal import legal
from agents.loop import run
from agents.policy import ModelPolicy
from agents.replay import replay
from retrieval.documents import Document, Link, Mark
from retrieval.web.types import WEB, CouldNotFetch, Finding, Searched, Tried, Visited

TOWER = "The tower at Brill is old. The tower at Brill was built in 1684 by a miller. See the mill."
MILL = "The mill at Brill grinds corn. It has two stones."
PAGES = {
    "https://brill.test/tower": (TOWER, "https://brill.test/mill"),
    "https://brill.test/mill": (MILL, "https://brill.test/tower"),
    "https://else.test/": ("Nothing of the kind stands here. Look elsewhere please.", ""),
}
QUESTION = "When was the tower at Brill built?"


@dataclass
class Brill:
    """A small web that remembers what it was asked."""

    asked: list[str] = field(default_factory=list)
    visited: list[str] = field(default_factory=list)
    fault: str = ""

    def find(self, query, k, cancel=None):
        self.asked.append(query)
        if self.fault:
            return Searched((), (Tried("brill", 0, self.fault),))
        urls = ["https://gone.test/", *PAGES]
        return Searched(tuple(Finding(u, u, "a snippet of 1999") for u in urls), (Tried("b", 4),))

    def visit(self, url, cancel=None):
        self.visited.append(url)
        if url not in PAGES:
            raise CouldNotFetch(f"{url} answers 404", "status", status=404)
        text, target = PAGES[url]
        at = text.find("mill")
        links = (Link(at, at + 4, target),) if target else ()
        page = Document(url, "Brill", text, collection=WEB, marks=(Mark(0, "Top"),), links=links)
        return Visited(page, "ab" * 32)


@pytest.fixture
def brill() -> Brill:
    return Brill()


@pytest.fixture
def webbed(scripted: Callable[..., Kit], brill: Brill) -> Callable[..., Kit]:
    return lambda *replies: replace(scripted(*replies), web=brill)


def asked(question: str = QUESTION, **values) -> Asked:
    return Asked(question, **{"reach": "web", "model": "scripted", **values})


def played(kit: Kit, policy, first: Asked) -> list:
    events = [replace(first, policy=policy.name)]
    for _ in run(events, kit, policy):
        pass
    return events


def test_guided_reads_pages_and_quotes_one(webbed, brill):
    events = played(webbed("The tower was built in 1684 [1]."), GuidedPolicy(), asked())
    answer = view.answered(events).answer
    quote = next(q for q in answer.quotes if "1684" in q.text)
    assert quote.source == "https://brill.test/tower"
    assert TOWER[quote.start : quote.end] == quote.text
    assert brill.visited[0] == "https://gone.test/" and len(set(brill.visited)) == 4
    refused = [event for event in events if isinstance(event, Refused)]
    assert refused[0].failed and "404" in refused[0].why
    assert all("snippet" not in quote.text for quote in answer.quotes)
    assert replay(events).equal


def test_a_model_follows_links_of_the_page_alone(webbed, brill):
    lines = ["search tower", "open 2", "open 1", "open 9", "quote 1", "finish", "The mill [1]."]
    events = played(webbed(*lines), ModelPolicy(), asked())
    assert brill.visited == ["https://brill.test/tower", "https://brill.test/mill"]
    assert isinstance(view.answered(events), Answered)
    quote = view.quotes(events)[0]
    assert (quote.source, quote.text) == (
        "https://brill.test/mill", "The mill at Brill grinds corn.",
    )  # fmt: skip
    assert any(isinstance(e, Refused) and "links are numbered 1 to 1" in e.why for e in events)
    assert replay(events).equal


def test_the_grammar_opens_the_links_on_screen():
    page = Opened("d", "u", "t", MILL, url="u", links=(Link(4, 8, "https://a.test/"),))
    events = [asked(), Found("x", ()), page]
    now = legal(events)
    assert (now.link, now.links) == (1, 1)
    assert '"open " ("1")' in grammar(now)
    offline = [asked(), Found("x", ()), replace(page, url="")]
    assert legal(offline).links == 0


def test_few_links_are_offered_at_once():
    text = "word " * 500
    links = tuple(Link(5 * n, 5 * n + 4, f"https://a.test/{n}") for n in range(500))
    reading = view.Reading(Opened("d", "u", "t", text, url="u", links=links), 0)
    assert reading.links() == range(1, view.LINKS + 1)


def test_private_words_do_not_leave(webbed, brill):
    """The library is private: what only it says is kept from the search engines."""
    lines = [
        "search tower at Brill",
        "search Brill keeper",
        "open 2",
        "quote 1",
        "finish",
        "So [1].",
    ]
    kit = webbed(*lines)
    events = played(kit, ModelPolicy(), asked(reach="both"))
    assert brill.asked[0] == "tower at Brill"
    assert brill.asked[1] == "Brill"
    found = view.searches(events)[1]
    assert found.query == "Brill keeper" and "kept from the web: keeper" in found.notes
    assert replay(events).equal


@pytest.mark.parametrize(("inside", "query"), [((), "Brill miller"), (("brill.test",), "Brill")])
def test_a_page_of_a_private_network_is_private(webbed, brill, inside, query):
    lines = ["search tower", "open 2", "quote 1", "search Brill miller", "finish", "So [1]."]
    events = played(webbed(*lines), ModelPolicy(), asked(inside=inside))
    assert brill.asked == ["tower", query]
    assert replay(events).equal


def test_an_earlier_answer_is_private(webbed, brill):
    history = (Exchange("Who is the keeper?", "The keeper is Xaver."),)
    kit = webbed(
        "What did Xaver build at Brill?",
        "search Xaver Brill",
        "open 2",
        "quote 1",
        "finish",
        "So [1].",
    )
    played(kit, ModelPolicy(), asked("What did he build at Brill?", history=history))
    assert brill.asked and all("Xaver" not in query for query in brill.asked)


def test_only_the_question_the_engines_and_pages_name_addresses(webbed, brill):
    question = "What does https://brill.test/mill, say?"
    kit = webbed("search mill", "open 1", "quote 1", "finish", "It grinds corn [1].")
    events = played(kit, ModelPolicy(), asked(question))
    assert view.searches(events)[0].results[0].url == "https://brill.test/mill"
    assert brill.visited == ["https://brill.test/mill"]
    assert replay(events).equal


def test_engines_that_fail_are_named_and_nothing_is_invented(webbed, brill):
    brill.fault = "brill answers 429"
    events = played(webbed("unused"), GuidedPolicy(), asked())
    assert view.searches(events)[0].notes == ("brill answers 429",)
    answer = view.answered(events).answer
    assert answer.outcome == "declined" and not answer.quotes
    assert replay(events).equal


@pytest.mark.parametrize(
    ("reach", "said"), [("web", "on the web"), ("both", "in the library or on the web")]
)
def test_a_refusal_says_where_was_looked(webbed, brill, reach, said):
    brill.fault = "brill failed."
    first = asked("Zebra quagga okapi?", reach=reach)
    events = played(webbed("finish"), ModelPolicy(), replace(first, limits=Limits(steps=1)))
    answer = view.answered(events).answer
    assert answer.outcome == "declined" and answer.text.startswith(f"No source {said} answers this")


def test_both_take_turns(webbed):
    events = played(webbed("The tower [1]."), GuidedPolicy(), asked(reach="both"))
    kinds = [bool(result.url) for result in view.searches(events)[0].results]
    assert kinds[:2] == [False, True]
    acts = [event.action for event in events if isinstance(event, Acted)]
    assert isinstance(acts[0], Search) and any(isinstance(act, Open) for act in acts)
    assert any(isinstance(act, QuoteText) for act in acts)
    assert replay(events).equal


def test_a_page_that_changes_between_two_visits_ends_no_run(webbed, brill, monkeypatch):
    """The scores are those of the sentences that were read first."""
    visits = Brill.visit

    def changing(self, url, cancel=None):
        again = url in self.visited
        came = visits(self, url, cancel)
        if not again:
            return came
        return replace(came, document=replace(came.document, text=f"{TOWER} " * 5))

    monkeypatch.setattr(Brill, "visit", changing)
    events = played(webbed("Nothing."), GuidedPolicy(), asked())
    assert len(brill.visited) > len(set(brill.visited))
    assert isinstance(view.answered(events), Answered)
    assert replay(events).equal
