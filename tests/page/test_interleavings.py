"""Asking, voting, drawing again and closing tabs in any order: each question has its own answer."""

import random
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from page_session import PATIENCE, PageSession
from serving_pages import serving

from ui.words import speaker

TABS, STEPS = 3, 14
SEEDS = 200
"""Plays of `make prove`; the normal run plays the first SAMPLE."""
SAMPLE = 3
NEWEST = 100
"""Runs that are looked at after a play: more than a play can make."""

GIVEN = speaker("en")("chat.up_given")


@pytest.fixture(scope="module")
def brisk_page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A page whose model takes part of a second for an answer, so that much comes in between."""
    with serving(tmp_path_factory.mktemp("brisk"), "400") as served:
        yield served


@dataclass
class Play:
    """A seeded play of some tabs, each of which goes on from talk to talk.

    `asked` are the facts that were asked for, `talks` the conversations of its own tabs, `votes`
    the marks that turns must have at the end.
    """

    page: Any
    seed: int
    tabs: list[PageSession] = field(default_factory=list)
    asked: list[Any] = field(default_factory=list)
    talks: set[str] = field(default_factory=set)
    votes: dict[str, str] = field(default_factory=dict)

    def run(self) -> None:
        chance = random.Random(self.seed)
        doings = [self.ask, self.ask, self.vote, self.draw, self.reload, self.anew]
        self.tabs = [PageSession(self.page.url).open() for _ in range(TABS)]
        for _ in range(STEPS):
            tab = chance.choice(self.tabs)
            chance.choice(doings)(tab, chance)
            for _ in range(chance.randrange(4)):
                tab.step(0.02)
            self.note(tab)
        for tab in self.tabs:
            tab.open()
            tab.until(lambda tab=tab: tab.has("ask") and not tab.working)
            self.note(tab)

    def note(self, tab: PageSession) -> None:
        """Keep the conversation that the tab's address names."""
        if found := re.search(r"\bc=([^&]+)", tab.query):
            self.talks.add(found[1])

    def ask(self, tab: PageSession, chance: random.Random) -> None:
        """Ask what this play has not asked; a tab that is at work has no box to write in."""
        # Streamlit forgets what was typed if the page is to be drawn again between the start of a
        # run and its callbacks; so what was asked for before must have been drawn.
        tab.settle()
        left = [fact for fact in self.page.facts if fact not in self.asked]
        if tab.working or not left or not tab.has("ask"):
            return
        fact = chance.choice(left)
        self.asked.append(fact)
        tab.type("ask", fact.question)
        # What was typed is taken before anything is drawn. From then on the drawing may be broken
        # off and begun again at any moment: also between keeping the question and beginning it.
        tab.until(tab.drawing)
        for _ in range(chance.randrange(4)):
            tab.nudge()
            tab.until(tab.drawing)
        asked = f"{fact.question!r}, {len(self.asked)}. of {sorted(self.talks)},"
        tab.until(lambda: fact.question in tab.html() and "c=" in tab.query, what=asked)

    def vote(self, tab: PageSession, chance: random.Random) -> None:
        """Press a thumb; pressing the one that is given takes it back."""
        turns = re.findall(r"\bup-([0-9a-f]{32})", " ".join(tab.widgets()))
        if not turns or tab.working:
            return
        turn = chance.choice(turns)
        self.votes[turn] = "none" if tab.label(f"up-{turn}") == GIVEN else "up"
        tab.click(f"up-{turn}")
        tab.until(lambda: not tab.working)

    def draw(self, tab: PageSession, chance: random.Random) -> None:
        """Have the whole page drawn again, as any click does."""
        tab.again()

    def reload(self, tab: PageSession, chance: random.Random) -> None:
        """Close the tab, also in the middle of an answer, and open its address again."""
        tab.open()

    def anew(self, tab: PageSession, chance: random.Random) -> None:
        """Begin a new conversation, also while the old one is being answered."""
        if not tab.working and tab.has("new"):
            self.note(tab)
            tab.click("new")
            tab.until(lambda: "c=" not in tab.query and not tab.working)


def newest(page: Any) -> set[str]:
    """The names of the newest runs."""
    return {run["id"] for run in page.call("runs", limit=NEWEST)["runs"]}


def check(play: Play, before: set[str]) -> None:
    """Every question was asked once, and its answer is its own; votes stand on their own runs."""
    page, seed = play.page, f"seed {play.seed}"
    talks = [page.call("conversation", id=talk) for talk in sorted(play.talks)]
    turns = [turn for talk in talks for turn in talk["turns"]]
    asked = sorted(fact.question for fact in play.asked)
    assert sorted(turn["question"] for turn in turns) == asked, seed
    assert newest(page) - before == {turn["run"] for turn in turns}, seed
    for turn in turns:
        own_answer(page, turn, seed)
    marks = page.call("feedback.of", runs=[turn["run"] for turn in turns], by="local")["marks"]
    found = {turn["id"]: marks[turn["run"]]["mark"] for turn in turns if turn["run"] in marks}
    assert {turn: found.get(turn, "none") for turn in play.votes} == play.votes, seed
    assert set(found) <= set(play.votes), seed
    for tab in play.tabs:
        for fact in play.asked:
            assert (fact.question in tab.html()) == (fact.code in tab.html()), seed


def own_answer(page: Any, turn: dict[str, Any], seed: str) -> None:
    """Fail unless a turn was worked on once, and says the code that it was asked for alone."""
    deadline = time.monotonic() + PATIENCE
    # A turn that no tab shows any more is answered all the same, in its own time.
    while (told := page.call("turn", turn=turn["id"]))["turn"]["state"] in ("new", "open"):
        assert time.monotonic() < deadline, (seed, turn)
        time.sleep(0.1)
    assert told["turn"]["state"] == "answered", (seed, turn)
    events = [entry["event"] for entry in told["entries"]]
    assert [event["kind"] for event in events].count("asked") == 1, (seed, turn)
    (answer,) = [event["answer"] for event in events if event["kind"] == "answered"]
    held = {fact.question for fact in page.facts if fact.code in answer["text"]}
    assert held == {turn["question"]}, (seed, turn, answer["text"])


def play_and_check(page: Any, seed: int) -> None:
    """Play a seed among all that was played before; only its own conversations are looked at."""
    before, play = newest(page), Play(page, seed)
    try:
        play.run()
        check(play, before)
    finally:
        for tab in play.tabs:
            tab.close()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, SAMPLE + 1))
def test_each_question_has_its_own_answer(brisk_page: Any, seed: int) -> None:
    play_and_check(brisk_page, seed)


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(SAMPLE + 1, SEEDS + 1))
def test_each_question_has_its_own_answer_always(brisk_page: Any, seed: int) -> None:
    play_and_check(brisk_page, seed)
