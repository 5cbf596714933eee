"""Runs that a caller names: asked once, told again from the journal, never a word of a draft."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agents import view
from agents.events import WITHHELD, Answered, Entry, Exchange, Found, Limits, Stopped
from agents.models.base import Message, Sampling
from agents.models.scripted import ScriptedModel
from agents.probe import Probed
from app.assistant import Assistant, Request
from app.naming import Naming
from app.probes import Probes
from app.scoring import EmbeddingScorer
from app.serving.answers import asking, told_items
from app.store.database import open_database
from app.store.journal import Journal
from app.store.shelf import SqlShelf
from plugins.registry import load
from retrieval.embed import HashEmbedder
from retrieval.errors import UserError
from retrieval.library import Library

QUESTION = "Who was the engineer of the weir at Aldmoor?"
NEVER = threading.Event()


class Writer:
    """A model that counts its answers, and can be held up or made to fail."""

    def __init__(self) -> None:
        self.asked = 0
        self.begun = threading.Event()
        self.go_on = threading.Event()
        self.go_on.set()
        self.fault: BaseException | None = None

    def __call__(self, messages: list[Message], sampling: Sampling) -> str:
        self.asked += 1
        self.begun.set()
        self.go_on.wait(20)
        if self.fault:
            raise self.fault
        return "Clara Voss"


@pytest.fixture
def writer() -> Writer:
    return Writer()


@pytest.fixture
def assistant(tmp_path: Path, writer: Writer) -> Iterator[Assistant]:
    database = open_database(tmp_path / "vouch.db")
    for name, text in (("weir", "The engineer of the weir at Aldmoor was Clara Voss."),):
        (tmp_path / f"{name}.txt").write_text(text)
    library = Library(SqlShelf(database), HashEmbedder(), tmp_path / "library")
    list(library.add([tmp_path / "weir.txt"], "public"))
    (tmp_path / "secret.txt").write_text("The engineer of the weir at Aldmoor was Otto Prinz.")
    list(library.add([tmp_path / "secret.txt"], "private", tags=["quiet"]))
    model = ScriptedModel(writer, name="writer")
    probes = Probes(tmp_path / "probes.json")
    probes.keep("writer", Probed(1, 6))
    yield Assistant(
        model=lambda name: model,
        sources=library,
        scorer=EmbeddingScorer(HashEmbedder()),
        tools=load([]),
        journal=Journal(database),
        probes=probes,
        ready=library.ready,
    )
    database.dispose()


def ask(assistant: Assistant, **options: Any) -> tuple[list[Any], dict[str, str]]:
    """Ask as the engine's call does: its items and its result."""
    question = options.pop("question", QUESTION)
    items = told_items(assistant.ask(Request(question, **options), options.pop("cancel", NEVER)))
    heard = []
    while True:
        try:
            heard.append(next(items))
        except StopIteration as stop:
            return heard, stop.value


def test_a_named_run_is_asked_once(assistant: Assistant, writer: Writer) -> None:
    first, result = ask(assistant, run="q-1")
    assert result == {"run": "q-1", "state": "answered"} and writer.asked == 1
    again, same = ask(assistant, run="q-1", question="Something else?")
    assert same == result and writer.asked == 1
    kept = [entry.event.kind for entry in assistant.journal.entries("q-1")]
    assert [item["entry"]["event"]["kind"] for item in again] == kept
    assert {item["entry"]["seq"] for item in first if "entry" in item} <= {
        item["entry"]["seq"] for item in again
    }


def test_a_run_without_a_name_says_how_it_ended(assistant: Assistant) -> None:
    _, result = ask(assistant)
    assert result["state"] == "answered" and len(result["run"]) == 12


def test_names_are_never_taken_for_the_beginning_of_others(
    assistant: Assistant, writer: Writer
) -> None:
    ask(assistant, run="turn-10")
    _, result = ask(assistant, run="turn-1")
    assert result == {"run": "turn-1", "state": "answered"} and writer.asked == 2


@pytest.mark.parametrize("length", range(1, 14))
def test_a_run_that_was_cut_off_is_told_and_not_asked_again(
    length: int, assistant: Assistant, writer: Writer
) -> None:
    ask(assistant, run="whole")
    events = [entry.event for entry in assistant.journal.entries("whole")]
    assistant.journal.begin("cut")
    for event in events[:length]:
        assistant.journal.append("cut", event)
    told, result = ask(assistant, run="cut")
    answered = any(isinstance(event, Answered) for event in events[:length])
    assert result == {"run": "cut", "state": "answered" if answered else "interrupted"}
    assert writer.asked == 1
    ended = [n for n, event in enumerate(events[:length]) if isinstance(event, Stopped)]
    if ended and not answered:
        after = [item["entry"]["seq"] for item in told if item["entry"]["seq"] > ended[0]]
        assert not any(isinstance(events[seq], WITHHELD) for seq in after)
        assert len(told) > ended[0]


def test_a_run_that_was_begun_and_holds_nothing_is_asked(
    assistant: Assistant, writer: Writer
) -> None:
    assistant.journal.begin("reserved")
    _, result = ask(assistant, run="reserved")
    assert result == {"run": "reserved", "state": "answered"} and writer.asked == 1


