"""What a batch writes is read back as it was, whatever the texts hold."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.batch import output
from app.batch.questions import Question
from app.batch.results import COLUMNS, failed
from retrieval.errors import UserError

TEXT = st.text(
    st.one_of(
        st.sampled_from("\0\n\r\t\"'`,;|\\=+-@＝[]{}<>&\u2028\u202e\ufeff 中文字は한é😀\x1b"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=30,
)
SHARE = st.none() | st.floats(0, 1)
COUNT = st.integers(0, 2**40)


@st.composite
def rows(draw: st.DrawFn) -> dict[str, Any]:
    """A row with texts of any kind everywhere."""
    quote = st.fixed_dictionaries(
        {"number": COUNT, "text": TEXT, "source": TEXT, "title": TEXT, "start": COUNT,
         "end": COUNT, "heading": TEXT, "page": st.none() | COUNT}
    )  # fmt: skip
    claim = st.fixed_dictionaries(
        {"text": TEXT, "ruling": st.just("supported"), "confidence": st.floats(0, 1),
         "judge": TEXT, "cites": st.lists(COUNT, max_size=2), "because": TEXT,
         "evidence": st.none() | COUNT}
    )  # fmt: skip
    question = Question(draw(TEXT), draw(TEXT), gold=tuple(draw(st.lists(TEXT, max_size=2))))
    return failed(question, draw(TEXT)) | {
        "outcome": draw(st.sampled_from(["answered", "declined"])),
        "answer": draw(TEXT),
        "quotes": draw(st.lists(quote, max_size=2)),
        "claims": draw(st.lists(claim, max_size=2)),
        **{name: draw(SHARE) for name in ("exact", "f1", "contains", "supported")},
        "seconds": draw(st.floats(0, 1e6)),
        "checked": draw(st.booleans()),
        **{name: draw(COUNT) for name in ("steps", "tokens_read", "tokens_written")},
    }


@pytest.mark.parametrize("ending", output.ENDINGS)
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
@given(some=st.lists(rows(), max_size=4))
def test_rows_come_back(tmp_path: Path, ending: str, some: list[dict[str, Any]]) -> None:
    path = tmp_path / f"rows{ending}"
    data = output.encode(some, ending)
    path.write_bytes(data)
    assert output.read(path) == some
    assert output.encode(some, ending) == data


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "'=", "''+", "＝"])
def test_no_cell_is_a_formula(tmp_path: Path, start: str) -> None:
    hostile = f'{start}HYPERLINK("http://evil")'
    row = failed(Question("1", hostile), hostile)
    path = tmp_path / "rows.csv"
    path.write_bytes(output.encode([row], ".csv"))
    with path.open(newline="") as file:
        cells = next(csv.DictReader(file))
    assert cells["question"].startswith("'") and cells["because"].startswith("'")
    assert output.read(path)[0]["question"] == hostile


def test_half_characters_do_not_spoil_a_file(tmp_path: Path) -> None:
    row = failed(Question("1", "q"), "half \ud83d a character")
    for ending in output.ENDINGS:
        path = tmp_path / f"rows{ending}"
        path.write_bytes(output.encode([row], ending))
        assert output.read(path)[0]["id"] == "1"
    assert json.loads((tmp_path / "rows.jsonl").read_bytes())["because"] == row["because"]


def test_a_spreadsheet_gets_every_column_in_order() -> None:
    head = output.encode([], ".csv").decode().splitlines()
    assert next(csv.reader(head)) == list(COLUMNS)


def test_parquet_has_columns_of_their_kinds(tmp_path: Path) -> None:
    from pyarrow import parquet

    path = tmp_path / "rows.parquet"
    path.write_bytes(output.encode([failed(Question("1", "q"), "")], ".parquet"))
    schema = parquet.read_schema(path)
    assert schema.names == list(COLUMNS)
    assert str(schema.field("f1").type) == "double" and "struct" in str(schema.field("quotes").type)


@pytest.mark.parametrize("name", ["a.csv", "a.parquet", "a.jsonl", "a.xml", "none.jsonl"])
def test_what_is_no_output_is_told(tmp_path: Path, name: str) -> None:
    if not name.startswith("none"):
        (tmp_path / name).write_bytes(b"something, else\n1,2\n")
    with pytest.raises(UserError):
        output.read(tmp_path / name)


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: Any) -> None:
    path, other = tmp_path / "a.jsonl", tmp_path / "other"
    output.write_whole(path, b"nothing")
    other.hardlink_to(path)
    output.write_whole(path, b"first")
    assert other.read_bytes() == b"nothing", "what is read meanwhile stays whole"
    other.unlink()

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(UserError, match="No space left"):
        output.write_whole(path, b"second")
    assert path.read_bytes() == b"first" and [p.name for p in tmp_path.iterdir()] == ["a.jsonl"]
