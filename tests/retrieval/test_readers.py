"""Readers: exact text, headings and pages at their offsets, and faults that name file and cure."""

import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from retrieval.documents import Document
from retrieval.errors import UserError
from retrieval.readers.files import load, parse

LINES = st.lists(
    st.sampled_from(
        ["# One", "## Two *it*", "text", "", "```", "Under", "=====", "- a", "#no", "文"]
    )
)


def under(document: Document) -> list[tuple[str, str]]:
    """Pair each heading with the line of text it was found at."""
    ends = (document.text.find("\n", mark.start) for mark in document.marks)
    lines = [document.text[m.start : e] for m, e in zip(document.marks, ends, strict=True)]
    return [(mark.heading, line) for mark, line in zip(document.marks, lines, strict=True)]


def pdf(*pages: str, title: str = "", password: str = "") -> bytes:
    writer = PdfWriter()
    for text in pages:
        page = writer.add_blank_page(300, 300)
        font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
        named = DictionaryObject({NameObject(k): NameObject(v) for k, v in font.items()})
        fonts = DictionaryObject({NameObject("/F1"): named})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        lines = "".join(f"({line}) Tj 0 -20 Td " for line in text.split("\n"))
        stream = DecodedStreamObject()
        stream.set_data(f"BT /F1 12 Tf 20 200 Td {lines}ET".encode())
        page[NameObject("/Contents")] = writer._add_object(stream)
    if title:
        writer.add_metadata({"/Title": title})
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize(
    "charset", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "gb18030"]
)
def test_text_is_decoded(charset: str) -> None:
    text = "Plain words, many of them.\r\n中文也在这里，还有更多。\n"
    data = text.encode(charset)
    assert parse(data, Path("a.txt")).text == text
    assert parse("Plain.".encode(charset), Path("a.txt")).text == "Plain."


def test_western_text_is_decoded() -> None:
    text = "Le café – “garçon” à l’été, naïve déjà vu."
    assert parse(text.encode("cp1252"), Path("a.txt")).text == text


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.unknown", "a.html"])
def test_binary_posing_as_text_is_named(name: str) -> None:
    data = bytes(range(256)) * 20
    if name == "a.html":
        data = b"\x89PNG\r\n\x1a\n" + data
    with pytest.raises(UserError) as caught:
        parse(data, Path(name))
    assert name in caught.value.what and caught.value.cure


def test_a_broken_byte_costs_one_character() -> None:
    data = ("前面的文字。" * 20).encode() + b"\xff" + "后面的文字。".encode()
    assert parse(data, Path("a.txt")).text == "前面的文字。" * 20 + "\ufffd后面的文字。"


def test_bytes_that_only_happen_to_decode_are_binary() -> None:
    with pytest.raises(UserError, match="binary"):
        parse(bytes([0x78, 0xDA, 0xEC, 0xC1]) + b"\xf3\xa5" * 500, Path("a.zz"))


def test_a_tag_that_would_stall_the_parser_is_refused() -> None:
    tag = "<p " + " ".join(f"a{n}=1" for n in range(20_000)) + ">x"
    with pytest.raises(UserError, match="attributes"):
        parse(tag.encode(), Path("a.html"))
    image = '<img src="data:image/png;base64,' + "A" * 100_000 + '=="><p>x'
    assert parse(image.encode(), Path("a.html")).text == "x"


def test_title_is_the_file_name_where_there_is_no_other() -> None:
    assert parse(b"words", Path("dir/My notes.txt")).title == "My notes"
    assert parse(b"words", Path("notes.xyz")).media == "text/plain"
    assert parse(b"words", Path("notes.md")).title == "notes"


def test_markdown_keeps_its_text_and_marks_headings() -> None:
    text = (
        "intro\n\n# The *First* [part](x)\r\n\nwords\n\n## Sub ##\n```\n# no heading\n```\n"
        "Under\n-----\n\n- item\n---\n\n# Last\nend"
    )
    document = parse(text.encode(), Path("a.md"))
    assert document.text == text
    assert document.title == "The First part"
    assert under(document) == [
        ("The First part", "# The *First* [part](x)\r"),
        ("The First part > Sub", "## Sub ##"),
        ("The First part > Under", "Under"),
        ("Last", "# Last"),
    ]


@settings(deadline=None)
@given(LINES)
def test_markdown_marks_stand_at_line_starts_in_order(lines: list[str]) -> None:
    text = "\n" + "\n".join([*lines, "end"])
    document = parse(text.encode(), Path("a.md"))
    starts = [mark.start for mark in document.marks]
    assert document.text == text and starts == sorted(set(starts))
    assert all(text[start - 1] == "\n" for start in starts)


