"""Files made to break a reader: bombs, entities, lies about size, locks, and broken bytes."""

import io
import random
import zipfile
from pathlib import Path

import pytest
from reader_files import (
    docx,
    docx_of,
    eml,
    epub,
    ipynb,
    jsonl,
    pdf,
    picture,
    pptx,
    unpacked,
    xlsx,
    zipped,
)

from retrieval.errors import UserError
from retrieval.parsing import ChildParser
from retrieval.readers import archive
from retrieval.readers.files import LARGEST, load, parse

SAMPLES = {
    "a.docx": docx(),
    "a.pptx": pptx(),
    "a.xlsx": xlsx({"One": [["Name", "Age"], ["Ann", 41]]}),
    "a.epub": epub({"One": "<h1>One</h1><p>Words.</p>"}),
    "a.eml": eml("Words.", "<p>Words.</p>", attached=["a.pdf"], forwarded=eml("More.")),
    "a.ipynb": ipynb(),
    "a.json": jsonl([{"title": "One", "text": "Words."}] * 3),
    "a.csv": b"name,age\nAnn,41\n" * 20,
    "a.html": b"<html><body><h1>One</h1><p>Words.</p></body></html>",
    "a.pdf": pdf("Words of one page", "and two"),
    "a.png": picture("Words"),
}
PACKED = {
    "a.docx": "word/document.xml",
    "a.pptx": "ppt/slides/slide1.xml",
    "a.xlsx": "xl/worksheets/sheet1.xml",
    "a.epub": "OPS/book.opf",
}


def fault(data: bytes, name: str) -> UserError:
    with pytest.raises(UserError) as caught:
        parse(data, Path(name))
    assert name in caught.value.what and caught.value.cure
    return caught.value


@pytest.mark.parametrize("name", PACKED)
def test_a_bomb_is_refused_before_it_is_unpacked(name: str) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        for member, data in unpacked(SAMPLES[name]).items():
            packed.writestr(member, data)
        packed.writestr("bomb.xml", b" " * (archive.HARMLESS + 1))
    assert "unpacks to" in fault(held.getvalue(), name).what


def test_more_parts_than_any_document_has_are_refused() -> None:
    parts = {f"{n}": b"" for n in range(archive.MEMBERS + 1)}
    assert "parts" in fault(zipped(parts), "a.docx").what


def test_a_part_larger_than_it_says_is_broken() -> None:
    """Sizes are read from the directory; what unpacks to more must not be unpacked."""
    data = zipped({**unpacked(SAMPLES["a.docx"]), "word/document.xml": b"<a>" + b" " * 9_000_000})
    said = (9_000_003).to_bytes(4, "little")
    assert data.count(said) == 2
    assert "broken" in fault(data.replace(said, (100).to_bytes(4, "little")), "a.docx").what


ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))


