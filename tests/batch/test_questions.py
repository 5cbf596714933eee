"""Questions come as JSON lines, CSV, Excel, text and pipes; bad rows are told with their line."""

import csv
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.batch.questions import Question, Sheet, read_sheet, sheet_of
from app.batch.tables import Format, read_rows
from retrieval.errors import UserError

WILD = st.text(
    st.one_of(
        st.sampled_from("\0\n\r\t\"'`,;|\\=+-@[]{}<>&\u2028\u202e\ufeff 中文字はカ한글é😀\x1b"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=40,
)
SAID = WILD.filter(lambda text: bool(text.strip()))
ROWS = st.lists(
    st.builds(
        Question,
        id=SAID.map(str.strip),
        question=SAID.map(str.strip),
        sources=st.lists(SAID.map(str.strip), max_size=2, unique=True).map(tuple),
        gold=st.lists(SAID.map(str.strip), max_size=2, unique=True).map(tuple),
    ),
    max_size=6,
    unique_by=lambda question: question.id,
)


def read(data: bytes, kind: Format) -> Sheet:
    return sheet_of(read_rows(data, kind, "test"), "test")


def plain(sheet: Sheet) -> list[tuple[Any, ...]]:
    return [(q.id, q.question, q.sources, q.gold) for q in sheet.questions]


@settings(deadline=None)
@given(ROWS)
def test_json_lines_are_read_as_they_were_written(rows: list[Question]) -> None:
    lines = [
        {"id": q.id, "question": q.question, "sources": q.sources, "gold": q.gold} for q in rows
    ]
    for exact in (True, False):
        data = "\n".join(json.dumps(line, ensure_ascii=exact) for line in lines).encode()
        sheet = read(data, "jsonl")
        assert plain(sheet) == [(q.id, q.question, q.sources, q.gold) for q in rows]
        assert not sheet.bad


@settings(deadline=None)
@given(ROWS, st.sampled_from([("csv", ","), ("csv", ";"), ("tsv", "\t")]))
def test_tables_are_read_as_they_were_written(
    rows: list[Question], form: tuple[Format, str]
) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=form[1])
    writer.writerow(["id", "question", "sources", "gold"])
    for q in rows:
        writer.writerow([q.id, q.question, json.dumps(q.sources), json.dumps(q.gold)])
    sheet = read(text.getvalue().encode(), form[0])
    assert plain(sheet) == [(q.id, q.question, q.sources, q.gold) for q in rows]
    assert not sheet.bad


@settings(deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["jsonl", "csv", "tsv", "xlsx", "txt"]))
def test_no_bytes_end_in_anything_but_rows_or_a_sentence(data: bytes, kind: Format) -> None:
    try:
        sheet = read(data, kind)
    except UserError as error:
        assert "test" in str(error)
    else:
        assert all(row.line > 0 and row.why for row in sheet.bad)
        assert all(q.question.strip() for q in sheet.questions)


@settings(deadline=None)
@given(st.lists(st.recursive(st.none() | st.booleans() | st.floats() | st.text(),
                             lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)),
                max_size=5))  # fmt: skip
def test_any_json_is_a_question_or_a_bad_row(values: list[Any]) -> None:
    lines = [json.dumps(value) for value in values]
    lines += [json.dumps({"question": value, "gold": value, "id": value}) for value in values]
    sheet = read("\n".join(lines).encode(), "jsonl")
    assert len(sheet.questions) + len(sheet.bad) == len(lines)


def test_bad_rows_are_told_with_their_line_and_stop_nothing() -> None:
    lines = [
        '{"id": "a", "question": "one"}',
        "",
        '{"id": "a", "question": "two"}',
        "nonsense",
        '{"id": "b"}',
        '{"question": ["x"]}',
        '{"question": "\\ud800"}',
        "[1]",
        '{"question": "last", "golden": 1}',
        '"only a text"',
    ]
    sheet = read("\n".join(lines).encode() + b"\n\xff\xfe\n", "jsonl")
    assert [(q.id, q.question, q.line) for q in sheet.questions] == [
        ("a", "one", 1),
        ("9", "last", 9),
        ("10", "only a text", 10),
    ]
    assert [row.line for row in sheet.bad] == [3, 4, 5, 6, 7, 8, 11]
    assert "line 1" in sheet.bad[0].why and sheet.bad[0].id == "a"
    assert sheet.unused == ("golden",)


