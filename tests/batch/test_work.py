"""A batch asks each question once, keeps every ending, and goes on where it was left."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from app.batch.asking import Asker
from app.batch.batch import STREAK, Budget
from app.batch.crew import Crew
from app.batch.questions import Question
from app.batch.record import Record
from app.batch.terms import Told
from retrieval.errors import UserError

TEN = [f"Question {number}?" for number in range(10)]


def test_rows_stand_in_the_order_of_the_questions(works: Any) -> None:
    works.house.table.seconds = 0.02
    rows = works.run(TEN, size=4)
    assert [row["question"] for row in rows] == TEN
    assert works.house.most == 4
    written = [json.loads(line) for line in works.path.read_text().splitlines()]
    assert written == rows


def test_a_finished_batch_asks_nothing_more(works: Any) -> None:
    works.run(TEN)
    before = works.path.read_bytes()
    with works.open(TEN).record:
        pass
    batch = works.open(TEN)
    with batch.record:
        assert batch.left(Told()) == [] and batch.stands([works.path])
    assert works.run(TEN) and works.path.read_bytes() == before
    assert works.asked == TEN


@pytest.mark.parametrize("budget", [Budget(questions=3), Budget(tokens=250)])
def test_a_limit_leaves_the_rest_for_the_next_sitting(works: Any, budget: Budget) -> None:
    rows = works.run(TEN, budget=budget)
    assert 0 < len(rows) < 10
    whole = works.run(TEN)
    assert [row["question"] for row in whole] == TEN
    assert sorted(works.asked) == sorted(TEN)
    assert whole[: len(rows)] == rows


def test_no_question_begins_after_the_seconds(works: Any) -> None:
    times = iter([0.0, 1.0, 2.0, 60.0, 61.0])
    batch = works.open(TEN)
    with batch.record:
        crew = Crew(Asker(works.house, batch.name, {}), 1)
        worked = batch.work(crew, batch.left(Told()), Budget(60.0), lambda: next(times))
        assert len(list(worked)) == 2


def test_an_engine_that_kept_an_answer_is_not_asked_again(works: Any, tmp_path: Path) -> None:
    rows = works.run(TEN)
    record = tmp_path / "answers.jsonl.batch"
    head = record.read_bytes().split(b"\n")[0]
    record.write_bytes(head + b"\n")
    works.path.unlink()
    assert works.run(TEN) == rows
    assert works.asked == TEN


def test_a_run_that_was_cut_off_is_asked_under_another_name(works: Any) -> None:
    rows = works.run(TEN)
    run = rows[3]["run"]
    works.path.with_name("answers.jsonl.batch").unlink()
    works.path.unlink()
    cut = works.house.table.runs / run
    cut.write_text("".join(cut.read_text().splitlines(True)[:3]))
    again = works.run(TEN)
    assert again[3]["run"] == f"{run}.2"
    assert [{**row, "run": ""} for row in again] == [{**row, "run": ""} for row in rows]
    assert works.asked.count(TEN[3]) == 2 and len(works.asked) == 11


def test_what_failed_is_a_row_and_the_rest_goes_on(works: Any) -> None:
    questions = [*TEN[:3], "a broken one", "a fault", *TEN[3:]]
    rows = works.run(questions)
    outcomes = [row["outcome"] for row in rows]
    assert [n for n, outcome in enumerate(outcomes) if outcome == "failed"] == [3, 4]
    assert rows[3]["because"] == "the model was lost"
    assert rows[4]["because"] and rows[4]["answer"] == ""
    assert works.run(questions) == rows, "what failed is finished"


def test_retry_asks_what_failed_and_nothing_else(works: Any) -> None:
    questions = [*TEN[:3], "a broken one"]
    rows = works.run(questions)
    again = works.run(questions, retry=True)
    assert again[:3] == rows[:3] and again[3]["run"] == f"{rows[3]['run']}.2"
    assert works.asked == [*questions, "a broken one"]


def test_an_engine_that_refuses_everything_ends_the_batch(works: Any) -> None:
    (works.house.table.home / "refuse").touch()
    with pytest.raises(UserError, match="the library is empty"):
        works.run(TEN * 1)
    (works.house.table.home / "refuse").unlink()
    rows = works.run(TEN)
    assert "failed" not in {row["outcome"] for row in rows} and works.asked == TEN


def test_a_short_batch_that_is_refused_whole_ends_too(works: Any) -> None:
    with pytest.raises(UserError, match="the library is empty"):
        works.run(["refuse me"])


def test_refused_questions_among_others_are_their_own_fault(works: Any) -> None:
    some = [f"refuse {n}" for n in range(STREAK - 1)]
    rows = works.run([TEN[0], *some, TEN[1]])
    assert [row["outcome"] == "failed" for row in rows] == [False, True, True, True, True, False]


def test_rows_with_collections_of_their_own_never_end_the_batch(works: Any) -> None:
    bad = [Question(f"b{n}", "refuse", collections=("nowhere",)) for n in range(STREAK + 3)]
    rows = works.run([*bad, *TEN])
    assert [row["outcome"] == "failed" for row in rows] == [True] * len(bad) + [False] * 10


def test_other_questions_are_refused_unless_told(works: Any) -> None:
    rows = works.run(TEN)
    with pytest.raises(UserError, match=r"1 new \(11\)"):
        works.open([*TEN, "One more?"])
    more = works.run([*TEN, "One more?"], extend=True)
    assert more[:10] == rows and works.asked == [*TEN, "One more?"]
    changed = ["Other?", *TEN[1:], "One more?"]
    with pytest.raises(UserError, match=r"1 changed \(1\)"):
        works.open(changed)
    last = works.run(changed, extend=True)
    assert last[1:] == more[1:] and works.asked == [*TEN, "One more?", "Other?"]
    assert works.run(TEN, extend=True) == rows, "what was answered before is kept"


def test_other_terms_are_refused_unless_told(works: Any) -> None:
    rows = works.run(TEN[:4], budget=Budget(questions=2))
    terms = {"program": "1", "model.name": "other"}
    with pytest.raises(UserError, match=r"model\.name was rule and is other"):
        works.open(TEN[:4], terms)
    whole = works.run(TEN[:4], terms=terms, mixed=True)
    assert whole[:2] == rows and len(whole) == 4


def test_a_stop_ends_what_is_being_asked(works: Any) -> None:
    works.house.table.seconds = 120.0
    batch = works.open(TEN)
    with batch.record:
        crew = Crew(Asker(works.house, batch.name, {}), 2)
        threading.Timer(0.3, batch.interrupt, [crew]).start()
        assert list(batch.work(crew, batch.left(Told()), Budget())) == []
    works.house.table.seconds = 0.0
    rows = works.run(TEN)
    assert len(rows) == 10 and [row["run"].endswith(".2") for row in rows[:3]] == [
        True,
        True,
        False,
    ]


def test_fresh_starts_over(works: Any) -> None:
    works.run(TEN[:2])
    with works.open(TEN[:3], fresh=True).record as record:
        assert not record.kept.rows


def test_an_output_of_somebody_else_is_left_alone(works: Any) -> None:
    works.path.write_text("mine")
    with pytest.raises(UserError, match="--fresh"):
        works.open(TEN)
    assert works.path.read_text() == "mine"
    assert not works.path.with_name("answers.jsonl.batch").exists()


def test_the_second_on_one_output_is_refused(works: Any) -> None:
    with works.open(TEN).record, pytest.raises(UserError, match="another batch"):
        works.open(TEN)
    with works.open(TEN).record, pytest.raises(UserError, match="another batch"):
        works.open(TEN, fresh=True)
    with (
        works.open(TEN, fresh=True).record,
        pytest.raises(UserError, match="another batch"),
    ):
        works.open(TEN)


def test_gold_may_change_and_is_scored_anew(works: Any) -> None:
    works.run([Question("a", "What?", gold=("no",))])
    rows = works.run([Question("a", "What?", gold=("Answer",))], extend=True)
    assert rows[0]["contains"] == 1.0 and works.asked == ["What?"]


@pytest.mark.parametrize("tear", [b'{"row": {"id"', b'{"row": {"id"\n', b"\0" * 9, b"\xff\n"])
def test_a_torn_last_line_is_mended(works: Any, tear: bytes) -> None:
    works.run(TEN[:5], budget=Budget(questions=3))
    record = works.path.with_name("answers.jsonl.batch")
    whole = record.read_bytes()
    record.write_bytes(whole + tear)
    rows = works.run(TEN[:5])
    assert len(rows) == 5 and works.asked == TEN[:5]
    assert works.run(TEN[:5]) == rows, "what was kept after the tear is read back"
    assert record.read_bytes().startswith(whole)


def test_damage_in_the_middle_is_told(works: Any) -> None:
    works.run(TEN[:3])
    record = works.path.with_name("answers.jsonl.batch")
    lines = record.read_bytes().split(b"\n")
    record.write_bytes(b"\n".join([lines[0], b"{", *lines[1:]]))
    with pytest.raises(UserError, match=r"line 2 .* is damaged"):
        works.open(TEN[:3])
    assert works.run(TEN[:3], fresh=True)


def test_the_record_is_for_its_owner_only(works: Any) -> None:
    works.run(TEN[:1])
    assert works.path.with_name("answers.jsonl.batch").stat().st_mode & 0o077 == 0


def test_a_full_disk_is_told_and_leaves_whole_lines(works: Any, monkeypatch: Any) -> None:
    with works.open(TEN).record as record:
        whole = record.path.read_bytes()

        def full(*_: Any) -> int:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("app.batch.record.os.fsync", full)
        with pytest.raises(UserError, match="No space left"):
            record.keep({"id": "1"}, "k", 1)
        monkeypatch.undo()
        assert record.path.read_bytes() == whole and not record.kept.rows
    assert isinstance(record, Record)