@pytest.mark.parametrize("name", PACKED)
@pytest.mark.parametrize("kind", ["laughs", "outside"])
def test_entities_are_not_put_in(name: str, kind: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("SECRET")
    listed = f'<!ENTITY e0 "SECRET">{ENTITIES}<!ENTITY x SYSTEM "{secret.as_uri()}">'
    packed = unpacked(SAMPLES[name])
    xml = packed[PACKED[name]].decode()
    head, _, body = xml.rpartition("?>")
    body = body.replace("Words.", "&e11;" if kind == "laughs" else "&x;")
    for said in ("The Handbook", "Our Year", "A Tale"):
        body = body.replace(said, "&e11;" if kind == "laughs" else "&x;")
    doctype = f"<!DOCTYPE any [{listed}]>"
    packed[PACKED[name]] = f"{head}{'?>' if head else ''}{doctype}{body}".encode()
    try:
        document = parse(zipped(packed), Path(name))
    except UserError as error:
        assert name in error.what
    else:
        assert "SECRET" not in document.text + document.title
        assert len(document.text) < 1_000


def test_a_sheet_that_lies_about_its_size_is_read_by_what_it_holds() -> None:
    packed = unpacked(xlsx({"S": [["Name", "Age"], ["Ann", 41]]}))
    sheet = packed["xl/worksheets/sheet1.xml"].decode()
    assert 'ref="A1:B2"' in sheet
    empty = "".join(f'<row r="{n}"/>' for n in range(3, 60_000))
    last = '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>End</t></is></c></row>'
    sheet = sheet.replace("A1:B2", "A1:XFD1048576").replace(
        "</sheetData>", f"{empty}{last}</sheetData>"
    )
    packed["xl/worksheets/sheet1.xml"] = sheet.encode()
    text = parse(zipped(packed), Path("a.xlsx")).text
    assert text == "S\n\n| Name | Age\n| Name: Ann | Age: 41\nEnd"


@pytest.mark.parametrize("name", PACKED)
def test_a_locked_file_is_named_as_locked(name: str) -> None:
    office = fault(archive.OLE + b"\0" * 4096, name)
    assert "password" in office.what
    data = bytearray(SAMPLES[name])
    at = -1
    while (at := data.find(b"PK\x01\x02", at + 1)) >= 0:
        data[at + 8] |= 1
    assert "password" in fault(bytes(data), name).what


def test_a_locked_pdf_and_archives_are_named() -> None:
    assert "password" in fault(pdf("words", password="secret"), "a.pdf").what
    assert "unpack it" in fault(zipped({"a.txt": b"words"}), "a.zip").cure
    opened = zipped({"content.xml": b"<a/>", "META-INF/manifest.xml": b"<a/>"})
    assert ".docx" in fault(opened, "a.odt").cure


def test_deep_nesting_is_no_crash() -> None:
    deep = "<w:sdt><w:sdtContent>" * 3_000 + "</w:sdtContent></w:sdt>" * 3_000
    fault(docx_of(deep), "a.docx")
    letter = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n) for n in range(3_000)
    )
    fault(letter, "a.eml")


def test_a_heading_does_not_grow_with_every_mark() -> None:
    data = ("# " + "a" * 100_000 + "\n" + "## b\n" * 5_000).encode()
    document = parse(data, Path("a.md"))
    assert sum(len(mark.heading) for mark in document.marks) < 2_000_000


def test_a_file_too_large_is_not_read(tmp_path: Path) -> None:
    large = tmp_path / "large.txt"
    with large.open("wb") as file:
        file.truncate(LARGEST + 1)
    with pytest.raises(UserError, match=r"large\.txt.*MiB"):
        load(large)


def _spoilt(count: int, seed: int) -> list[tuple[str, bytes]]:
    """Return samples cut short, with bytes changed, doubled and taken out."""
    chance = random.Random(seed)
    made = []
    for _ in range(count):
        name = chance.choice(list(SAMPLES))
        data = bytearray(SAMPLES[name])
        for _ in range(chance.choice((1, 1, 3, 30))):
            at = chance.randrange(max(1, len(data)))
            match chance.randrange(4):
                case 0 if data:
                    data[at] = chance.randrange(256)
                case 1:
                    del data[at : at + chance.randrange(1, 20)]
                case 2:
                    data[at:at] = data[at : at + chance.randrange(200)]
                case _ if chance.random() < 0.3:
                    del data[max(at, 1) :]
        made.append((name, bytes(data)))
    return made


@pytest.mark.parametrize(
    "count", [150, pytest.param(5_000, marks=[pytest.mark.prove, pytest.mark.timeout(3600)])]
)
def test_spoilt_files_end_in_a_document_or_a_named_fault(count: int) -> None:
    with ChildParser() as parser:
        for name, data in _spoilt(count, seed=count):
            try:
                document = parser.parse(data, Path(name), "default")
                assert document.text.strip()
            except UserError as error:
                assert name in error.what and error.cure
                # An exception that no reader foresaw would end the child.
                assert "breaks its reader" not in error.what, str(error)
                assert "crash" not in error.what, str(error)