def test_a_stopped_run_stays_stopped(assistant: Assistant, writer: Writer) -> None:
    stop = threading.Event()
    for _ in assistant.ask(Request(QUESTION, run="stopped"), stop):
        stop.set()
    told, result = ask(assistant, run="stopped")
    assert result["state"] == "stopped" and told and writer.asked == 0


def test_a_fault_before_the_run_begins_leaves_its_name_free(
    assistant: Assistant, writer: Writer
) -> None:
    with pytest.raises(UserError):
        ask(assistant, run="later", question=" ")
    assert ask(assistant, run="later")[1]["state"] == "answered"


def test_a_failed_run_is_not_asked_again(assistant: Assistant, writer: Writer) -> None:
    writer.fault = LookupError("a fault of ours")
    with pytest.raises(LookupError):
        ask(assistant, run="failed")
    writer.fault = None
    assert ask(assistant, run="failed")[1]["state"] == "stopped"
    assert writer.asked == 1


@pytest.mark.parametrize("name", ["a b", "../x", "-x", "x" * 65, "é"])
def test_what_is_no_name_is_refused(name: str, assistant: Assistant) -> None:
    with pytest.raises(UserError):
        ask(assistant, run=name)
    assert assistant.journal.runs() == []


def test_two_at_once_ask_once_and_hear_the_same(assistant: Assistant, writer: Writer) -> None:
    writer.go_on.clear()
    results: list[Any] = []
    threads = [
        threading.Thread(target=lambda: results.append(ask(assistant, run="both")))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    assert writer.begun.wait(20)
    writer.go_on.set()
    for thread in threads:
        thread.join(30)
    assert writer.asked == 1 and len(assistant.journal.runs()) == 1
    assert [result for _, result in results] == [{"run": "both", "state": "answered"}] * 4


def test_who_waits_for_a_name_can_stop() -> None:
    naming, stop = Naming(), threading.Event()
    stop.set()
    with naming.holding("x", NEVER), pytest.raises(UserError), naming.holding("x", stop):
        pytest.fail("two held one name")
    with naming.holding("x", stop):
        pass


@pytest.mark.parametrize("call", ["ask", "verify"])
def test_who_is_stopped_while_waiting_adds_nothing_to_the_run(
    call: str, assistant: Assistant, writer: Writer
) -> None:
    stop, work = threading.Event(), getattr(assistant, call)
    stop.set()
    with assistant.naming.holding("both", NEVER), pytest.raises(UserError):
        list(work(Request(QUESTION, run="both"), stop))
    assert assistant.journal.runs() == [] and writer.asked == 0


def test_only_what_was_chosen_is_searched(assistant: Assistant, tmp_path: Path) -> None:
    for scope, names in (
        ({"collections": ("public",)}, {"weir.txt"}),
        ({"sources": (str(tmp_path / "secret.txt"),)}, {"secret.txt"}),
        ({"tags": ("quiet",)}, {"secret.txt"}),
        ({}, {"weir.txt", "secret.txt"}),
    ):
        _, result = ask(assistant, **scope)
        events = [entry.event for entry in assistant.journal.entries(result["run"])]
        found = {Path(r.source).name for e in events if isinstance(e, Found) for r in e.results}
        assert found == names
        assert assistant.replay(result["run"]).equal
        forked, *_ = assistant.fork(result["run"], 1, NEVER)
        assert isinstance(forked, Entry)
        again = view.asked([e.event for e in assistant.journal.entries(forked.run)])
        kinds = ("collections", "sources", "tags")
        assert [getattr(again, kind) for kind in kinds] == [scope.get(kind, ()) for kind in kinds]


def test_an_unknown_part_of_the_library_begins_no_run(assistant: Assistant) -> None:
    for scope in ({"collections": ("publik",)}, {"sources": ("/nowhere",)}, {"tags": ("loud",)}):
        with pytest.raises(UserError):
            ask(assistant, **scope)
    assert assistant.journal.runs() == []


def test_what_a_question_asks_for_takes_the_place_of_the_settings() -> None:
    base = Request(QUESTION, limits=Limits(steps=9))
    params = {
        "run": "x", "seconds": "2.5", "tokens": 500, "quoted_characters": 100, "rewrites": 0,
        "collections": ["a"], "sources": ["/b"], "tags": ["c"], "check": False, "policy": "guided",
        "history": [{"question": "Who?", "answer": "She."}, {"question": "When?"}],
    }  # fmt: skip
    made = asking(base, params)
    assert made.limits == Limits(9, 2.5, 500, 100, 4, 0)
    assert (made.run, made.collections, made.sources) == ("x", ("a",), ("/b",))
    assert made.tags == ("c",)
    assert made.history == (Exchange("Who?", "She."), Exchange("When?"))
    assert (made.check, made.policy) == (False, "guided")
    assert asking(base, {"question": QUESTION}) == base


@pytest.mark.parametrize(
    "params",
    [
        {"steps": 0}, {"steps": "many"}, {"seconds": float("nan")}, {"tokens": -1},
        {"seconds": "inf"}, {"tokens": float("inf")},
        {"policy": "wild"}, {"collections": "public"}, {"rewrites": -1},
    ],
)  # fmt: skip
def test_nonsense_is_refused_in_a_sentence(params: dict[str, Any]) -> None:
    with pytest.raises(UserError):
        asking(Request(QUESTION), params)
