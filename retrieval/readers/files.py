"""Reads a file as a document, by its ending and by what its bytes show."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from retrieval.documents import Document
from retrieval.errors import UserError
from retrieval.readers import html, markdown, pdf, text

_ENDINGS: dict[str, Callable[[bytes, str, str, str], Document]] = {
    ".md": markdown.read,
    ".markdown": markdown.read,
    ".html": html.read,
    ".htm": html.read,
    ".xhtml": html.read,
    ".pdf": pdf.read,
}


def load(path: Path) -> bytes:
    """Return the bytes of a file; `UserError` if it is missing, a folder, or closed to us."""
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise UserError(f"there is no file {str(path)!r}", cure="check the path") from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UserError(f"{str(path)!r} cannot be read: {reason}", cure="check the file") from error


def parse(data: bytes, path: Path, collection: str = "default") -> Document:
    """Read the bytes of a file: a PDF's and an HTML page's by what they begin with, too."""
    source = str(path)
    if not data.strip():
        raise _empty(source)
    reader = _by_content(data) or _ENDINGS.get(path.suffix.lower(), text.read)
    document = reader(data, source, path.stem, collection)
    if not document.text.strip():
        raise _empty(source)
    title = " ".join(document.title.split())[:200]
    return replace(document, title=title or path.stem)


def _by_content(data: bytes) -> Callable[[bytes, str, str, str], Document] | None:
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith(b"%pdf-"):
        return pdf.read
    if head.startswith((b"<!doctype html", b"<html")):
        return html.read
    return None


def _empty(source: str) -> UserError:
    return UserError(f"{source!r} holds no text", cure="leave it out, or add a file with text")
