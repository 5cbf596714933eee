"""Builds files of every format that is read, sound ones and hostile ones."""

import io
import json
import shutil
import subprocess
import zipfile
from collections.abc import Iterable
from email.message import EmailMessage

import nbformat
from docx import Document
from openpyxl import Workbook
from PIL import Image, ImageDraw, ImageFont
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
STAFF = [["Name", "Town", "Age"], ["Ann", "Oslo", "41"], ["Bo", "Turku", ""]]


def pdf(
    *pages: str, title: str = "", password: str = "", marks: Iterable[tuple[str, int]] = ()
) -> bytes:
    """Return a PDF; a line that begins with "#" is set in larger type, `marks` are bookmarks."""
    writer = PdfWriter()
    for text in pages:
        page = writer.add_blank_page(500, 500)
        font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
        named = DictionaryObject({NameObject(k): NameObject(v) for k, v in font.items()})
        fonts = DictionaryObject({NameObject("/F1"): named})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        lines = "".join(
            f"/F1 {20 if line.startswith('#') else 12} Tf ({line.lstrip('# ')}) Tj 0 -20 Td "
            for line in text.split("\n")
        )
        stream = DecodedStreamObject()
        stream.set_data(f"BT 20 450 Td {lines}ET".encode())
        page[NameObject("/Contents")] = writer._add_object(stream)
    for name, number in marks:
        writer.add_outline_item(title=name, page_number=number)
    if title:
        writer.add_metadata({"/Title": title})
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    return _bytes(writer.write)


def docx() -> bytes:
    """Return a Word document with all that its reader knows of."""
    document = Document()
    document.add_paragraph("The Handbook", style="Title")
    document.add_heading("Duties", 1)
    document.add_paragraph("Everybody has some.")
    for text in ("sweep", "cook"):
        document.add_paragraph(text, style="List Number")
    document.add_heading("Pay", 2)
    document.add_paragraph("bread", style="List Bullet")
    _table(document.add_table(3, 3), STAFF)
    document.add_heading("Leave", 1)
    document.add_paragraph("Thirty days.")
    return _bytes(document.save)


def _table(table: object, rows: list[list[str]]) -> None:
    for line, row in zip(rows, table.rows, strict=True):  # type: ignore[attr-defined]
        for text, cell in zip(line, row.cells, strict=True):
            cell.text = text


def docx_of(body: str, **parts: str) -> bytes:
    """Return a Word document with the XML of a body, and parts beside it as `footnotes`."""
    packed = unpacked(_bytes(Document().save))
    packed["word/document.xml"] = f"<w:document {W}><w:body>{body}</w:body></w:document>".encode()
    for name, xml in parts.items():
        kind = "application/vnd.openxmlformats-officedocument.wordprocessingml"
        relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        known = f"word/{name}.xml" in packed
        packed[f"word/{name}.xml"] = xml.encode()
        if known:
            continue
        _insert(
            packed,
            "[Content_Types].xml",
            f'<Override PartName="/word/{name}.xml" ContentType="{kind}.{name}+xml"/></Types>',
        )
        _insert(
            packed,
            "word/_rels/document.xml.rels",
            f'<Relationship Id="x{name}" Type="{relation}/{name}" Target="{name}.xml"/>'
            "</Relationships>",
        )
    return zipped(packed)


def _insert(packed: dict[str, bytes], name: str, before_end: str) -> None:
    text = packed[name].decode()
    packed[name] = (text[: text.rindex("</")] + before_end).encode()


def pptx() -> bytes:
    """Return a presentation of three slides: text, table and chart; the last with notes."""
    shown = Presentation()
    shown.core_properties.title = "PowerPoint Presentation"
    first = shown.slides.add_slide(shown.slide_layouts[1])
    first.shapes.title.text = "Our Year"
    first.placeholders[1].text_frame.text = "We grew"
    first.placeholders[1].text_frame.add_paragraph().text = "We moved"
    second = shown.slides.add_slide(shown.slide_layouts[5])
    second.shapes.title.text = "People"
    _table(second.shapes.add_table(3, 3, Inches(1), Inches(2), Inches(6), Inches(2)).table, STAFF)
    third = shown.slides.add_slide(shown.slide_layouts[6])
    data = CategoryChartData()
    data.categories = ["2023", "2024"]
    data.add_series("Revenue", (4.5, 6))
    place = (Inches(1), Inches(1), Inches(4), Inches(3))
    third.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *place, data)
    third.notes_slide.notes_text_frame.text = "Say thanks."
    return _bytes(shown.save)


def pptx_of(slides: Iterable[tuple[str, str]]) -> bytes:
    """Return a presentation of (title, text) slides; without a title there is none."""
    shown = Presentation()
    for title, text in slides:
        slide = shown.slides.add_slide(shown.slide_layouts[1 if title else 6])
        if title:
            slide.shapes.title.text = title
            slide.placeholders[1].text_frame.text = text
        else:
            box = slide.shapes.add_textbox(Inches(1), Inches(1), Inches(5), Inches(1))
            box.text_frame.text = text
    return _bytes(shown.save)


