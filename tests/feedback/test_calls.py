"""The calls of feedback over a real database: what they take, refuse, list and derive."""

import threading

import pytest
from sqlalchemy import func, select

from agents.events import Answered
from agents.models.scripted import ScriptedModel
from app.assistant import Request
from app.feedback.intake import COMMENT_CAP, TEXT_CAP
from app.store.pairs import kept
from app.store.sessions import reading
from app.store.tables import Base
from app.store.tables_feedback import ComparisonRow, FeedbackRow, PairRow
from retrieval.errors import UserError

CLARA = "The engineer of the weir was Clara Voss [1]."
WRONG = "The weir at Aldmoor has never had an engineer at all [1]."
GIVEN = {"id": "m1", "run": "good", "mark": "up", "by": "ann", "face": "chat"}


@pytest.fixture
def two(served, make_events):
    """Two answers to one question."""
    served.keep("good", make_events(CLARA, model="a"))
    served.keep("bad", make_events(WRONG, model="b"))
    return served


def rows(served, table: type[Base]) -> int:
    with reading(served.house.database) as connection:
        return int(connection.scalar(select(func.count()).select_from(table)) or 0)


def test_a_mark_is_kept_once_and_told_back(two) -> None:
    first = two("feedback.add", **GIVEN, tags=["too-long", "clear"], comment=" hm ")
    assert first["fresh"] and first["tags"] == ["too long", "clear"] and first["comment"] == "hm"
    again = two("feedback.add", **GIVEN | {"run": "goo"}, tags=["too long", "clear"], comment="hm")
    assert rows(two, FeedbackRow) == 1 and again == first | {"fresh": False}
    told = two("feedback.of", runs=["good", "bad"], by="ann")["marks"]
    assert list(told) == ["good"] and told["good"]["mark"] == "up"
    assert two("feedback.of", runs=["good"], by="bob")["marks"] == {}


@pytest.mark.parametrize(
    "change",
    [{"mark": "down"}, {"run": "bad"}, {"by": "bob"}, {"tags": ["clear"]}, {"comment": "hm"}],
)
def test_an_id_that_was_used_for_something_else_is_refused(two, change) -> None:
    two("feedback.add", **GIVEN)
    with pytest.raises(UserError):
        two("feedback.add", **GIVEN | change)
    assert rows(two, FeedbackRow) == 1


def test_a_comparison_s_id_is_of_that_comparison_alone(two) -> None:
    given = {"id": "c", "left": "good", "right": "bad", "order": "asked", "overall": -1}
    first = two("compare.add", **given)
    assert two("compare.add", **given) == first | {"fresh": False}
    for change in ({"overall": 1}, {"by": "bob"}, {"left": "bad", "right": "good"}):
        with pytest.raises(UserError):
            two("compare.add", **given | change)
    assert rows(two, ComparisonRow) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"run": "nothing"},
        {"run": ""},
        {"mark": "maybe"},
        {"tags": ["splendid"]},
        {"tags": "wrong"},
        {"comment": "x" * (COMMENT_CAP + 1)},
        {"mark": "edit", "text": "x" * (TEXT_CAP + 1)},
        {"mark": "edit", "text": "  "},
        {"mark": "up", "text": "a text that no thumb has"},
        {"id": "../x"},
        {"id": ""},
        {"by": "x" * 500},
        {"face": "<b>"},
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(two, change) -> None:
    with pytest.raises(UserError):
        two("feedback.add", **GIVEN | change)
    assert rows(two, FeedbackRow) == 0


@pytest.mark.parametrize(
    "change",
    [{"right": "good"}, {"overall": 3}, {"overall": True}, {"core": "1"}, {"order": "as I like"},
     {"unsupported": {"left": ["1"]}}, {"unsupported": [1]}, {"left": "nothing"}],
)  # fmt: skip
def test_a_comparison_that_does_not_fit_is_refused(two, change) -> None:
    given = {"id": "c", "left": "good", "right": "bad", "order": "asked", "overall": -1}
    with pytest.raises(UserError):
        two("compare.add", **given | change)
    assert rows(two, ComparisonRow) == 0


def test_two_answers_are_compared_once_by_each(two) -> None:
    found = two("compare.next", by="ann")
    assert {found["left"], found["right"]} == {"good", "bad"} and "Aldmoor" in found["prompt"]
    assert found["order"] == ("asked" if found["left"] == "good" else "swapped")
    assert found == two("compare.next", by="ann")
    given = {key: found[key] for key in ("left", "right", "order")}
    two("compare.add", id="c", **given, core=0, coherence=0, overall=2, by="ann", face="chat")
    (pair,) = two("feedback.pairs")["pairs"]
    (kept_so,) = two("feedback.list")["comparisons"]
    assert kept_so["prompt"] == pair["prompt"] and pair["order"] == "right"
    assert two("compare.next", by="ann") == {} and two("compare.next", by="bob")["prompt"]
    skip = [[found["left"], found["right"]]]
    assert two("compare.next", by="bob", skip=skip) == {}


