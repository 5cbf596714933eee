"""Conversations on every database: idempotent turns, trees, titles, deletion, several faces."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine

from agents import view
from agents.events import Answer, Answered, Asked, Event, Forked, Rephrased, Stopped
from app.store.conversations import Conversations
from app.store.journal import Journal
from app.store.standing import standings
from app.store.talk import TITLE, NewTurn
from retrieval.errors import UserError


@pytest.fixture
def talks(engine: Engine, clock: Callable[[], float]) -> Conversations:
    return Conversations(engine, clock=clock)


def new(id: str, question: str = "Who built it?", **given: Any) -> NewTurn:
    return NewTurn(id, question, **{"by": "local", "face": "chat", **given})


def test_a_turn_handed_in_twice_is_one_turn(talks: Conversations) -> None:
    first = talks.add(new("t1"))
    assert talks.add(new("t1")) == first == talks.turn("t1")
    assert len(talks.latest()) == 1
    with pytest.raises(UserError):
        talks.add(new("t1", "Another question?"))
    with pytest.raises(UserError):
        talks.add(new("t1", by="slack:T1:U1"))


def test_many_hands_with_one_turn_make_one(talks: Conversations) -> None:
    made: list[Any] = []
    barrier = threading.Barrier(6)

    def add() -> None:
        barrier.wait()
        made.append(talks.add(new("t1")))

    threads = [threading.Thread(target=add) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 6 and len(set(made)) == 1
    assert [one.turns for one in talks.latest()] == [1]


def test_many_hands_follow_each_other_in_one_conversation(talks: Conversations) -> None:
    def add(number: int) -> None:
        talks.add(new(f"t{number}", conversation="thread", follow=True, begin=True))

    threads = [threading.Thread(target=add, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found, turns = talks.find("thread")
    assert found.leaf is not None
    assert len({turn.run for turn in turns}) == 6
    assert len(talks.path(found.leaf)) == 5


def test_turns_form_a_tree_and_the_last_one_is_shown(talks: Conversations) -> None:
    first = talks.add(new("a"))
    home = first.conversation
    talks.add(new("b", "And when?", parent="a"))
    talks.add(new("c", "When exactly?", conversation=home, parent="a"))
    found, turns = talks.find(home)
    assert [(turn.id, turn.parent) for turn in turns] == [("a", None), ("b", "a"), ("c", "a")]
    assert found.leaf == "c" and found.turns == 3
    talks.show(home, "b")
    assert talks.find(home)[0].leaf == "b"
    assert talks.add(new("d", parent=None, follow=True, conversation=home)).parent == "b"
    assert [turn.id for turn in talks.path("d")] == ["a", "b"]
    assert talks.path("a") == []


def test_what_a_turn_carries_comes_back(talks: Conversations) -> None:
    odd = "nul \0, half \udcff, \U0001f30a"
    turn = talks.add(new("t", odd, by=odd, collections=(odd,), sources=("/a", odd), history=False))
    assert talks.turn("t") == turn
    assert (turn.question, turn.by, turn.collections, turn.history) == (odd, odd, (odd,), False)
    assert [one.id for one in talks.latest(by=odd)] == [turn.conversation]


def test_the_title_is_the_first_question_cut_until_somebody_renames(talks: Conversations) -> None:
    home = talks.add(new("t", "  Who\n built " + "the long weir " * 20)).conversation
    title = talks.find(home)[0].title
    assert title.startswith("Who built the long weir") and len(title) <= TITLE
    talks.add(new("u", "Second?", conversation=home, parent="t"))
    assert talks.find(home)[0].title == title
    assert talks.rename(home, " The\tweir ") == "The weir" == talks.find(home)[0].title
    with pytest.raises(UserError):
        talks.rename(home, " \n")


def test_the_list_is_newest_first_and_each_persons_own(talks: Conversations) -> None:
    one = talks.add(new("a", by="ann")).conversation
    two = talks.add(new("b", by="bob", face="slack")).conversation
    assert [talk.id for talk in talks.latest()] == [two, one]
    talks.add(new("c", by="ann", conversation=one, parent="a"))
    assert [talk.id for talk in talks.latest()] == [one, two]
    assert [talk.id for talk in talks.latest(limit=1)] == [one]
    assert [talk.id for talk in talks.latest(by="ann")] == [one]
    assert [talk.id for talk in talks.latest(face="slack")] == [two]


def test_a_deleted_conversation_is_gone_and_its_runs_stay(
    talks: Conversations, journal: Journal
) -> None:
    turn = talks.add(new("t"))
    journal.begin(turn.run)
    journal.append(turn.run, Asked("q"))
    talks.delete(turn.conversation)
    assert talks.latest() == []
    assert len(journal.entries(turn.run)) == 1
    with pytest.raises(UserError):
        talks.turn("t")
    with pytest.raises(UserError):
        talks.add(new("u", conversation=turn.conversation))


def test_ids_that_nobody_has_are_refused(talks: Conversations) -> None:
    home = talks.add(new("t")).conversation
    other = talks.add(new("o")).conversation
    for id in ("none", "", "\0", "\udcff", "x" * 70):
        for call in (talks.turn, talks.path, talks.find, talks.delete):
            with pytest.raises(UserError):
                call(id)
        with pytest.raises(UserError):
            talks.rename(id, "title")
        with pytest.raises(UserError):
            talks.show(home, id)
        with pytest.raises(UserError):
            talks.add(new("n", conversation=home, parent=id or "none"))
    with pytest.raises(UserError):
        talks.show(other, "t")
    with pytest.raises(UserError):
        talks.add(new("n", conversation=other, parent="t"))
    assert talks.find(home)[0].turns == talks.find(other)[0].turns == 1


@pytest.mark.parametrize(
    "bad", [new("no id!"), new("t", " "), new("t", "x" * 30_000), new("t", conversation="../x")]
)
def test_what_cannot_be_a_turn_is_refused(talks: Conversations, bad: NewTurn) -> None:
    with pytest.raises(UserError):
        talks.add(bad)
    assert talks.latest() == []


def test_owners_do_not_see_each_other(engine: Engine, talks: Conversations) -> None:
    home = talks.add(new("t")).conversation
    stranger = Conversations(engine, owner="other")
    assert stranger.latest() == []
    for call in (stranger.turn, stranger.path):
        with pytest.raises(UserError):
            call("t")
    for call in (stranger.find, stranger.delete):
        with pytest.raises(UserError):
            call(home)
    assert talks.find(home)[0].turns == 1


ASKED = Asked("typed", model="m")
SHOWN = Answered(Answer("said", "answered", "prose"))


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ([], "new"),
        ([ASKED], "open"),
        ([ASKED, Stopped("finished")], "open"),
        ([ASKED, Stopped("steps")], "open"),
        ([ASKED, Stopped("cancelled")], "stopped"),
        ([ASKED, Stopped("failed")], "stopped"),
        ([ASKED, Stopped("finished"), Stopped("seconds")], "open"),
        ([ASKED, Stopped("finished"), Stopped("cancelled")], "stopped"),
        ([ASKED, Stopped("finished"), SHOWN], "answered"),
    ],
)
def test_how_a_run_stands(
    engine: Engine, journal: Journal, events: list[Event], state: str
) -> None:
    if events:
        journal.begin("run")
    for event in events:
        journal.append("run", event)
    found = standings(engine, ["other", "run"])
    assert found["other"].state == "new" and found["other"].asked is None
    assert found["run"].state == state
    assert found["run"].asked == ("typed" if events else None)
    assert found["run"].answer == ("said" if state == "answered" else None)


def test_the_question_in_force_is_the_one_that_the_run_tells(
    engine: Engine, journal: Journal
) -> None:
    events: list[Event] = [ASKED]
    journal.begin("run")
    journal.append("run", ASKED)
    for event in (Rephrased("alone", "rule", 1, 1), Forked(Asked("typed", model="other"))):
        events.append(journal.append("run", event).event)
        assert standings(engine, ["run"])["run"].asked == view.asked(events).question == "alone"
