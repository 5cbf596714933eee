"""Word, PowerPoint and Excel: what stands in them, in order, under its headings and on its page."""

import datetime
from pathlib import Path

import pytest
from reader_files import docx, docx_of, pptx, xlsx

from retrieval.documents import Document
from retrieval.readers.files import parse


def headings(document: Document) -> list[tuple[str, str]]:
    """Pair the heading of each mark with the line that begins there."""
    lines = [document.text[mark.start :].partition("\n")[0] for mark in document.marks]
    return [(mark.heading, line) for mark, line in zip(document.marks, lines, strict=True)]


def test_a_word_document_is_read_in_order() -> None:
    document = parse(docx(), Path("a.docx"))
    assert document.title == "The Handbook"
    assert document.text == (
        "The Handbook\n\nDuties\n\nEverybody has some.\n\n1. sweep\n2. cook\n\nPay\n\n- bread\n\n"
        "| Name | Town | Age\n| Name: Ann | Town: Oslo | Age: 41\n| Name: Bo | Town: Turku\n\n"
        "Leave\n\nThirty days."
    )
    assert headings(document) == [
        ("The Handbook", "The Handbook"),
        ("The Handbook > Duties", "Duties"),
        ("The Handbook > Duties > Pay", "Pay"),
        ("The Handbook > Leave", "Leave"),
    ]


def _p(text: str, format_: str = "") -> str:
    return f"<w:p><w:pPr>{format_}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def test_word_reads_what_was_inserted_and_not_what_was_deleted() -> None:
    kept = "<w:ins><w:r><w:t xml:space='preserve'> new</w:t></w:r></w:ins>"
    gone = "<w:del><w:r><w:delText>old</w:delText><w:t>older</w:t></w:r></w:del>"
    control = f"<w:sdt><w:sdtContent>{_p('in a control')}</w:sdtContent></w:sdt>"
    box = f"<w:r><w:pict><w:txbxContent>{_p('in a box')}</w:txbxContent></w:pict></w:r>"
    body = f"<w:p><w:r><w:t>The</w:t></w:r>{kept}{gone}</w:p>{control}<w:p>{box}</w:p>"
    assert parse(docx_of(body), Path("a.docx")).text == "The new\n\nin a control\n\nin a box"


def test_word_counts_its_lists_as_it_shows_them() -> None:
    levels = "".join(
        f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
        for at, form, text in ((0, "decimal", "%1."), (1, "lowerLetter", "(%2)"))
    )
    levels += '<w:lvl w:ilvl="2"><w:numFmt w:val="upperRoman"/><w:lvlText w:val="%1.%3"/></w:lvl>'
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    numbering = (
        f'<w:numbering {space}><w:abstractNum w:abstractNumId="7">{levels}</w:abstractNum>'
        '<w:num w:numId="3"><w:abstractNumId w:val="7"/></w:num></w:numbering>'
    )

    def item(level: int, text: str, more: str = "") -> str:
        number = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="3"/></w:numPr>'
        return _p(text, number + more)

    body = item(0, "a") + item(1, "b") + item(1, "c") + _p("between") + item(0, "d") + item(1, "e")
    body += item(2, "f") + item(2, "g") + item(0, "Scope", '<w:outlineLvl w:val="0"/>')
    document = parse(docx_of(body, numbering=numbering), Path("a.docx"))
    assert document.text.replace("\n\n", "\n").split("\n") == [
        *("1. a", "(a) b", "(b) c", "between", "2. d", "(a) e", "2.I f", "2.II g", "3. Scope")
    ]
    assert [mark.heading for mark in document.marks] == ["3. Scope"]


def test_word_puts_a_note_below_its_paragraph() -> None:
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    notes = (
        f'<w:footnotes {space}><w:footnote w:id="2">{_p("See page 4.")}</w:footnote></w:footnotes>'
    )
    cited = '<w:p><w:r><w:t>A claim.</w:t><w:footnoteReference w:id="2"/></w:r></w:p>'
    document = parse(docx_of(cited + _p("Next."), footnotes=notes), Path("a.docx"))
    assert document.text == "A claim.[2]\n\n[2] See page 4.\n\nNext."


def _tc(text: str, format_: str = "") -> str:
    return f"<w:tc><w:tcPr>{format_}</w:tcPr>{_p(text)}</w:tc>"


def test_word_repeats_merged_cells_and_reads_layout_tables_as_text() -> None:
    rows = (
        _tc("Region") + _tc("City"),
        _tc("North", '<w:vMerge w:val="restart"/>') + _tc("Oslo"),
        _tc("", "<w:vMerge/>") + _tc("Turku"),
    )
    table = f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in rows)}</w:tbl>"
    prose = "Long words. " * 60
    laid_out = f"<w:tbl><w:tr>{_tc(prose)}{_tc('beside')}</w:tr></w:tbl>"
    text = parse(docx_of(table + laid_out), Path("a.docx")).text
    assert "| Region: North | City: Turku" in text
    assert text.endswith(f"{prose.strip()}\n\nbeside")


def test_a_slide_is_a_page_under_its_title() -> None:
    document = parse(pptx(), Path("a.pptx"))
    assert document.title == "Our Year"
    assert [(mark.heading, mark.page) for mark in document.marks] == [
        ("Our Year", 1),
        ("People", 2),
        ("", 3),
    ]
    starts = [document.text[mark.start :] for mark in document.marks]
    assert starts[0].startswith("Our Year\n\n- We grew\n- We moved\n\nPeople")
    assert "| Name: Ann | Town: Oslo | Age: 41" in starts[1]
    assert starts[2] == (
        "| Category | Revenue\n| Category: 2023 | Revenue: 4.5\n| Category: 2024 | Revenue: 6"
        "\n\nNotes: Say thanks."
    )


def test_a_sheet_is_a_heading_and_each_row_repeats_the_names_of_its_columns() -> None:
    start = datetime.datetime(2024, 5, 1)
    rows: list[list[object]] = [
        ["Staff of 2024"],
        [],
        ["Name", "Start", "2023", "On"],
        ["Ann", start, 0.1 + 0.2, True],
        ["Bo", None, 7.0, False],
        [],
        ["Cy", start.replace(hour=9, minute=30), 1234567.25, None],
    ]
    document = parse(xlsx({"People": rows, "Old": [["secret"]]}, hidden="Old"), Path("a.xlsx"))
    assert document.text.split("\n") == [
        *("People", "", "Staff of 2024", "| Name | Start | 2023 | On"),
        "| Name: Ann | Start: 2024-05-01 | 2023: 0.3 | On: yes",
        "| Name: Bo | 2023: 7 | On: no",
        "| Name: Cy | Start: 2024-05-01 09:30 | 2023: 1234567.25",
    ]
    assert [mark.heading for mark in document.marks] == ["People"]


def test_shares_are_read_as_they_are_shown_and_titles_as_they_are_meant() -> None:
    import io

    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(xlsx({"S": [["Part", "Share"], ["a", 0.255]]}, title="Parts")))
    book["S"]["B2"].number_format = "0.0%"
    held = io.BytesIO()
    book.save(held)
    document = parse(held.getvalue(), Path("a.xlsx"))
    assert "| Part: a | Share: 25.5%" in document.text
    assert document.title == "Parts"


@pytest.mark.parametrize(
    ("data", "name"), [(docx(), "x"), (pptx(), "y.zip"), (xlsx({"S": [["a", "b"]]}), "z.bin")]
)
def test_an_office_file_is_known_by_what_is_in_it(data: bytes, name: str) -> None:
    assert "openxmlformats" in parse(data, Path(name)).media
