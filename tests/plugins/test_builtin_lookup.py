"""A value is found by its row and column, in tables as our readers write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.builtin.lookup import LONGEST, MOST, rows, tools
from plugins.schema import schema
from plugins.tools import ToolResult
from retrieval.documents import Document, Hit, Mark, Passage
from retrieval.readers import delimited, html

CITIES = delimited.read(
    b"City,Country,People (2020),Founded\nRome,Italy,2800000,753 BC\nBonn,Germany,330000,11 BC\n"
    b"Bonn am Berg,Austria,,\n",
    "cities.csv",
    "Cities",
    "default",
)
PAGE = html.read(
    b"<h1>Rivers</h1><p>Some | text.</p><table><tr><th>River</th><th>Length</th></tr>"
    b"<tr><td>Rhine</td><td>1230 km</td></tr><tr><td>Elbe</td><td>1094 km</td></tr></table>"
    b"<p>Then</p><table><tr><th>River</th><th>Mouth</th></tr><tr><td>Rhine</td><td>North Sea</td>"
    b"</tr></table>",
    "rivers.html",
    "Rivers",
    "default",
)
CHINESE = Document("t.md", "表", "| 城市 | 人口 |\n|---|---|\n| 北京 | 2189万 |\n| 上海 | 2487万 |")
LONG = Document("l.csv", "Long", "| Name | Note | More\n| Ann | " + "x" * 2000 + " | 7")
ALL = {document.id: document for document in (CITIES, PAGE, CHINESE, LONG)}


def search(query: str, k: int) -> list[Hit]:
    words = set(query.lower().split())
    documents = [d for d in ALL.values() if words & set(d.text.lower().split())]
    passages = [Passage(d.id, d.source, d.title, d.text[:9], 0, 9) for d in documents[:k]]
    return [Hit(passage, 1.0, rank) for rank, passage in enumerate(passages, start=1)]


(look_up,) = tools(ALL.get, search)


def check(result: ToolResult) -> None:
    """The law of passages, and the same for cells."""
    for passage in result.passages:
        assert ALL[passage.document].text[passage.start : passage.end] == passage.text
    for cell in result.data.get("cells", ()):
        assert ALL[cell["document"]].text[cell["start"] : cell["end"]] == cell["text"]


@pytest.mark.parametrize(
    ("row", "column", "document", "value"),
    [
        ("Rome", "founded", "", "753 BC"),
        ("bonn germany", "People", "", "330000"),
        ("Bonn", "country", CITIES.id, "Germany"),
        ("Rhine", "length", "", "1230 km"),
        ("the Rhine", "mouth", "", "North Sea"),
        ("Elbe", "Length", PAGE.id, "1094 km"),
        ("北京", "人口", CHINESE.id, "2189万"),
    ],
)
def test_a_value_is_found_at_its_place(row: str, column: str, document: str, value: str) -> None:
    result = look_up(row=row, column=column, document=document)
    check(result)
    assert result.data["cells"][0]["text"] == value
    assert value in result.passages[0].text
    assert result.text.split("\n")[0].partition(": ")[2].startswith(value)


def test_what_is_not_there_is_said_with_what_is() -> None:
    assert look_up(row="Paris", column="Founded", document=CITIES.id).text == (
        "no row with 'Paris' has a value for 'Founded'; there are the columns: "
        "City; Country; People (2020); Founded"
    )
    assert "there are the columns" in look_up(row="Rome", column="mayor", document=CITIES.id).text
    assert look_up(row="xyzzy", column="plugh").text == "no table was found for 'xyzzy'"
    assert look_up(row="x", column="y", document="nothing").failed
    assert look_up(row=" ", column="y").failed


def test_many_rows_are_bounded() -> None:
    many = Document("m.csv", "Many", "| Name | Age\n" + "\n".join(f"| Ann | {n}" for n in range(9)))
    (tool,) = tools({many.id: many}.get, lambda query, k: [])
    result = tool(row="ann", column="age", document=many.id)
    assert len(result.passages) == MOST
    assert result.text.endswith("(3 more rows fit; add words of the row)")


def test_of_a_very_long_row_the_cell_is_passed_on() -> None:
    result = look_up(row="Ann", column="note", document=LONG.id)
    check(result)
    assert result.passages[0].text == "x" * LONGEST
    assert look_up(row="Ann", column="more", document=LONG.id).passages[0].text == "7"


def test_a_passage_tells_its_page_and_heading() -> None:
    text = "Head\n| A | B\n| x | 1"
    marked = Document("p.pdf", "P", text, marks=(Mark(0, "Head", 3),))
    (tool,) = tools({marked.id: marked}.get, search)
    (passage,) = tool(row="x", column="B", document=marked.id).passages
    assert (passage.heading, passage.page) == ("Head", 3)


CELL = st.text(st.characters(exclude_categories=("C", "Z"), exclude_characters="|:"), min_size=1)


@given(st.lists(st.lists(CELL, min_size=2, max_size=4), min_size=2, max_size=5))
def test_every_cell_of_what_a_reader_wrote_is_at_its_place(table: list[list[str]]) -> None:
    text = "\n".join("| " + " | ".join(row) for row in table)
    for row in rows(text):
        assert text[row.start : row.end] == row.text
        for cell in row.cells:
            assert text[cell.start : cell.end] == cell.text


def test_it_is_a_tool() -> None:
    assert schema(look_up)["parameters"]["required"] == ["row", "column"]