def test_rows_of_csv_are_told_by_the_line_on_which_they_begin() -> None:
    rows = [b'1,"two\nlines"', b"2,", b'3,"x"y', b"4,ok,more", b"5,fine", b'6,"open', b"7,lost"]
    data = b"\xef\xbb\xbfID,Question\n" + b"\n".join(rows) + b"\n"
    sheet = read(data, "csv")
    assert [(q.id, q.line) for q in sheet.questions] == [("1", 2), ("5", 7)]
    assert [row.line for row in sheet.bad] == [4, 5, 6, 8]
    assert "never closed" in sheet.bad[-1].why


def test_several_values_stand_in_a_list_or_one_a_line() -> None:
    data = 'question,gold,collection\nq,"[""a"", ""b""]","x\ny"\nr,[1] is it,\n'
    first, second = read(data.encode(), "csv").questions
    assert (first.gold, first.collections) == (("a", "b"), ("x", "y"))
    assert (second.gold, second.collections) == (("[1] is it",), ())


def test_an_empty_gold_counts_in_json_only() -> None:
    assert read(b'{"question": "q", "gold": [""]}', "jsonl").questions[0].gold == ("",)
    assert read(b"question,gold\nq,\n", "csv").questions[0].gold == ()
    assert read(b'{"question": "q", "gold": [1, 2.5]}', "jsonl").questions[0].gold == ("1", "2.5")


def test_excel_sheets(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for cells in (["id", "question", "gold"], [1, "问题？", 1887.0], [None] * 3, ["b", None, None]):
        sheet.append(cells)
    path = tmp_path / "questions.xlsx"
    book.save(path)
    found = read_sheet(str(path))
    assert [(q.id, q.question, q.gold) for q in found.questions] == [("1", "问题？", ("1887",))]
    assert [(row.line, row.id) for row in found.bad] == [(4, "b")]


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.csv", b"what,why\n1,2\n", "no column question"),
        ("a.csv", b"question\n\xff\n", "line 2 "),
        ("a.csv", b'"question\n', "line 1 "),
        ("a.xlsx", b"PK\x03\x04 not a sheet", "Excel"),
        ("a.doc", b"question", "--from"),
        ("a.jsonl", b"\n \n", "no question"),
        ("a.txt", b"", "no question"),
        ("b/a.txt", b"", "cannot read"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole(
    tmp_path: Path, name: str, data: bytes, said: str
) -> None:
    if "/" not in name:
        (tmp_path / name).write_bytes(data)
    with pytest.raises(UserError, match=said):
        read_sheet(str(tmp_path / name))


def test_a_bomb_of_a_sheet_is_not_unpacked(tmp_path: Path, monkeypatch: Any) -> None:
    import openpyxl

    openpyxl.Workbook().save(tmp_path / "a.xlsx")
    monkeypatch.setattr("app.batch.tables.UNPACKED_CAP", 100)
    with pytest.raises(UserError, match="unpacks"):
        read_sheet(str(tmp_path / "a.xlsx"))


@pytest.mark.parametrize(
    ("data", "asked"),
    [
        (b"What?\n\nWhen?\r\n", ["What?", "When?"]),
        (b' {"question": "What?"}\n', ["What?"]),
        ("\ufeffWas heißt das?".encode(), ["Was heißt das?"]),
    ],
)
def test_a_pipe_is_text_or_json(monkeypatch: Any, data: bytes, asked: list[str]) -> None:
    class Pipe:
        buffer = io.BytesIO(data)

    monkeypatch.setattr(sys, "stdin", Pipe())
    assert [q.question for q in read_sheet("-").questions] == asked
