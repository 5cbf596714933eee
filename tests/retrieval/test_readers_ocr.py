"""Pictures of text, read by the real tesseract."""

import io
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from reader_files import chinese_font, drawn, pdf, picture

from retrieval.errors import UserError
from retrieval.readers import ocr
from retrieval.readers.files import parse

pytestmark = pytest.mark.skipif(
    bool(ocr.missing()), reason="tesseract is not installed (apt install tesseract-ocr)"
)

TEXT = "The quick brown fox\njumps over the lazy dog."


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP", "BMP"])
def test_a_picture_is_read(kind: str) -> None:
    document = parse(picture(TEXT, kind), Path(f"a.{kind.lower()}"))
    assert document.text == TEXT
    assert document.media == f"image/{kind.lower()}" and document.title == "a"


def test_chinese_is_read_without_blanks_between_its_characters() -> None:
    if "chi_sim" not in ocr.languages("tesseract"):
        pytest.skip("tesseract knows no Chinese (apt install tesseract-ocr-chi-sim)")
    font = chinese_font()
    if not font:
        pytest.skip("there is no Chinese font (apt install fonts-noto-cjk)")
    text = "今天天气很好，我们去公园。\n图书馆里有很多人在看书。"
    read = parse(picture(text, font=font), Path("a.png")).text
    assert read.replace("\n\n", "\n") == text


def test_the_type_of_a_screen_is_large_enough() -> None:
    assert (
        "Small words of a screen"
        in parse(picture("Small words of a screen", size=14), Path("a.png")).text
    )


def test_transparent_and_turned_pictures_are_read() -> None:
    clear = drawn(TEXT).convert("RGBA")
    clear.putalpha(clear.convert("L").point(lambda shade: 255 - shade))
    held = io.BytesIO()
    clear.save(held, "PNG")
    assert parse(held.getvalue(), Path("a.png")).text == TEXT
    turned, exif = drawn(TEXT).rotate(90, expand=True), Image.Exif()
    exif[0x0112] = 6
    held = io.BytesIO()
    turned.save(held, "JPEG", exif=exif, quality=95)
    assert parse(held.getvalue(), Path("a.jpg")).text == TEXT


def test_each_page_of_a_tiff_and_of_a_scan_is_marked() -> None:
    for kind, name in (("TIFF", "a.tiff"), ("PDF", "a.pdf")):
        held = io.BytesIO()
        more = [drawn("Second page here"), drawn(" "), drawn("Fourth page here")]
        drawn("First page here").save(held, kind, save_all=True, append_images=more, resolution=150)
        document = parse(held.getvalue(), Path(name))
        assert [mark.page for mark in document.marks] == [1, 2, 4]
        starts = [document.text[mark.start :] for mark in document.marks]
        assert [start.split()[0] for start in starts] == ["First", "Second", "Fourth"]


def test_the_scanned_pages_of_a_pdf_are_read_beside_the_others() -> None:
    writer = PdfWriter()
    for data in (pdf("Typed words"), picture("Scanned words", "PDF")):
        writer.append(PdfReader(io.BytesIO(data)))
    held = io.BytesIO()
    writer.write(held)
    document = parse(held.getvalue(), Path("a.pdf"))
    assert document.text == "Typed words\n\nScanned words"
    assert [mark.page for mark in document.marks] == [1, 2]


def test_a_picture_without_text_and_one_too_large_are_named() -> None:
    with pytest.raises(UserError, match="holds no text"):
        parse(picture(" "), Path("a.png"))
    held = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(held, "PNG")
    with pytest.raises(UserError, match=r"a\.png.*150,000,000 pixels"):
        parse(held.getvalue(), Path("a.png"))
