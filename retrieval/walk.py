"""Finds the files that a user means by paths: files as named, folders with all that can be read."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from retrieval.errors import UserError
from retrieval.readers.text import looks_like_text

READABLE = frozenset((".txt", ".md", ".markdown", ".html", ".htm", ".xhtml", ".pdf"))
"""Endings always taken from a folder; other files there are taken if they begin like text."""

DRAWN = frozenset((".svg", ".css", ".map", ".lock"))
"""Endings of text that nobody reads: left out of a folder, taken when named."""


def files(paths: Iterable[str | Path]) -> list[Path]:
    """Return absolute paths of files: folders walked in sorted order, hidden entries left out.

    A file that is named twice comes once. Raises `UserError` for a path that does not exist and
    for a folder with nothing to read in it.
    """
    found: dict[Path, None] = {}
    for given in paths:
        path = Path(given).expanduser()
        if not path.exists():
            raise UserError(f"there is no file or folder {str(given)!r}", cure="check the path")
        inside = list(_walk(path)) if path.is_dir() else [path]
        if not inside:
            raise UserError(
                f"the folder {str(given)!r} holds no readable file",
                cure="name a folder with txt, md, html or pdf files, or the files themselves",
            )
        found.update(dict.fromkeys(file.resolve() for file in inside))
    return list(found)


def _walk(folder: Path) -> Iterator[Path]:
    """Yield the files below `folder`; links to folders are not followed, so no walk is endless."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_dir():
            if not path.is_symlink():
                yield from _walk(path)
        elif path.is_file() and _readable(path):
            yield path


def _readable(path: Path) -> bool:
    if path.suffix.lower() in READABLE:
        return True
    if path.suffix.lower() in DRAWN:
        return False
    try:
        with path.open("rb") as file:
            return looks_like_text(file.read(4096))
    except OSError:
        return False
