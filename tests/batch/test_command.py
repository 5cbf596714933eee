"""`vouch batch` as a person gives it: what it says, what it writes, and how it ends."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.batch import output
from ui import commandline

Batch = Callable[..., Any]


@pytest.fixture
def batch(
    house: Any,
    tmp_path: Path,
    vouch_home: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: Any,
) -> Batch:
    """Carry out a batch command in the test's folder; return status, out and err."""
    monkeypatch.chdir(tmp_path)

    def carry_out(*arguments: str) -> tuple[int, str, str]:
        status = commandline.run(["batch", *arguments], lambda choice: house)
        told = capsys.readouterr()
        return status, told.out, told.err

    return carry_out


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    lines = [
        {"id": "one", "question": "What is one?", "gold": ["Answer"]},
        {"id": "two", "question": "What is two?", "collection": "letters", "sources": ["/a"]},
        {"id": "no", "question": "decline this"},
    ]
    path = tmp_path / "q.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def spoil(sheet: Path, *lines: str) -> None:
    with sheet.open("a") as file:
        file.write("".join(line + "\n" for line in lines))


def test_a_batch_that_is_done_ends_with_0(batch: Batch, sheet: Path, tmp_path: Path) -> None:
    status, out, err = batch("q.jsonl", "-o", "a.jsonl")
    assert status == 0
    assert [row["id"] for row in output.read(tmp_path / "a.jsonl")] == ["one", "two", "no"]
    assert "declined" in out and "contains 100.0%" in out and "a.html" in out
    assert "3/3" in err and "\x1b" not in err
    assert "<h1>a.jsonl</h1>" in (tmp_path / "a.html").read_text("utf-8")
    status, _, err = batch("q.jsonl", "-o", "a.jsonl")
    assert status == 0 and "nothing to do" in err


@pytest.mark.parametrize("ending", output.ENDINGS)
def test_the_ending_is_the_format(batch: Batch, sheet: Path, tmp_path: Path, ending: str) -> None:
    assert batch("q.jsonl", "-o", f"a{ending}", "--no-report")[0] == 0
    assert len(output.read(tmp_path / f"a{ending}")) == 3
    assert not (tmp_path / "a.html").exists()


def test_what_failed_and_what_is_bad_end_with_2(batch: Batch, sheet: Path, tmp_path: Path) -> None:
    spoil(sheet, '{"question": "a broken one"}', "nonsense", '{"id": "one", "question": "again"}')
    status, out, err = batch("q.jsonl", "-o", "a.jsonl", "--json")
    assert status == 2
    found = json.loads(out)
    assert (found["state"], found["done"], found["bad_rows"]) == ("done", 4, 2)
    assert found["outcomes"]["failed"] == 1 and found["scores"]["contains"] == 1.0
    assert "line 5" in err and "line 6" in err and "failed: 4" in err
    errors = (tmp_path / "a.errors.jsonl").read_text().splitlines()
    assert [json.loads(line)["line"] for line in errors] == [5, 6]
    assert "the id" in (tmp_path / "a.html").read_text("utf-8")
    status, _, err = batch("q.jsonl", "-o", "a.jsonl")
    assert status == 2 and "nothing to do" in err
    assert batch("q.jsonl", "-o", "a.jsonl", "--retry")[0] == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["q.jsonl"], "-o"),
        (["q.jsonl", "-o", "a.xml"], ".parquet"),
        (["q.jsonl", "-o", "q.jsonl"], "holds the questions"),
        (["q.jsonl", "-o", "../here/q.jsonl", "--fresh"], "holds the questions"),
        (["q.errors.jsonl", "-o", "q.jsonl"], "holds the questions"),
        (["q.jsonl", "-o", "none/a.jsonl"], "no folder"),
        (["q.jsonl", "-o", "a.jsonl", "--report", "none/a.html"], "no folder"),
        (["q.jsonl", "-o", "a.jsonl", "--report", "../here/a.jsonl"], "is not free"),
        (["q.jsonl", "-o", "a.jsonl", "--report", "a.jsonl.batch"], "is not free"),
        (["q.jsonl", "-o", "a.jsonl", "--report", "."], "is no report"),
        (["none.jsonl", "-o", "a.jsonl"], "cannot read"),
        (["q.jsonl", "q.jsonl", "-o", "a.jsonl"], "2 files"),
        (["compare", "a.jsonl"], "two outputs"),
        (["compare", "a.jsonl", "b.jsonl"], "cannot read"),
        (["q.jsonl", "-o", "a.jsonl", "--report", "mine.html"], "is no report"),
    ],
)
def test_what_cannot_be_is_refused_with_1(
    batch: Batch, sheet: Path, tmp_path: Path, arguments: list[str], said: str
) -> None:
    (tmp_path / "mine.html").write_text("<p>mine")
    (tmp_path.parent / "here").unlink(missing_ok=True)
    (tmp_path.parent / "here").symlink_to(tmp_path)
    (tmp_path / "q.errors.jsonl").write_bytes(sheet.read_bytes())
    before = sorted(tmp_path.iterdir())
    status, out, err = batch(*arguments)
    assert (status, out) == (1, "") and said in err and err.startswith("vouch: ")
    assert sorted(tmp_path.iterdir()) == before, "a refusal leaves nothing behind"
    assert (tmp_path / "mine.html").read_text() == "<p>mine"


