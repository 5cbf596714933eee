"""The assistant over a real database and library: journal, withheld drafts, fork and replay."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agents import view
from agents.answering import CHOICES
from agents.codec import dump
from agents.entailing import entailed
from agents.events import (
    WITHHELD,
    Acted,
    Answered,
    Drafted,
    Entry,
    Event,
    Forked,
    Found,
    Stopped,
    Working,
)
from agents.models.base import Message, ModelLost, Sampling
from agents.models.scripted import ScriptedModel
from agents.probe import Probed
from app.assistant import Assistant, Request, answer_hash
from app.house import build
from app.probes import Probes
from app.scoring import EmbeddingScorer
from app.settings import load as load_settings
from app.store.database import open_database
from app.store.journal import Journal
from app.store.shelf import SqlShelf
from plugins.registry import load
from retrieval.embed import HashEmbedder
from retrieval.errors import UserError
from retrieval.library import Library

QUESTION = "Who was the engineer of the weir at Aldmoor?"
DRAFT_ONLY = "Zanzibar"
REPLIES = (
    "search engineer weir Aldmoor",
    "open 1",
    "quote 2",
    "finish",
    f"The engineer of the weir was Clara Voss [1]. She was born in {DRAFT_ONLY} [1].",
    f"The engineer of the weir was Clara Voss [1]. She was born in {DRAFT_ONLY} [1].",
)
TEXT = "The weir at Aldmoor was finished in 1887. The engineer of the weir was Clara Voss."


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Callable[..., Assistant]]:
    database = open_database(tmp_path / "vouch.db")
    (tmp_path / "weir.txt").write_text(TEXT)
    embedder = HashEmbedder()
    library = Library(SqlShelf(database), embedder, tmp_path / "library")
    list(library.add([tmp_path / "weir.txt"]))

    def make(*models: Any, able: bool = True) -> Assistant:
        named = {model.name: model for model in models}
        probes = Probes(tmp_path / "probes.json")
        for name in named:
            probes.keep(name, Probed(6 if able else 1, 6))
        return Assistant(
            model=lambda name: named[name or models[0].name],
            sources=library,
            scorer=EmbeddingScorer(embedder),
            tools=load(["calculator"]),
            journal=Journal(database),
            probes=probes,
            ready=library.ready,
        )

    yield make
    database.dispose()


def told(items: Iterator[Any]) -> tuple[str, list[Event], list[Any]]:
    """Exhaust what is told: the run, its entries' events, and everything in order."""
    heard = list(items)
    entries = [item for item in heard if isinstance(item, Entry)]
    return entries[0].run, [entry.event for entry in entries], heard


def ask(assistant: Assistant, **options: Any) -> tuple[str, list[Event], list[Any]]:
    return told(assistant.ask(Request(QUESTION, **options), threading.Event()))


def test_an_able_model_browses_and_the_run_is_kept_whole(house: Callable[..., Assistant]) -> None:
    assistant = house(ScriptedModel(REPLIES))
    run, _, _ = ask(assistant)
    kept = [entry.event for entry in assistant.journal.entries(run)]
    assert view.asked(kept).policy == "model"
    answered = view.answered(kept)
    assert answered is not None and "Clara Voss" in answered.answer.text
    assert assistant.replay(run).equal


def test_no_word_of_the_draft_is_told_before_the_answer(house: Callable[..., Assistant]) -> None:
    assistant = house(ScriptedModel(REPLIES))
    run, _, heard = ask(assistant)
    for item in heard:
        if isinstance(item, Working):
            continue
        assert not isinstance(item.event, WITHHELD)
        assert DRAFT_ONLY not in str(dump(item.event))
    kept = [entry.event for entry in assistant.journal.entries(run)]
    betraying = {type(event) for event in kept if DRAFT_ONLY in str(dump(event))}
    assert betraying >= {Drafted, Acted, Found}, "what is looked up for a claim of the draft too"


