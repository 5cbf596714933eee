"""Keeps what a person uploads: whole files, below one folder, under names that play no tricks."""

import os
import re
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from retrieval.durable import sync
from retrieval.errors import UserError
from ui.escape import one_line

FOLDER = "uploads"
NAME_BYTES = 180
"""Bytes of a kept name at most; file systems stop at 255, and a number may be put behind it."""

_FORBIDDEN = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]')
_DEVICE = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")


def uploads(home: Path) -> Path:
    """Return the folder of uploads of a home."""
    return home.absolute() / FOLDER


def safe_name(name: str) -> str:
    """Return the last part of a name, without what a path, a shell or a screen would obey.

    What is left never is empty, hidden, "." or "..", nor the name of a device.
    """
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
    plain = _FORBIDDEN.sub("_", one_line(last)).strip(" .")
    if not plain or _DEVICE.match(plain):
        plain = f"file_{plain}" if plain else "file"
    return _shortened(plain)


def keep(home: Path, name: str, data: bytes) -> Path:
    """Write an uploaded file below the home's uploads and return its path.

    The file is whole on the disk before this returns. Equal bytes under an equal name are kept
    once; other bytes never replace a file: they get "name (2)". `UserError` for a full disk.
    """
    folder = uploads(home)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if folder.is_symlink():
            raise UserError(f"{folder} is a link", cure="make it a folder of its own")
        return _kept(folder, safe_name(name), data)
    except OSError as fault:
        raise UserError(
            f"the file {safe_name(name)} could not be kept: {fault.strerror or fault}",
            origin=str(folder),
            cure="free some space, or check who may write there",
        ) from fault


def forget(home: Path, path: Path) -> bool:
    """Delete an uploaded file; False for any path that is not one, which is left as it is."""
    folder = uploads(home)
    if path.parent != folder or path.name.startswith(".") or not path.name:
        return False
    if folder.is_symlink() or not (path.is_file() or path.is_symlink()):
        return False
    path.unlink()
    return True


def _kept(folder: Path, name: str, data: bytes) -> Path:
    with tempfile.NamedTemporaryFile(prefix=".upload-", dir=folder) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
        return _named(Path(file.name), folder, name, data)


def _named(written: Path, folder: Path, name: str, data: bytes) -> Path:
    """Give the written file the first name that is free, or find the one that holds the same."""
    for path in _names(folder, name):
        with suppress(FileExistsError):
            # A link, unlike a rename, never takes the place of a file that stands.
            os.link(written, path)
            sync(folder)
            return path
        if _holds(path, data):
            return path
    raise UserError(f"too many files are called {name}", cure="give it another name")


def _names(folder: Path, name: str) -> Iterator[Path]:
    stem, dot, suffix = name.rpartition(".")
    stem, ending = (stem, dot + suffix) if stem else (name, "")
    yield folder / name
    for number in range(2, 1000):
        yield folder / f"{stem} ({number}){ending}"


def _holds(path: Path, data: bytes) -> bool:
    """True for a plain file of just these bytes; links are not followed."""
    if path.is_symlink() or not path.is_file() or path.stat().st_size != len(data):
        return False
    return path.read_bytes() == data


def _shortened(name: str) -> str:
    """Cut the middle of a long name, so that what kind of file it is still shows."""
    if len(name.encode()) <= NAME_BYTES:
        return name
    stem, dot, suffix = name.rpartition(".")
    ending = dot + suffix if stem and len(suffix.encode()) <= 16 else ""
    stem = stem if ending else name
    room = NAME_BYTES - len(ending.encode())
    return stem.encode()[:room].decode("utf-8", "ignore").rstrip(" .") + ending