def test_the_order_is_a_coin_that_falls_both_ways(two) -> None:
    orders = {two("compare.next", by=f"person {n}")["order"] for n in range(40)}
    assert orders == {"asked", "swapped"}


def test_quotes_and_copies_are_not_put_up_for_comparison(served, make_events) -> None:
    served.keep("one", make_events(CLARA))
    served.keep("copy", make_events(CLARA))
    served.keep("alone", make_events("“The engineer” [1]", form="quotes"))
    assert served("compare.next", by="ann") == {}


def test_pairs_are_rows_that_follow_the_truth(two) -> None:
    two.vote("good", "bad")
    assert rows(two, PairRow) == 0, "nothing is derived by itself"
    told = two("feedback.pairs")
    (pair,) = kept(two.house.database)
    assert told["pairs"][0]["id"] == pair.id and pair.chosen.run == "good"
    assert pair.prompt.messages and pair.chosen.quotes and pair.by == "ann"
    two("feedback.pairs")
    assert kept(two.house.database) == [pair]
    two.mark("bad", "none")
    two("feedback.list")
    assert rows(two, PairRow) == 0 and rows(two, FeedbackRow) == 3


def test_a_listing_tells_which_mark_counts(two) -> None:
    two.vote("good", "bad")
    two.mark("good", "down")
    told = two("feedback.list")
    assert [(m["run"], m["mark"], m["counts"]) for m in told["marks"]] == [
        ("good", "down", True), ("bad", "down", True), ("good", "up", False),
    ]  # fmt: skip
    assert len(two("feedback.list", limit=1)["marks"]) == 1


def test_marks_outlive_their_runs(two, tmp_path) -> None:
    from sqlalchemy import delete

    from app.store.sessions import writing
    from app.store.tables import RunRow

    two.vote("good", "bad")
    with writing(two.house.database) as connection:
        connection.execute(delete(RunRow).where(RunRow.id == "good"))
    told = two("feedback.list")
    assert len(told["marks"]) == 2
    assert {m["run"]: m["question"] for m in told["marks"]}["good"] is None
    assert two("feedback.pairs")["pairs"] == []
    with pytest.raises(UserError):
        two("feedback.export", format="trl", output=str(tmp_path / "out"))


def test_only_a_person_writes_feedback(served, bench, tmp_path) -> None:
    """Asking, checking, replaying, importing, listing: no row. A vote: one."""
    run = bench.ask("Nobody ever found that out [1].", CLARA)
    told = bench.assistant(ScriptedModel([])).verify(Request(CLARA), threading.Event())
    assert isinstance(list(told)[-1].event, Answered)
    assert bench.assistant().replay(run).equal
    lines = list(bench.journal.export(run))
    (tmp_path / "run.jsonl").write_text("".join(lines))
    served("import", path=str(tmp_path / "run.jsonl"))
    for name in ("feedback.list", "feedback.pairs", "feedback.agreement", "compare.next"):
        served(name, by="local")
    served("replay", run=run)
    for table in (FeedbackRow, ComparisonRow):
        assert rows(served, table) == 0
        with reading(bench.database) as connection:
            assert connection.scalar(select(func.count()).select_from(table)) == 0
    assert served("feedback.pairs")["pairs"][0]["origin"] == "self-check"
    served.mark(run, "up")
    assert rows(served, FeedbackRow) == 1


def test_nothing_of_the_mind_or_the_check_reaches_the_rows_of_people() -> None:
    """Rows of people are written in one file, which one other file calls."""
    from pathlib import Path

    root = Path(__file__).resolve().parents[2]
    sources = [p for floor in ("agents", "app", "plugins", "retrieval", "ui")
               for p in (root / floor).rglob("*.py")]  # fmt: skip
    inserts = {p.relative_to(root).as_posix() for p in sources
               if "insert(FeedbackRow)" in (t := p.read_text("utf-8"))
               or "insert(ComparisonRow)" in t}  # fmt: skip
    calls = {
        p.relative_to(root).as_posix()
        for p in sources
        if "opinions.mark(" in (t := p.read_text("utf-8")) or "opinions.compare(" in t
    }
    assert inserts == {"app/store/feedback.py"} and calls == {"app/serving/feedback.py"}