def test_what_is_told_is_in_the_journal_already(house: Callable[..., Assistant]) -> None:
    assistant = house(ScriptedModel(REPLIES))
    for item in assistant.ask(Request(QUESTION), threading.Event()):
        if isinstance(item, Entry):
            assert assistant.journal.entries(item.run)[item.seq] == item


def test_a_model_that_fails_the_probe_gets_the_guided_policy(
    house: Callable[..., Assistant],
) -> None:
    assistant = house(ScriptedModel(["Clara Voss"]), able=False)
    _, events, _ = ask(assistant)
    asked = view.asked(events)
    assert (asked.policy, asked.style) == ("guided", "short")


def test_a_forced_policy_is_kept(house: Callable[..., Assistant]) -> None:
    _, events, _ = ask(house(ScriptedModel(REPLIES)), policy="guided")
    assert view.asked(events).policy == "guided"


def test_an_unknown_model_is_probed_once(house: Callable[..., Assistant], tmp_path: Path) -> None:
    asked: list[str] = []

    def reply(messages: list[Message], sampling: Sampling) -> str:
        asked.append(sampling.prefix)
        return "search weir"

    assistant = house(ScriptedModel(REPLIES))
    fresh = ScriptedModel(reply, name="fresh")
    never = threading.Event()
    first = assistant.able(fresh, never)
    count = len(asked)
    assert count == first.cases and not first.able
    assert assistant.able(fresh, never) == first and len(asked) == count


@pytest.mark.parametrize("at", range(1, 6))
def test_a_fork_goes_on_with_another_model_and_replays(
    at: int, house: Callable[..., Assistant]
) -> None:
    rest = [*REPLIES[at - 1 : 4], "The engineer of the weir was Clara Voss [1]."]
    other = ScriptedModel(rest, name="other")
    assistant = house(ScriptedModel(REPLIES), other)
    run, _, _ = ask(assistant)
    old = [entry.event for entry in assistant.journal.entries(run)]
    forked, _, heard = told(assistant.fork(run, at, threading.Event(), model="other"))
    events = [entry.event for entry in assistant.journal.entries(forked)]
    cut = next(i for i, event in enumerate(events) if isinstance(event, Forked))
    assert events[:cut] == old[:cut]
    assert sum(isinstance(event, Acted) for event in events[:cut]) == at - 1
    assert view.asked(events).model == "other"
    assert isinstance(events[-1], Answered) and events[-1].answer.outcome == "answered"
    assert assistant.replay(forked).equal
    assert not any(isinstance(e, Entry) and isinstance(e.event, WITHHELD) for e in heard)


def test_a_fork_before_a_step_that_is_not_there_is_refused(
    house: Callable[..., Assistant],
) -> None:
    assistant = house(ScriptedModel(REPLIES))
    run, _, _ = ask(assistant)
    for at in (0, 6, 99):
        with pytest.raises(UserError, match=r"1 to 5"):
            list(assistant.fork(run, at, threading.Event()))


def test_a_stopped_run_is_kept_and_can_be_taken_up_again(house: Callable[..., Assistant]) -> None:
    stop = threading.Event()
    assistant = house(ScriptedModel([*REPLIES[:2], *REPLIES[2:]]))
    run = ""
    for item in assistant.ask(Request(QUESTION), stop):
        if isinstance(item, Entry):
            run = item.run
            if sum(isinstance(e.event, Acted) for e in assistant.journal.entries(run)) == 2:
                stop.set()
    events = [entry.event for entry in assistant.journal.entries(run)]
    assert events[-1] == Stopped("cancelled") and assistant.replay(run).equal
    _, again, _ = told(assistant.fork(run, 3, threading.Event()))
    assert isinstance(again[-1], Answered)


def test_a_fault_is_kept_as_the_end_of_its_run(house: Callable[..., Assistant]) -> None:
    assistant = house(ScriptedModel(REPLIES[:2]))
    with pytest.raises(LookupError):
        ask(assistant)
    line = assistant.journal.runs()[0]
    last = assistant.journal.entries(line.id)[-1].event
    assert isinstance(last, Stopped) and last.reason == "failed" and last.detail


