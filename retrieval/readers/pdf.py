"""Reads PDF: the text of its pages in order, with a mark where each page begins."""

import io
import logging
import re
import struct
import zlib
from typing import TYPE_CHECKING

from retrieval.documents import Document, Mark
from retrieval.errors import UserError

if TYPE_CHECKING:
    from pypdf import PdfReader

_HYPHEN = re.compile(r"(?<=[a-z])-\n(?=[a-z])")
_BLANK = re.compile(r"[^\S\n]+\n")
_UNUSED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]|[\ud800-\udfff]")

_BREAKAGE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)


def read(data: bytes, source: str, title: str, collection: str) -> Document:
    """Read a PDF; its title is that of its metadata, else `title`.

    Raises `UserError` for a file that is broken, locked by a password, or without a text layer.
    """
    name, pages = _sound_pages(data, source)
    if not any(page.strip() for page in pages):
        raise UserError(
            f"{source!r} has no text layer, only pictures of pages",
            cure="run it through OCR first, for example `ocrmypdf in.pdf out.pdf`",
        )
    text, marks = _join(pages)
    return Document(source, name or title, text, "application/pdf", collection, marks)


def _sound_pages(data: bytes, source: str) -> tuple[str, list[str]]:
    from pypdf.errors import DependencyError, PyPdfError

    try:
        return _pages(data, source)
    except DependencyError as error:
        raise _locked(source) from error
    # A broken file makes pypdf raise these too, besides its own.
    except (PyPdfError, *_BREAKAGE) as error:
        reason = f"{type(error).__name__}: {error}".splitlines()[0][:120]
        raise UserError(
            f"{source!r} is a broken PDF ({reason})", cure="open it in a viewer and save it again"
        ) from error


def _pages(data: bytes, source: str) -> tuple[str, list[str]]:
    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.ERROR)
    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted and not reader.decrypt(""):
        raise _locked(source)
    return _title(reader), [_tidy(page.extract_text()) for page in reader.pages]


def _locked(source: str) -> UserError:
    return UserError(
        f"{source!r} is locked by a password",
        cure="save a copy without the password and add that",
    )


def _title(reader: "PdfReader") -> str:
    """Return the title of the metadata, unless it is a file name left there by a word processor."""
    name = str((reader.metadata.title if reader.metadata else None) or "")
    name = " ".join(_UNUSED.sub("", name).split())
    return "" if re.search(r"\.\w{2,4}$|^untitled", name, re.IGNORECASE) else name


def _tidy(page: str) -> str:
    """Drop control characters and trailing blanks, and join words parted at the end of a line."""
    text = _UNUSED.sub("", page.replace("\r\n", "\n").replace("\r", "\n"))
    return _HYPHEN.sub("", _BLANK.sub("\n", text)).strip()


def _join(pages: list[str]) -> tuple[str, tuple[Mark, ...]]:
    parts, marks, at = [], [], 0
    for number, page in enumerate(pages, start=1):
        marks.append(Mark(at, page=number))
        part = page + "\n\n" if number < len(pages) else page
        parts.append(part)
        at += len(part)
    return "".join(parts), tuple(marks)
