"""PDF: pages, headings, paragraphs, raised letters, scripts that run to the left, and scans."""

from pathlib import Path

import pytest
from reader_files import pdf, picture

from retrieval.documents import Document
from retrieval.errors import UserError
from retrieval.readers import ocr
from retrieval.readers.files import parse

BODY = "\n".join(f"Line {n} of the text, which is set in small type." for n in range(8))
SAMPLES = "security/pypdf-sample-files"


def headings(document: Document) -> list[tuple[str, int | None, str]]:
    lines = [document.text[mark.start :].partition("\n")[0] for mark in document.marks]
    return [(m.heading, m.page, line) for m, line in zip(document.marks, lines, strict=True)]


def test_bookmarks_are_headings_where_their_words_stand() -> None:
    pages = ("Before.\nOne\nWords.\n2.1 Two\nMore.", "Not named\nThree")
    marks = [("One", 0), ("Two", 0), ("Absent", 1), ("Three", 1), ("Nowhere", 7)]
    assert headings(parse(pdf(*pages, marks=marks), Path("a.pdf"))) == [
        ("", 1, "Before."),
        ("One", 1, "One"),
        ("Two", 1, "2.1 Two"),
        ("Absent", 2, "Not named"),
        ("Three", 2, "Three"),
    ]


def test_without_bookmarks_larger_type_makes_headings() -> None:
    document = parse(pdf(f"# Head\n{BODY}\n# Next\n{BODY}", BODY), Path("a.pdf"))
    assert headings(document) == [
        ("Head", 1, "Head"),
        ("Next", 1, "Next"),
        ("Next", 2, "Line 0 of the text, which is set in small type."),
    ]


def test_large_type_everywhere_makes_none() -> None:
    document = parse(pdf("# One\ntwo\n# Three\nfour\n# Five"), Path("a.pdf"))
    assert [mark.heading for mark in document.marks] == [""]


def test_a_wide_gap_begins_a_paragraph() -> None:
    document = parse(
        pdf("One line\nof the first.\n\nThen the second\nwith a line more."), Path("a.pdf")
    )
    assert document.text == "One line\nof the first.\n\nThen the second\nwith a line more."


def test_raised_letters_stay_in_their_line_and_parted_words_are_joined(shared_data: Path) -> None:
    path = shared_data / SAMPLES / "009-pdflatex-geotopo/GeoTopo-komprimiert.pdf"
    document = parse(path.read_bytes(), path)
    assert "Eine Teilmenge von Rn oder Cn ist genau dann kompakt, wenn" in document.text
    assert "Nach Voraussetzung kann K mit endlich vielen offenen Kugeln" in document.text
    found = [mark for mark in document.marks if mark.heading.endswith("Wege und Knoten")]
    assert found[0].page == 21
    assert document.text[found[0].start :].startswith("1.6 Wege und Knoten\n")


def test_arabic_is_read_in_order(shared_data: Path) -> None:
    path = shared_data / SAMPLES / "015-arabic/habibi.pdf"
    assert parse(path.read_bytes(), path).text == "حَبيبي habibi حَبيبي"


def test_a_known_text_is_read_word_by_word(shared_data: Path) -> None:
    path = shared_data / SAMPLES / "011-google-doc-document/google-doc-document.pdf"
    words = " ".join(parse(path.read_bytes(), path).text.split())
    assert "Although never is often better than *right* now. If the implementation" in words


def test_a_scan_without_ocr_is_named_with_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    for data, name in ((picture("Words", "PDF"), "a.pdf"), (picture("Words"), "b.png")):
        with pytest.raises(UserError, match=rf"'{name}'.*picture.*tesseract") as caught:
            parse(data, Path(name))
        assert "apt install tesseract-ocr" in caught.value.cure


def test_pages_with_text_are_read_without_ocr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "missing", lambda: "install it")
    assert [m.page for m in parse(pdf("One", "", "Three"), Path("a.pdf")).marks] == [1, 3]
