"""Opens a file that a person granted: an ordinary one, below a granted folder, links followed."""

import os
import stat
from collections.abc import Sequence
from pathlib import Path

LARGEST = 64 << 20
"""Bytes of a file that is opened."""


def found(file: str, folders: Sequence[Path]) -> Path:
    """Return the real place of `file`, given absolutely or from a granted folder.

    Raises ValueError where it is outside them, by a link too, or is not there.
    """
    if not folders:
        raise ValueError("no folder is granted, so no file can be read")
    if "\0" in file or not file.strip():
        raise ValueError(f"{file[:60]!r} is no name of a file")
    outside = ValueError(
        f"{file[:200]!r} is not in a granted folder; they are: {', '.join(map(str, folders))}"
    )
    missing = None
    for folder in folders:
        root = folder.resolve()
        try:
            place = (root / file).resolve(strict=True)
        except (OSError, RuntimeError) as error:
            # Only of what would lie inside may we tell that it is missing.
            if _inside((root / file).resolve(), root):
                missing = ValueError(f"there is no file {file[:200]!r}; {_there(root)}")
                missing.__cause__ = error
            continue
        if _inside(place, root):
            return place
    raise missing or outside


def content(place: Path) -> bytes:
    """Return the bytes of an ordinary file that `found` gave. Raises ValueError."""
    try:
        handle = os.open(place, os.O_RDONLY | os.O_NONBLOCK | getattr(os, "O_NOFOLLOW", 0))
    except OSError as error:
        raise ValueError(f"{place.name!r} cannot be read: {error.strerror}") from error
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode):
        os.close(handle)
        raise ValueError(f"{place.name!r} is no ordinary file")
    with os.fdopen(handle, "rb") as stream:
        data = stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise ValueError(f"{place.name!r} is larger than {LARGEST >> 20} MiB")
    # A folder on the way may have become a link since it was looked at.
    if place.resolve() != place or not os.path.samestat(status, place.stat()):
        raise ValueError(f"{place.name!r} was moved while it was opened; try again")
    return data


def _inside(place: Path, root: Path) -> bool:
    return place.is_relative_to(root) and place != root


def _there(root: Path) -> str:
    """Return the names of some tables in a folder, to choose from."""
    names: list[str] = []
    for path in sorted(root.rglob("*"))[:5000]:
        if path.suffix.lower() in (".csv", ".tsv", ".xlsx", ".sqlite", ".sqlite3", ".db"):
            names.append(str(path.relative_to(root)))
    more = ", ..." if len(names) > 20 else ""
    return f"there are: {', '.join(names[:20])}{more}" if names else "no table is there"