def xlsx(sheets: dict[str, list[list[object]]], hidden: str = "", title: str = "") -> bytes:
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        if name == hidden:
            sheet.sheet_state = "hidden"
    book.properties.title = title
    return _bytes(book.save)


def epub(
    chapters: dict[str, str],
    *,
    ncx: bool = False,
    title: str = "A Tale",
    more: dict[str, str] | None = None,
) -> bytes:
    """Return a book; chapters by their names in the contents, "" for none."""
    files = {f"OPS/c{n}.xhtml": body for n, body in enumerate(chapters.values())}
    named = [(f"c{n}.xhtml", name) for n, name in enumerate(chapters) if name.strip()]
    items = "".join(
        f'<item id="c{n}" href="c{n}.xhtml" media-type="application/xhtml+xml"/>'
        for n in range(len(chapters))
    )
    if ncx:
        items += '<item id="t" href="toc.ncx" media-type="application/x-dtbncx+xml"/>'
        points = "".join(
            f"<navPoint><navLabel><text>{name}</text></navLabel>"
            f'<content src="{href}#x"/></navPoint>'
            for href, name in named
        )
        files["OPS/toc.ncx"] = (
            f'<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap>{points}</navMap></ncx>'
        )
    else:
        items += (
            '<item id="t" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>'
        )
        links = "".join(f'<li><a href="{href}">{name}</a></li>' for href, name in named)
        files["OPS/nav.xhtml"] = (
            '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:e="http://www.idpf.org/2007/ops">'
            f'<body><nav e:type="toc"><ol>{links}</ol></nav></body></html>'
        )
    spine = "".join(f'<itemref idref="c{n}"/>' for n in range(len(chapters)))
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf"><metadata>'
        f'<t:title xmlns:t="http://purl.org/dc/elements/1.1/">{title}</t:title></metadata>'
        f"<manifest>{items}</manifest><spine>{spine}</spine></package>"
    )
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="OPS/book.opf"/></rootfiles></container>'
    )
    return zipped(
        {
            "mimetype": b"application/epub+zip",
            "META-INF/container.xml": container.encode(),
            "OPS/book.opf": package.encode(),
            **{name: text.encode() for name, text in (files | (more or {})).items()},
        }
    )


def eml(
    plain: str = "",
    html: str = "",
    *,
    subject: str = "Lunch",
    attached: Iterable[str] = (),
    forwarded: bytes = b"",
) -> bytes:
    letter = EmailMessage()
    letter["Subject"], letter["From"], letter["To"] = (
        subject,
        "Ann <ann@example.org>",
        "bo@example.org",
    )
    letter["Date"] = "Mon, 06 May 2024 10:00:00 +0200"
    if plain:
        letter.set_content(plain)
    if html and plain:
        letter.add_alternative(html, subtype="html")
    elif html:
        letter.set_content(html, subtype="html")
    for name in attached:
        letter.add_attachment(b"\0\1", maintype="application", subtype="pdf", filename=name)
    if forwarded:
        from email import message_from_bytes, policy

        letter.add_attachment(message_from_bytes(forwarded, policy=policy.default))
    return letter.as_bytes()


def ipynb() -> bytes:
    v4 = nbformat.v4
    ran = v4.new_code_cell("print(6 * 7)", outputs=[v4.new_output("stream", text="42\n")])
    cells = [v4.new_markdown_cell("# Sums\nSome words."), ran, v4.new_markdown_cell("## More")]
    return nbformat.writes(v4.new_notebook(cells=cells)).encode()


def picture(text: str, kind: str = "PNG", *, font: str = "", size: int = 40) -> bytes:
    return _bytes(lambda out: drawn(text, font=font, size=size).save(out, kind, resolution=150))


def drawn(text: str, *, font: str = "", size: int = 40) -> Image.Image:
    """Return a white picture with lines of text."""
    face = ImageFont.truetype(font, size) if font else ImageFont.load_default(size)
    image = Image.new("RGB", (1200, 80 + 2 * size * (1 + text.count("\n"))), "white")
    ImageDraw.Draw(image).multiline_text((40, 40), text, "black", face, spacing=size // 2)
    return image


def chinese_font() -> str:
    """Return the path of a font with Chinese characters, "" if there is none."""
    if not shutil.which("fc-match"):
        return ""
    asked = ["fc-match", "-f", "%{file}", "Noto Sans CJK SC:lang=zh-cn"]
    path = subprocess.run(asked, capture_output=True, text=True, timeout=30).stdout
    return path if "CJK" in path else ""


def jsonl(records: Iterable[object]) -> bytes:
    return "\n".join(json.dumps(record) for record in records).encode()


def unpacked(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return out.getvalue()


def _bytes(write: object) -> bytes:
    out = io.BytesIO()
    write(out)  # type: ignore[operator]
    return out.getvalue()
