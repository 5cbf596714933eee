"""Books, letters and notebooks: chapters, subjects and cells under their names."""

from pathlib import Path

import pytest
from reader_files import eml, epub, ipynb

from retrieval.errors import UserError
from retrieval.readers.files import parse

ONE = "<html><body><h1>1. One</h1><p>It began.</p><h2>Sub</h2><p>Below.</p></body></html>"


@pytest.mark.parametrize("ncx", [True, False])
def test_a_chapter_is_a_heading(ncx: bool) -> None:
    more = "<html><body><p>It went on.</p></body></html>"
    data = epub({"One": ONE, " ": more, "Two": "<p>It <b>ended</b>.</p>"}, ncx=ncx)
    document = parse(data, Path("a.epub"))
    assert document.title == "A Tale"
    assert document.text == "1. One\n\nIt began.\n\nSub\n\nBelow.\n\nIt went on.\n\nIt ended."
    starts = [(mark.heading, document.text[mark.start :][:6]) for mark in document.marks]
    assert starts == [
        ("One", "1. One"),
        ("One > Sub", "Sub\n\nB"),
        ("One", "It wen"),
        ("Two", "It end"),
    ]


def test_a_book_that_is_locked_is_named_but_fonts_may_be() -> None:
    def locking(path: str) -> dict[str, str]:
        place = f'<CipherReference xmlns="http://www.w3.org/2001/04/xmlenc#" URI="{path}"/>'
        return {"META-INF/encryption.xml": f"<encryption>{place}</encryption>"}

    assert parse(epub({"One": ONE}, more=locking("OPS/font.otf")), Path("a.epub")).text
    with pytest.raises(UserError, match=r"a\.epub.*locked") as caught:
        parse(epub({"One": ONE}, more=locking("OPS/c0.xhtml")), Path("a.epub"))
    assert caught.value.cure


def test_a_letter_says_who_when_and_what_it_carries() -> None:
    data = eml("Hi Bo,\n\nsee you.\n", "<p>Hi</p>", attached=["bill 1.pdf", "清单.pdf"])
    document = parse(data, Path("a.eml"))
    assert document.title == "Lunch"
    assert document.text == (
        "Subject: Lunch\nFrom: Ann <ann@example.org>\nTo: bo@example.org\n"
        "Date: Mon, 06 May 2024 10:00:00 +0200\n\nHi Bo,\n\nsee you."
        "\n\nAttachments: bill 1.pdf, 清单.pdf"
    )
    assert [mark.heading for mark in document.marks] == ["Lunch"]


def test_the_html_of_a_letter_is_read_as_a_page_and_a_forwarded_letter_below_it() -> None:
    inner = eml(
        html="<h2>Menu</h2><script>x()</script><p hidden>secret</p><p>Soup</p>", subject="Old"
    )
    document = parse(eml("Look.", forwarded=inner), Path("a.eml"))
    assert document.text.endswith("Menu\n\nSoup")
    assert "secret" not in document.text
    assert [mark.heading for mark in document.marks] == [
        "Lunch",
        "Lunch > Old",
        "Lunch > Old > Menu",
    ]


def test_a_letter_in_an_old_or_unknown_charset_is_read() -> None:
    head = b"Subject: =?gb2312?B?ztK1xA==?=\nContent-Type: text/plain; charset="
    body = "\n\n真正的内容，还有更多的内容。".encode("gb18030")
    for charset in (b"gb2312", b"x-unknown-charset"):
        document = parse(
            head + charset + b"\nContent-Transfer-Encoding: 8bit" + body, Path("a.eml")
        )
        assert "真正的内容" in document.text
        assert document.title == "我的"


def test_a_notebook_is_read_as_markdown_with_code_and_output() -> None:
    document = parse(ipynb(), Path("a.ipynb"))
    assert document.title == "Sums"
    assert document.text == (
        "# Sums\nSome words.\n\n```python\nprint(6 * 7)\n```\n\n```\n42\n```\n\n## More"
    )
    assert [mark.heading for mark in document.marks] == ["Sums", "Sums > More"]


def test_an_old_notebook_and_long_output_are_read() -> None:
    old = (
        b'{"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": ['
        b'{"cell_type": "code", "input": "x = `1`", "language": "python", "outputs": '
        b'[{"output_type": "stream", "text": "' + b"a" * 9000 + b'END"}]}]}]}'
    )
    text = parse(old, Path("a.ipynb")).text
    assert text.startswith("```python\nx = `1`\n```") and text.endswith("aEND\n```")
    assert len(text) < 2_200
