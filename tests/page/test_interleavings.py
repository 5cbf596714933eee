"""Asking, voting, drawing again and closing tabs in any order: each question has its own answer."""

import random
import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from page_session import PageSession

TABS, STEPS = 3, 12


@dataclass
class Play:
    """A seeded play of some tabs; `asked` are the facts that were asked for, by tab."""

    page: Any
    chance: random.Random
    tabs: list[PageSession] = field(default_factory=list)
    asked: list[Any] = field(default_factory=list)
    voted: set[str] = field(default_factory=set)

    def run(self) -> None:
        self.tabs = [PageSession(self.page.url).open() for _ in range(TABS)]
        for _ in range(STEPS):
            tab = self.chance.choice(self.tabs)
            does = self.chance.choice([self.ask, self.ask, self.vote, self.draw, self.reload])
            does(tab)
            for _ in range(self.chance.randrange(4)):
                tab.step(0.02)
        for tab in self.tabs:
            tab.open()
            tab.until(lambda tab=tab: tab.has("ask") and not tab.working)

    def ask(self, tab: PageSession) -> None:
        """Ask something that was not asked before; a tab that is at work has no box to write in."""
        if tab.working or not tab.has("ask"):
            return
        left = [fact for fact in self.page.facts if fact not in self.asked]
        if not left:
            return
        fact = self.chance.choice(left)
        self.asked.append(fact)
        tab.type("ask", fact.question)
        # Enter was pressed: the page may be reloaded at any moment from here on, not before.
        tab.until(lambda: _holds(tab, fact.question))

    def vote(self, tab: PageSession) -> None:
        turns = re.findall(r"\bup-([0-9a-f]{32})", " ".join(tab.widgets()))
        if turns and not tab.working:
            turn = self.chance.choice(turns)
            tab.click(f"up-{turn}")
            self.voted.add(turn)
            tab.until(lambda: not tab.working)

    def draw(self, tab: PageSession) -> None:
        """Have the whole page drawn again, as any click does."""
        tab.again()

    def reload(self, tab: PageSession) -> None:
        """Close the tab, also in the middle of an answer, and open its address again."""
        tab.open()


def _holds(tab: PageSession, question: str) -> bool:
    return question in tab.html()


def check(page: Any, play: Play) -> None:
    """Every question was asked once, and its answer is its own; votes stand on their own runs."""
    found = page.call("conversations", limit=200)["conversations"]
    talks = [page.call("conversation", id=line["id"]) for line in found]
    turns = [turn for talk in talks for turn in talk["turns"]]
    assert sorted(turn["question"] for turn in turns) == sorted(f.question for f in play.asked)
    codes = {fact.question: fact.code for fact in page.facts}
    for turn in turns:
        told = page.call("turn", turn=turn["id"])
        assert told["turn"]["state"] == "answered", turn
        events = [entry["event"] for entry in told["entries"]]
        assert [event["kind"] for event in events].count("asked") == 1
        (answer,) = [event["answer"] for event in events if event["kind"] == "answered"]
        held = {code for code in codes.values() if code in answer["text"]}
        assert held == {codes[turn["question"]]}, (turn["question"], answer["text"])
    runs = page.call("runs", limit=200)["runs"]
    assert len(runs) == len(turns)
    marks = page.call("feedback.of", runs=[t["run"] for t in turns], by="local")["marks"]
    voted = {turn["run"] for turn in turns if turn["id"] in play.voted}
    assert set(marks) <= voted
    for tab in play.tabs:
        shown = [fact for fact in page.facts if fact.question in tab.html()]
        for fact in shown:
            assert fact.code in tab.html()


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_each_question_has_its_own_answer(page: Any, seed: int) -> None:
    play = Play(page, random.Random(seed))
    play.run()
    assert len(play.asked) >= 2
    check(page, play)
