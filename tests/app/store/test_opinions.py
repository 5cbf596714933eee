"""Marks and comparisons in each kind of database: idempotent, only ever added, the last counts."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import Engine, func, select

from agents.events import Answer, Answered, Asked
from app.feedback.marks import Comparison, Mark
from app.store.feedback import Opinions
from app.store.journal import Journal
from app.store.sessions import reading
from app.store.tables_feedback import ComparisonRow, FeedbackRow
from retrieval.errors import UserError


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def opinions(engine: Engine, clock: Clock) -> Opinions:
    return Opinions(engine, clock)


@pytest.fixture
def answer(journal: Journal) -> Callable[[str], str]:
    """Keep an answered run of that name."""

    def keep(name: str) -> str:
        journal.begin(name)
        journal.append(name, Asked("Who?"))
        journal.append(name, Answered(Answer("Clara [1].", "answered", "prose")))
        return name

    return keep


def count(engine: Engine, table: type[FeedbackRow] | type[ComparisonRow]) -> int:
    with reading(engine) as connection:
        return int(connection.scalar(select(func.count()).select_from(table)) or 0)


def test_a_mark_comes_back_as_it_was_given(
    opinions: Opinions, answer: Callable[[str], str]
) -> None:
    given = Mark(
        "m1", answer("run1"), "edit", ("wrong",), "no \x00 后", "Better.", "slack:U1", "slack"
    )
    kept, fresh = opinions.mark(given)
    assert fresh and kept == replace(given, at=1_000.0)
    assert opinions.marks() == [kept]
    assert opinions.marks(["run1"], "slack:U1") == [kept] and opinions.marks(["run1"], "x") == []


def test_the_same_id_twice_is_one_mark(
    opinions: Opinions, answer: Callable[[str], str], engine: Engine
) -> None:
    first, _ = opinions.mark(Mark("m1", answer("run1"), "up"))
    again, fresh = opinions.mark(Mark("m1", "run", "up"))
    assert not fresh and again == first and count(engine, FeedbackRow) == 1
    with pytest.raises(UserError):
        opinions.mark(Mark("m1", "run1", "down"))
    assert opinions.marks() == [first]


def test_the_latest_mark_of_a_person_counts_and_all_are_kept(
    opinions: Opinions, answer: Callable[[str], str], clock: Clock
) -> None:
    answer("run1")
    opinions.mark(Mark("m1", "run1", "up", by="ann"))
    opinions.mark(Mark("m9", "run1", "up", by="bob"))
    clock.now -= 500.0
    opinions.mark(Mark("a0", "run1", "down", by="ann"))
    assert opinions.of(["run1"], "ann")["run1"].mark == "down"
    assert opinions.of(["run1"], "bob")["run1"].mark == "up"
    assert [mark.id for mark in opinions.marks(by="ann")] == ["m1", "a0"]


def test_a_mark_can_be_taken_back(opinions: Opinions, answer: Callable[[str], str]) -> None:
    answer("run1")
    opinions.mark(Mark("m1", "run1", "up"))
    opinions.mark(Mark("m2", "run1", "none"))
    assert opinions.of(["run1"], "local") == {} and len(opinions.marks()) == 2


def test_an_unknown_run_takes_no_mark_and_an_open_one_no_edit(
    opinions: Opinions, answer: Callable[[str], str], journal: Journal, engine: Engine
) -> None:
    journal.begin("open")
    journal.append("open", Asked("Who?"))
    refused = (Mark("m1", "nothing", "up"), Mark("m2", "open", "edit", text="Better."))
    for mark in refused:
        with pytest.raises(UserError):
            opinions.mark(mark)
    for run in ("nothing", "open"):
        with pytest.raises(UserError):
            opinions.compare(Comparison("c1", answer(f"l-{run}"), run, "asked", 0, 0, 1))
    assert count(engine, FeedbackRow) == count(engine, ComparisonRow) == 0


def test_a_run_may_be_named_by_its_beginning(
    opinions: Opinions, answer: Callable[[str], str]
) -> None:
    answer("abcdef")
    assert opinions.mark(Mark("m1", "abc", "up"))[0].run == "abcdef"


def test_comparisons_are_kept_once(
    opinions: Opinions, answer: Callable[[str], str], engine: Engine
) -> None:
    given = Comparison(
        "c1", answer("run1"), answer("run2"), "swapped", -1, 0, 2, (1, 3), (), "p", "ann", "web"
    )
    kept, fresh = opinions.compare(given)
    assert fresh and kept == replace(given, at=1_000.0)
    again, fresh = opinions.compare(given)
    assert not fresh and again == kept
    with pytest.raises(UserError):
        opinions.compare(replace(given, overall=-2))
    assert opinions.comparisons("ann") == [kept]
    assert opinions.comparisons("bob") == [] and count(engine, ComparisonRow) == 1
