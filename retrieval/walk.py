"""Finds the files that a user means by paths: files as named, folders with all that can be read."""

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from retrieval.errors import UserError
from retrieval.readers import ocr
from retrieval.readers.files import READABLE
from retrieval.readers.text import looks_like_text

DRAWN = frozenset((".svg", ".css", ".map", ".lock"))
"""Endings of text that nobody reads: left out of a folder, taken when named."""

_LEFT_OUT = (".", "~$")
"""How names of hidden files begin, and of those by which Office holds a document open."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as it was found: its absolute path, links resolved, its bytes and its last change."""

    path: Path
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Survey:
    """What stands under some paths.

    `unreadable` are folders that could not be listed and files that could not be looked at, and
    `astray` links to nothing: what is in or behind them is not gone. `pictures` would be read if
    OCR were here; they are left out, and not gone either. `outward` are links to files that lie
    under none of the paths: nobody named those, so they are not opened.
    """

    files: tuple[Seen, ...]
    unreadable: tuple[Path, ...] = ()
    astray: tuple[Path, ...] = ()
    pictures: tuple[Path, ...] = ()
    outward: tuple[Path, ...] = ()


def files(paths: Iterable[str | Path]) -> list[Path]:
    """Return absolute paths of files: folders walked in sorted order, hidden entries left out.

    A file that is named twice comes once. Raises `UserError` for a path that does not exist and
    for a folder with nothing to read in it.
    """
    return [seen.path for seen in survey(paths).files]


def survey(
    paths: Iterable[str | Path], *, pictures: bool | None = None, besides: Path | None = None
) -> Survey:
    """Return the files as `files` does, with size and time, and what could not be looked into.

    Only files whose ending says nothing are opened, to see whether they begin like text. Pictures
    are taken from folders if `pictures`; None: if there is OCR to read them. The folder `besides`
    is left out where it lies in another one.
    """
    found = _Found(
        ocr.missing() == "" if pictures is None else pictures,
        besides.resolve() if besides else None,
    )
    looked = [(given, *_looked_at(given)) for given in paths]
    found.roots = tuple(path for _, path, _ in looked)
    for given, path, state in looked:
        if not stat.S_ISDIR(state.st_mode):
            found.file(path, state)
        elif not found.below(path):
            raise UserError(
                f"the folder {str(given)!r} holds no readable file",
                cure="name a folder with documents, or the files themselves",
            )
    return Survey(
        tuple(found.files.values()),
        tuple(found.unreadable),
        tuple(found.astray),
        tuple(found.pictures),
        tuple(found.outward),
    )


def _looked_at(given: str | Path) -> tuple[Path, os.stat_result]:
    try:
        path = Path(given).expanduser().resolve()
        state = path.stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        what = f"there is no file or folder {str(given)!r}"
        raise UserError(what, cure="check the path") from error
    except (OSError, RuntimeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        what = f"{str(given)!r} cannot be looked at: {reason}"
        raise UserError(what, cure="check the path") from error
    if not (stat.S_ISDIR(state.st_mode) or stat.S_ISREG(state.st_mode)):
        # To open a pipe waits for whoever writes into it.
        raise UserError(
            f"{str(given)!r} is neither a file nor a folder", cure="save it as a file first"
        )
    return path, state


def vanished(path: str) -> bool:
    """Say whether nothing is there; what merely cannot be looked at is not gone."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


@dataclass(slots=True)
class _Found:
    """What a walk has met so far, each once, in the order of the walk."""

    with_pictures: bool
    besides: Path | None = None
    files: dict[Path, Seen] = field(default_factory=dict)
    unreadable: dict[Path, None] = field(default_factory=dict)
    astray: dict[Path, None] = field(default_factory=dict)
    pictures: dict[Path, None] = field(default_factory=dict)
    outward: dict[Path, None] = field(default_factory=dict)
    roots: tuple[Path, ...] = ()

    def file(self, path: Path, state: os.stat_result) -> None:
        self.files[path] = Seen(path, state.st_size, state.st_mtime_ns)

    def below(self, folder: Path) -> int:
        """Take in the files below a folder; return how many could be read, seen before or not."""
        count = 0
        # Links to folders are not followed, so no walk is endless; a stack of our own is as deep
        # as it must be.
        stack = [self._listed(folder)]
        while stack:
            entry = next(stack[-1], None)
            if entry is None:
                stack.pop()
            elif entry.is_dir(follow_symlinks=False):
                if Path(entry.path) != self.besides:
                    stack.append(self._listed(Path(entry.path)))
            else:
                count += self._entry(entry)
        return count

    def _listed(self, folder: Path) -> Iterator["os.DirEntry[str]"]:
        try:
            with os.scandir(folder) as entries:
                listed = [entry for entry in entries if not entry.name.startswith(_LEFT_OUT)]
        except OSError:
            self.unreadable[folder] = None
            return iter(())
        return iter(sorted(listed, key=lambda entry: entry.name))

    def _entry(self, entry: "os.DirEntry[str]") -> bool:
        """Take in a file if it can be read; what cannot be looked at is noted."""
        path = Path(entry.path)
        try:
            if entry.is_symlink():
                path = path.resolve()
            if not entry.is_file():
                if entry.is_symlink() and not path.exists():
                    self.astray[path] = None
                return False
            if entry.is_symlink() and not any(path.is_relative_to(root) for root in self.roots):
                self.outward[Path(entry.path)] = None
                return False
            if not self._taken(entry.name, path):
                return False
            self.file(path, entry.stat())
        except RuntimeError:
            # A link in a circle.
            self.astray[path] = None
            return False
        except OSError:
            # A file that is gone by now was deleted.
            if not vanished(entry.path):
                self.unreadable[path] = None
            return False
        return True

    def _taken(self, name: str, path: Path) -> bool:
        ending = os.path.splitext(name)[1].lower()  # noqa: PTH122
        if ending in ocr.ENDINGS and not self.with_pictures:
            self.pictures[path] = None
            return False
        if ending in READABLE or ending in ocr.ENDINGS:
            return True
        if ending in DRAWN:
            return False
        with path.open("rb") as file:
            return looks_like_text(file.read(4096))
