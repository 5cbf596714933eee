"""Opens files that are zip archives within, and refuses those that would swell when unpacked."""

import io
from zipfile import ZipFile

from retrieval.errors import UserError
from retrieval.readers.broken import sound

MEMBERS = 20_000
DECODED = 1 << 30
"""Bytes that the members of an archive come to at most, unpacked."""

RATIO, HARMLESS = 150, 64 << 20
"""An archive that grows by more than `RATIO` is a bomb, unless it stays below `HARMLESS` bytes."""

ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""What the old Office formats begin with, and the new ones when a password locks them."""

_LOCKED = 0x1
_INSIDE = {
    "word/document.xml": ".docx",
    "ppt/presentation.xml": ".pptx",
    "xl/workbook.xml": ".xlsx",
    "META-INF/container.xml": ".epub",
}


def opened(data: bytes, source: str, kind: str) -> ZipFile:
    """Return an archive whose members may be unpacked; sizes are those that unpacking enforces.

    Raises `UserError` for a file that is broken, locked by a password, or a bomb.
    """
    if data.startswith(OLE):
        raise old_office(source)
    with sound(source, kind):
        archive = ZipFile(io.BytesIO(data))
        members = archive.infolist()
    size = sum(member.file_size for member in members)
    bomb = size > HARMLESS and size > RATIO * len(data)
    if len(members) > MEMBERS or size > DECODED or bomb:
        raise UserError(
            f"{source!r} unpacks to {size:,} bytes in {len(members):,} parts, as no {kind} does",
            cure="leave it out, or save it anew with smaller pictures",
        )
    if any(member.flag_bits & _LOCKED for member in members):
        raise locked(source)
    return archive


def inside(data: bytes, source: str) -> str:
    """Return the ending that fits what is in an archive; `UserError` if no reader takes it."""
    with sound(source, "archive"):
        names = set(ZipFile(io.BytesIO(data)).namelist())
    ending = next((ending for name, ending in _INSIDE.items() if name in names), "")
    if not ending and "META-INF/manifest.xml" in names and "content.xml" in names:
        raise UserError(
            f"{source!r} is an OpenDocument file", cure="save it as .docx, .xlsx or .pptx"
        )
    if not ending:
        raise UserError(f"{source!r} is an archive", cure="unpack it and add the folder")
    return ending


def locked(source: str) -> UserError:
    """Return the error for a file that a password locks."""
    return UserError(
        f"{source!r} is locked by a password",
        cure="save a copy without the password and add that",
    )


def old_office(source: str) -> UserError:
    """Return the error for a file that no reader here opens, but every office program does."""
    return UserError(
        f"{source!r} is in an old Office format (.doc, .xls, .ppt) or locked by a password",
        cure="save it as .docx, .xlsx or .pptx without a password and add that",
    )
