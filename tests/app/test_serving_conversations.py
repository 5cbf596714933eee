"""Conversations as calls: asked once, told from the journal, with the turns before."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agents import view
from agents.events import Answer, Answered, Asked, Drafted, Replied, Stopped
from app.wire import LINE_CAP
from retrieval.errors import UserError

WEIR = "The weir at Aldmoor was finished in 1887. The engineer of the weir was Clara Voss."
QUESTION = "Who was the engineer of the weir at Aldmoor?"
PLANTED = "Zanzibar-only-in-the-draft"


@pytest.fixture
def home(make_home: Callable[..., Any], tmp_path: Path) -> Any:
    home = make_home(tmp_path)
    home.add(default=WEIR, bridges="The bridge at Corby was built by Ada Finch in 1912.")
    return home


def new(home: Any, turn: str, question: str = QUESTION, **given: Any) -> Any:
    return home.result(
        "turn.new", turn=turn, question=question, **{"by": "local", "face": "chat", **given}
    )


def event_of(item: Any) -> Any:
    return item.get("entry", {}).get("event", {})


def events(home: Any, run: str) -> list[Any]:
    return [entry.event for entry in home.house.journal.entries(run)]


def test_a_turn_is_asked_once_and_then_told_from_the_journal(home: Any) -> None:
    made = new(home, "t1")
    assert home.result("turn", turn="t1")["turn"]["state"] == "new"
    items, result = home.call("turn.run", turn="t1")
    assert result == {"run": made["run"], "state": "answered"}
    asked = len(home.model.prompts)
    assert asked
    again, same = home.call("turn.run", turn="t1")
    assert same == result and len(home.model.prompts) == asked
    assert len(home.house.journal.runs()) == 1
    told = [item["entry"] for item in again]
    assert all(item["entry"] in told for item in items if "entry" in item)
    shown = home.result("turn", turn="t1")
    assert shown["entries"] == told and not shown["more"]
    assert shown["turn"]["state"] == "answered" and shown["turn"]["asked"] == QUESTION


def test_new_entries_alone_are_told(home: Any) -> None:
    new(home, "t1")
    assert home.result("turn", turn="t1")["entries"] == []
    home.call("turn.run", turn="t1")
    every = home.result("turn", turn="t1")["entries"]
    assert home.result("turn", turn="t1", after=4)["entries"] == every[5:]
    assert home.result("turn", turn="t1", after=every[-1]["seq"])["entries"] == []


def test_a_killed_engine_leaves_the_turn_open_and_it_is_not_asked_again(home: Any) -> None:
    run = new(home, "t1")["run"]
    home.house.journal.begin(run)
    home.house.journal.append(run, Asked(QUESTION, model="m"))
    assert home.result("turn", turn="t1")["turn"]["state"] == "open"
    items, result = home.call("turn.run", turn="t1")
    assert result == {"run": run, "state": "interrupted"} and len(items) == 1
    assert not home.model.prompts


def test_no_word_of_a_draft_is_told_before_the_answer(home: Any) -> None:
    made = new(home, "t1")
    journal, run = home.house.journal, made["run"]
    journal.begin(run)
    for event in (Asked(QUESTION), Stopped("finished"), Replied(PLANTED), Drafted(PLANTED)):
        journal.append(run, event)
    told = [
        home.call("turn", turn="t1"),
        home.call("turn.run", turn="t1"),
        home.call("conversation", id=made["conversation"]),
        home.call("conversations"),
    ]
    assert PLANTED not in str(told) and "finished" in str(told)
    journal.append(run, Answered(Answer("shown", "answered", "prose")))
    assert "shown" in str(home.call("turn", turn="t1"))


def test_the_turns_before_go_along_unless_they_are_left_behind(home: Any) -> None:
    first = new(home, "t1")
    home.call("turn.run", turn="t1")
    new(home, "lost", "Never asked?", parent="t1")
    new(home, "t2", "When was it finished?", parent="lost")
    home.call("turn.run", turn="t2")
    new(home, "t3", "When was it finished?", parent="t1", history=False)
    home.call("turn.run", turn="t3")
    turns = home.result("conversation", id=first["conversation"])["turns"]
    runs = {turn["id"]: turn["run"] for turn in turns}

    def before(turn: str) -> Any:
        history = view.typed(events(home, runs[turn])).history
        return [(one.question, one.answer) for one in history]

    ((question, answer),) = before("t2")
    assert question == QUESTION and "Clara Voss" in answer
    assert before("t1") == before("t3") == []


def test_what_a_turn_is_kept_to_reaches_the_run(home: Any) -> None:
    new(home, "t1", "Who built the bridge at Corby?", collections=["bridges"])
    items, _ = home.call("turn.run", turn="t1")
    assert items[0]["entry"]["event"]["collections"] == ["bridges"]
    found = [event for event in map(event_of, items) if event.get("kind") == "found"]
    assert found and all("bridges" in one["source"] for hit in found for one in hit["results"])


def test_a_conversation_is_told_listed_renamed_and_deleted(home: Any) -> None:
    made = new(home, "t1")
    new(home, "t2", "And when?", parent="t1", by="slack:U1", sources=["/a"])
    id = made["conversation"]
    told = home.result("conversation", id=id)
    assert (told["title"], told["leaf"], told["by"], told["face"]) == (
        QUESTION,
        "t2",
        "local",
        "chat",
    )
    last = told["turns"][-1]
    assert (last["parent"], last["question"], last["state"], last["asked"]) == (
        "t1",
        "And when?",
        "new",
        None,
    )
    assert last["sources"] == ["/a"] and last["by"] == "slack:U1"
    assert home.result("conversation.leaf", id=id, turn="t1")["leaf"] == "t1"
    assert home.result("conversation.rename", id=id, title="Weirs")["title"] == "Weirs"
    (line,) = home.result("conversations", by="local")["conversations"]
    assert (line["id"], line["title"], line["turns"]) == (id, "Weirs", 2)
    assert home.result("conversations", by="somebody")["conversations"] == []
    home.call("turn.run", turn="t1")
    home.result("conversation.delete", id=id)
    assert home.result("conversations")["conversations"] == []
    assert len(home.house.journal.runs()) == 1


def test_what_is_answered_in_a_deleted_conversation_is_stopped(home: Any) -> None:
    made, other = new(home, "t1"), new(home, "t2")
    working = [home.calls["turn.run"].run({"turn": turn}, home.cancel) for turn in ("t1", "t2")]
    for steps in working:
        next(steps)
    home.result("conversation.delete", id=made["conversation"])
    for steps in working:
        list(steps)
    told = {turn["run"]: view.state(events(home, turn["run"])) for turn in (made, other)}
    assert told == {made["run"]: "stopped", other["run"]: "answered"}


def test_several_faces_at_once(home: Any) -> None:
    faults: list[BaseException] = []

    def work(face: int) -> None:
        try:
            for number in range(3):
                turn = f"f{face}-{number}"
                new(home, turn, conversation="shared", begin=True, follow=True)
                home.call("turn.run", turn=turn)
                new(home, turn, conversation="shared", begin=True, follow=True)
        except BaseException as fault:
            faults.append(fault)
            raise

    threads = [threading.Thread(target=work, args=(face,)) for face in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    turns = home.result("conversation", id="shared")["turns"]
    assert len(turns) == 12 == len(home.house.journal.runs(50))
    assert {turn["state"] for turn in turns} == {"answered"}


def test_a_run_that_fits_no_line_is_told_in_parts(home: Any) -> None:
    run = new(home, "t1")["run"]
    home.house.journal.begin(run)
    home.house.journal.append(run, Asked(QUESTION))
    for _ in range(4):
        home.house.journal.append(run, Replied("\U0001f30a" * (LINE_CAP // 12 // 3)))
    entries: list[Any] = []
    parts = 0
    more = True
    while more:
        told = home.result("turn", turn="t1", after=entries[-1]["seq"] if entries else -1)
        entries += told["entries"]
        more = told["more"]
        parts += 1
    assert [entry["seq"] for entry in entries] == [0, 1, 2, 3, 4] and parts > 1


@pytest.mark.parametrize("name", ["turn", "turn.run"])
def test_unknown_turns_are_refused(home: Any, name: str) -> None:
    with pytest.raises(UserError):
        home.call(name, turn="nobody")
    with pytest.raises(UserError):
        home.call("conversation", id="nobody")
