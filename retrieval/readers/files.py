"""Reads a file as a document, by its ending and by what its bytes show."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from retrieval.documents import Document
from retrieval.errors import UserError
from retrieval.readers import (
    archive,
    book,
    delimited,
    html,
    mail,
    markdown,
    notebook,
    ocr,
    pdf,
    records,
    sheets,
    slides,
    text,
    word,
)

LARGEST = 512 << 20
"""Bytes of a file at most."""

Reader = Callable[[bytes, str, str, str], Document]

_ENDINGS: dict[str, Reader] = {
    ".md": markdown.read,
    ".markdown": markdown.read,
    ".html": html.read,
    ".htm": html.read,
    ".xhtml": html.read,
    ".pdf": pdf.read,
    ".docx": word.read,
    ".pptx": slides.read,
    ".pptm": slides.read,
    ".xlsx": sheets.read,
    ".xlsm": sheets.read,
    ".csv": delimited.read,
    ".tsv": delimited.read,
    ".epub": book.read,
    ".eml": mail.read,
    ".ipynb": notebook.read,
    ".json": records.read,
    ".jsonl": records.read,
    ".ndjson": records.read,
    **dict.fromkeys(ocr.ENDINGS, ocr.read),
}

READABLE = frozenset((".txt", *_ENDINGS)) - ocr.ENDINGS
"""Endings of files that are read whatever else this machine has."""

_PACKED = (word.read, slides.read, sheets.read, book.read)


def load(path: Path) -> bytes:
    """Return the bytes of a file.

    Raises `UserError` if it is missing, a folder, closed to us, or larger than `LARGEST`.
    """
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            data = file.read(LARGEST + 1) if size <= LARGEST else b""
    except FileNotFoundError as error:
        raise UserError(f"there is no file {str(path)!r}", cure="check the path") from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UserError(f"{str(path)!r} cannot be read: {reason}", cure="check the file") from error
    if max(size, len(data)) > LARGEST:
        raise UserError(
            f"{str(path)!r} has more than {LARGEST >> 20} MiB", cure="split it into smaller files"
        )
    return data


def parse(data: bytes, path: Path, collection: str = "default") -> Document:
    """Read the bytes of a file; what they begin with counts for more than the file's ending."""
    source = str(path)
    if not data.strip():
        raise _empty(source)
    document = _reader(data, path)(data, source, path.stem, collection)
    if not document.text.strip():
        raise _empty(source)
    title = " ".join(text.clean(document.title).split())[:200]
    return replace(document, title=title or text.clean(path.stem))


def plain(data: bytes, path: Path) -> bool:
    """Whether a file is read by code of ours alone, in time that grows with its length."""
    if data.startswith((archive.ZIP, archive.OLE)) or _by_content(data):
        return False
    return _ENDINGS.get(path.suffix.lower(), text.read) in (text.read, markdown.read)


def bounded(document: Document, most: int) -> Document:
    """Return a document; `UserError` if its text has more than `most` characters."""
    if len(document.text) > most:
        raise UserError(
            f"{document.source!r} holds more than {most:,} characters",
            cure="split it into smaller files",
        )
    return document


def _reader(data: bytes, path: Path) -> Reader:
    if data.startswith(archive.OLE):
        raise archive.old_office(str(path))
    by_ending = _ENDINGS.get(path.suffix.lower(), text.read)
    if data.startswith(archive.ZIP) and by_ending not in _PACKED:
        return _ENDINGS[archive.inside(data, str(path))]
    return _by_content(data) or by_ending


def _by_content(data: bytes) -> Reader | None:
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith(b"%pdf-"):
        return pdf.read
    if head.startswith((b"<!doctype html", b"<html")):
        return html.read
    return None


def _empty(source: str) -> UserError:
    return UserError(f"{source!r} holds no text", cure="leave it out, or add a file with text")
