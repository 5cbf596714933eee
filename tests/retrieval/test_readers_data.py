"""Tables of values and JSON: each row and record can be found, quoted and told from the next."""

import json
from pathlib import Path

import pytest
from reader_files import jsonl

from retrieval.errors import UserError
from retrieval.readers.files import parse
from retrieval.readers.tables import rows
from retrieval.split import split


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_a_row_repeats_the_header_whatever_stands_between_its_values(mark: str) -> None:
    lines = (("Name", "Says", "Age"), ("Ann", '"Well, yes; or: no|so"', "41"), ("Bo", "", "7"))
    data = "\r\n".join(mark.join(line) for line in lines).encode("utf-8-sig")
    assert parse(data, Path("a.csv")).text == (
        "| Name | Says | Age\n| Name: Ann | Says: Well, yes; or: no|so | Age: 41\n"
        "| Name: Bo | Age: 7"
    )


def test_values_may_hold_line_ends_and_excel_may_name_the_mark() -> None:
    data = b'sep=;\na;b\n"two\nlines";c\n'
    assert parse(data, Path("a.csv")).text == "| a | b\n| a: two lines | b: c"


def test_numbers_in_the_first_row_are_no_header() -> None:
    assert parse(b"1,2\n3,4\n", Path("a.csv")).text == "| 1 | 2\n| 3 | 4"


def test_years_may_name_columns() -> None:
    assert parse(b"Land,2023,2024\nA,5,6\n", Path("a.csv")).text.endswith(
        "| Land: A | 2023: 5 | 2024: 6"
    )


def test_a_long_row_is_marked_by_its_title() -> None:
    story = "Once there was more to say. " * 40
    data = f'title,text\nFirst,"{story}"\nSecond,short\nThird,"{story}"\n'.encode()
    document = parse(data, Path("a.csv"))
    assert [mark.heading for mark in document.marks] == ["First", "", "Third"]
    assert {p.heading for p in split(document) if "more to say" in p.text} == {"First", "Third"}


def test_a_blank_row_ends_a_table_only_if_another_begins() -> None:
    table = [["Name", "Age"], ["Ann", "41"], [], ["Bo", "7"], [], ["Town", "Land"], ["Oslo", "No"]]
    assert [line for line, _ in rows(table)] == [
        *("| Name | Age", "| Name: Ann | Age: 41", "| Name: Bo | Age: 7"),
        *("| Town | Land", "| Town: Oslo | Land: No"),
    ]


def test_json_is_read_field_by_field_with_its_numbers_as_they_are_written() -> None:
    data = b"""{"name": "vouch", "v": 1.10, "big": 123456789012345678901234567890, "no": null,
        "deps": {"a": true, "b": ["x", "y"]},
        "people": [{"n": "Ann", "k": [1, 2.50]}, {"n": "Bo"}]}"""
    document = parse(data, Path("a.json"))
    assert document.text == (
        "name: vouch\nv: 1.10\nbig: 123456789012345678901234567890\n\ndeps.a: true\ndeps.b: x, y"
        "\n\npeople[0].n: Ann\npeople[0].k: 1, 2.50\npeople[1].n: Bo"
    )
    assert [mark.heading for mark in document.marks] == ["deps", "people"]


@pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson", "a.json"])
def test_records_are_paragraphs_marked_by_their_titles(name: str) -> None:
    story = "And so it went. " * 30 + "End."
    records = [
        {"id": 1, "title": "First", "text": f"Words.\n\n\n\n{story}"},
        {"title": "Short", "n": 5},
        {"title": "Next", "text": story},
    ]
    document = parse(jsonl(records), Path(name))
    assert document.text == (
        f"id: 1\ntitle: First\ntext: Words.\n\n{story}\n\ntitle: Short\nn: 5\n\n"
        f"title: Next\ntext: {story}"
    )
    assert [mark.heading for mark in document.marks] == ["First", "", "Next"]
    assert parse(json.dumps(records).encode(), Path("a.json")).text == document.text


def test_a_line_that_is_no_json_is_named() -> None:
    with pytest.raises(UserError, match="line 3"):
        parse(b'{"a": 1}\n\n{"b": }\n', Path("a.jsonl"))


def test_vectors_are_not_read_out() -> None:
    document = parse(jsonl([{"text": "Words.", "v": [n / 7 for n in range(999)]}]), Path("a.jsonl"))
    assert document.text.startswith("text: Words.\nv: 0.0, 0.14")
    assert document.text.endswith("... (999 numbers)") and len(document.text) < 250


def test_half_characters_and_control_characters_are_left_out() -> None:
    data = b'{"a": "x\\ud800y\\u0000z", "b": "\\ud83d\\ude00"}'
    assert parse(data, Path("a.json")).text == "a: xyz\nb: \U0001f600"


@pytest.mark.parametrize(
    "data", [b"{", b'{"a": }', b"[" * 100_000, b"nothing", b"1" * 5_000 + b"x"]
)
def test_broken_json_is_named_with_a_cure(data: bytes) -> None:
    with pytest.raises(UserError, match=r"a\.json") as caught:
        parse(data, Path("a.json"))
    assert caught.value.cure