PAGE = """<!doctype html><html><head><title>A &amp; B</title><style>p{}</style></head><body>
<nav>Menu</nav><header><nav>x</nav>Banner</header>
<h1>Top <b>one</b></h1><p>Some   <i>inline</i> words,<br>next line.</p>
<ul><li>first<ul><li>inner</li></ul></li><li>second</li></ul><ol><li>un</li><li>deux</li></ol>
<p hidden>secret</p><p style="display: none">secret</p><p aria-hidden="true">secret</p>
<h2>Second</h2><table><tr><th>Name</th><th>Age</th></tr><tr><td>Ann</td><td>7</td></tr></table>
<pre>  code
    more</pre>tail<!-- secret --><script>secret()</script><footer>Foot</footer></body></html>"""


def test_html_is_read_by_blocks_without_what_is_no_text() -> None:
    document = parse(PAGE.encode(), Path("a.html"))
    assert document.title == "A & B"
    assert document.text == (
        "Top one\n\nSome inline words,\nnext line.\n\n- first\n- inner\n- second\n\n1. un\n2. deux"
        "\n\nSecond\n\n| Name | Age\n| Ann | 7\n\n  code\n    more\n\ntail"
    )
    assert under(document) == [("Top one", "Top one"), ("Top one > Second", "Second")]


def test_html_main_part_charset_and_sniffing() -> None:
    body = "<main><p>" + "真正的内容。" * 20 + "</p></main><div>side</div>"
    data = f'<html><meta charset="gbk"><body>{body}</body></html>'.encode("gbk")
    document = parse(data, Path("saved-page.dat"))
    assert document.media == "text/html"
    assert document.text == "真正的内容。" * 20 and document.title == "saved-page"


def test_html_survives_depth_and_garbage() -> None:
    assert "deep" in parse(b"<div>" * 1500 + b"deep", Path("a.html")).text


@pytest.mark.parametrize("tag", ["div", "ul><li", "blockquote", "b"])
def test_html_nested_deeper_than_the_parser_goes_is_read(tag: str) -> None:
    closing = "".join(f"</{name}>" for name in reversed(tag.split("><")))
    inner = "<h2>Low</h2><p>deep text</p><script>hidden()</script><nav><div>menu</div></nav>"
    page = f"<html><title>T</title><body>{f'<{tag}>' * 3000}{inner}{closing * 3000}<p>after</p>"
    read = parse(page.encode(), Path("a.html"))
    assert read.title == "T"
    assert "deep text" in read.text
    assert "after" in read.text
    assert "hidden" not in read.text
    assert "menu" not in read.text
    assert parse(b"<p>a<b>c</p></i><<>>&bogus;", Path("a.html")).text
    assert parse(b'<?xml version="1.0" encoding="utf-8"?><html><p>x</p>', Path("a.xhtml")).text


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from([*PAGE.replace("><", ">\0<").split("\0"), "a", "<td>"])))
def test_html_marks_stand_in_order_inside_the_text(parts: list[str]) -> None:
    document = parse(b"<p>x</p>" + "".join(parts).encode(), Path("a.html"))
    starts = [mark.start for mark in document.marks]
    assert starts == sorted(starts) and all(0 <= s <= len(document.text) for s in starts)
    assert "secret" not in document.text


def test_pdf_has_its_pages_marked() -> None:
    document = parse(pdf("First page", "Second exam-\nple", title="A paper"), Path("a.pdf"))
    assert document.title == "A paper"
    assert [mark.page for mark in document.marks] == [1, 2]
    starts = [document.text[mark.start :] for mark in document.marks]
    assert starts[0].startswith("First page") and starts[1].startswith("Second example")
    assert parse(pdf("x y z"), Path("scan.bin")).title == "scan"


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"%PDF-1.7 nothing more", "broken"),
        (pdf("words")[:300], "broken"),
        (pdf("words", password="secret"), "password"),
        (pdf(""), "no text"),
    ],
)
def test_bad_pdfs_are_named_with_a_cure(data: bytes, what: str) -> None:
    with pytest.raises(UserError, match=what) as caught:
        parse(data, Path("bad.pdf"))
    assert "bad.pdf" in caught.value.what and caught.value.cure


@pytest.mark.parametrize("data", [b"", b" \n", b"<html><body></body></html>"])
def test_a_file_without_text_is_named(data: bytes) -> None:
    with pytest.raises(UserError, match=r"void\.txt"):
        parse(data, Path("void.txt"))


def test_missing_files_and_folders_are_named(tmp_path: Path) -> None:
    for path in (tmp_path / "gone.txt", tmp_path):
        with pytest.raises(UserError, match=path.name):
            load(path)
    (tmp_path / "here.txt").write_text("words")
    here = tmp_path / "here.txt"
    assert parse(load(here), here, "mine").collection == "mine"