def test_a_lost_model_leaves_a_whole_run(house: Callable[..., Assistant]) -> None:
    def lose(messages: list[Message], sampling: Sampling) -> str:
        raise ModelLost("the worker died")

    assistant = house(ScriptedModel(lose), able=False)
    run, events, _ = ask(assistant)
    assert isinstance(events[-1], Answered) and events[-1].answer.form == "quotes"
    assert assistant.replay(run).equal


def test_nothing_begins_without_a_question_or_a_library(
    house: Callable[..., Assistant], tmp_path: Path
) -> None:
    assistant = house(ScriptedModel(REPLIES))
    with pytest.raises(UserError):
        list(assistant.ask(Request("  \n"), threading.Event()))
    database = open_database(tmp_path / "empty.db")
    empty = Library(SqlShelf(database), HashEmbedder(), tmp_path / "none")
    bare = Assistant(
        assistant.model, empty, assistant.scorer, assistant.tools, Journal(database),
        assistant.probes, ready=empty.ready,
    )  # fmt: skip
    with pytest.raises(UserError, match="vouch add"):
        list(bare.ask(Request(QUESTION), threading.Event()))
    assert bare.journal.runs() == [] and assistant.journal.runs() == []
    database.dispose()


def test_an_exported_run_is_the_same_run_elsewhere(
    house: Callable[..., Assistant], tmp_path: Path
) -> None:
    assistant = house(ScriptedModel(REPLIES))
    run, _, _ = ask(assistant)
    lines = list(assistant.journal.export(run))
    elsewhere = open_database(tmp_path / "elsewhere.db")
    journal = Journal(elsewhere)
    copy = journal.restore(lines)
    ours, theirs = assistant.journal.entries(run), journal.entries(copy)
    assert [entry.event for entry in ours] == [entry.event for entry in theirs]
    assert answer_hash([e.event for e in ours]) == answer_hash([e.event for e in theirs])
    elsewhere.dispose()


class Reader:
    """A verifier that carries everything and keeps what it read."""

    name, scripts = "reader", ("latin",)

    def __init__(self) -> None:
        self.read: list[tuple[str, str]] = []

    def entailments(self, pairs: Sequence[tuple[str, str]]) -> list[tuple[float, float]]:
        self.read += pairs
        return [(0.9, 0.05) for _ in pairs]


def test_a_question_has_its_likeliest_answer_read_and_a_text_that_is_checked_has_not(
    house: Callable[..., Assistant],
) -> None:
    def kept(assistant: Assistant, items: Iterator[Any]) -> list[Event]:
        run, *_ = told(items)
        return [entry.event for entry in assistant.journal.entries(run)]

    assistant = replace(house(ScriptedModel(REPLIES)), verifier=Reader(), entails=True)
    events = kept(assistant, assistant.ask(Request(QUESTION), threading.Event()))
    asked = view.asked(events)
    assert asked.entailed and asked.picks and entailed(events) == 0.9
    assert asked.phrases == CHOICES
    text = Request("Clara Voss drew the weir.")
    checked = kept(assistant, assistant.verify(text, threading.Event()))
    assert not view.asked(checked).entailed and entailed(checked) is None
    unread = replace(house(ScriptedModel(REPLIES)), verifier=Reader())
    events = kept(unread, unread.ask(Request(QUESTION), threading.Event()))
    assert not view.asked(events).entailed and entailed(events) is None


@pytest.mark.parametrize(("verifier", "entails"), [("embedded", True), ("none", False)])
def test_only_the_verifier_that_comes_with_the_program_is_heard_beforehand(
    verifier: str, entails: bool, tmp_path: Path
) -> None:
    opened = build(load_settings(tmp_path, {}, {"check.verifier": verifier}))
    try:
        assert opened.assistant.entails is entails
    finally:
        opened.close()