def test_a_changed_batch_is_refused_until_told(batch: Batch, sheet: Path) -> None:
    assert batch("q.jsonl", "-o", "a.jsonl")[0] == 0
    status, _, err = batch("q.jsonl", "-o", "a.jsonl", "--policy", "model")
    assert status == 1 and "ask.policy was auto and is model" in err and "--mixed" in err
    spoil(sheet, '{"id": "more", "question": "One more?"}')
    status, _, err = batch("q.jsonl", "-o", "a.jsonl")
    assert status == 1 and "1 new (more)" in err and "--extend" in err
    status, out, _ = batch("q.jsonl", "-o", "a.jsonl", "--extend")
    assert status == 0 and "3 answered, 1 declined" in out


def test_flags_and_rows_reach_the_engine(batch: Batch, sheet: Path, house: Any) -> None:
    seen = []
    plain = house.call

    def call(name: str, params: Any, job: str | None = None) -> Any:
        seen.extend([dict(params)] if name == "ask" else [])
        return plain(name, params, job)

    house.call = call
    flags = ["--policy", "guided", "--no-check", "--each-seconds", "9", "--each-steps", "3"]
    flags += ["--each-tokens", "900", "--collection", "c", "--source", "s", "--parallel", "1"]
    assert batch("q.jsonl", "-o", "a.jsonl", *flags)[0] == 0
    first, second, _ = seen
    assert len({params.pop("session") for params in seen}) == 1
    assert first.pop("run") != second.pop("run")
    given = {"policy": "guided", "check": False, "seconds": 9.0, "steps": 3, "tokens": 900}
    assert first == {
        "question": "What is one?", "collections": ["c"], "sources": ["s"], **given
    }  # fmt: skip
    assert second["collections"] == ["letters"] and second["sources"] == ["/a"]


def test_limits_leave_the_rest(batch: Batch, sheet: Path, tmp_path: Path) -> None:
    status, out, err = batch("q.jsonl", "-o", "a.jsonl", "--questions", "2", "--json")
    assert status == 0 and json.loads(out)["state"] == "left"
    assert "1 of 3 questions left" in err and len(output.read(tmp_path / "a.jsonl")) == 2
    assert batch("q.jsonl", "-o", "a.jsonl")[0] == 0
    assert len(output.read(tmp_path / "a.jsonl")) == 3


def test_a_lost_output_is_written_again_without_asking(
    batch: Batch, sheet: Path, tmp_path: Path, count_asked: Any, house: Any
) -> None:
    batch("q.jsonl", "-o", "a.jsonl")
    whole = (tmp_path / "a.jsonl").read_bytes()
    (tmp_path / "a.jsonl").unlink()
    assert batch("q.jsonl", "-o", "a.jsonl")[0] == 0
    assert (tmp_path / "a.jsonl").read_bytes() == whole
    assert len(count_asked(house.table.home)) == 3


def test_hostile_texts_do_nothing_to_the_terminal(batch: Batch, tmp_path: Path) -> None:
    nasty = "\x1b[31m\x07broken \u202e"
    lines = [{"id": nasty, "question": nasty + "q", nasty: 1}, {"id": nasty, "question": "x"}]
    (tmp_path / "q.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    _, out, err = batch("q.jsonl", "-o", "a.jsonl")
    assert not {"\x1b", "\x07", "\u202e"} & set(out + err)


def test_compare_prints_intervals(batch: Batch, sheet: Path) -> None:
    batch("q.jsonl", "-o", "a.jsonl")
    spoil(sheet, '{"id": "more", "question": "One more?"}')
    batch("q.jsonl", "-o", "b.csv")
    status, out, err = batch("compare", "a.jsonl", "b.csv")
    assert status == 0 and "95% interval" in out and "answered" in out
    assert "1 question of b.csv alone" in err
    status, out, _ = batch("compare", "a.jsonl", "b.csv", "--json")
    found = json.loads(out)
    assert found["common"] == 3 and found["only"] == [0, 1]
    assert {one["metric"] for one in found["differences"]} >= {"exact", "f1", "contains", "seconds"}
