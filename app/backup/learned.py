"""What was learned, in a backup: candidates with their cards and weights, and which are in use.

The weights of a candidate are in their place before its card, and all cards before the list of
releases. So a restore that is cut off leaves no card without its weights, and nothing in use that
is not there; the same restore, done again, puts the rest in its place.
"""

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app.backup.archive import LEARNED, Manifest, safe
from app.learning import checkpoint
from app.learning.candidates import CARD, LOCK, RELEASED, Candidates
from retrieval.durable import sync
from retrieval.errors import UserError

STAGED = "learned"
"""Where a backup that is being made keeps what could change meanwhile, in its stage."""

MOVING = "moving"
"""The file in the stage of a restore that says that what was learned is being moved out of it."""


@dataclass(frozen=True, slots=True)
class Held:
    """The files of all candidates by member name, and the names of folders that hold none: those
    of trainings that have not ended."""

    files: dict[str, Path]
    unfinished: tuple[str, ...]


def held(home: Path, stage: Path) -> Held:
    """Return what there is to back up. Weights never change once their card is there; cards and the
    list of releases do, so these are copied to `stage`, as of one moment.

    `UserError`: another process goes on changing what is released.
    """
    root = home / LEARNED
    if not root.is_dir():
        return Held({}, ())
    with Candidates(root.parent).changing():
        named = [one for one in sorted(root.iterdir()) if one.is_dir()]
        whole = [one for one in named if (one / CARD).is_file() and safe(_member(one / CARD))]
        files = {_member(path): path for folder in whole for path in _files(folder)}
        files |= dict(_copied([*(one / CARD for one in whole), root / RELEASED], stage))
    return Held(files, tuple(one.name for one in named if one not in whole))


def _member(path: Path) -> str:
    inside = path.name if path.name == RELEASED else f"{path.parent.name}/{path.name}"
    return LEARNED + inside


def _files(folder: Path) -> Iterator[Path]:
    """The files of a candidate, without what its training kept on the way."""
    from app.learning.reward.reading import FILE as ANSWERS

    for path in sorted(folder.iterdir()):
        passing = path.name in (checkpoint.FILE, ANSWERS) or path.name.endswith(".new")
        if path.is_file() and not passing and safe(_member(path)):
            yield path


def _copied(paths: Iterable[Path], stage: Path) -> Iterator[tuple[str, Path]]:
    (stage / STAGED).mkdir()
    for at, path in enumerate(paths):
        if path.is_file():
            target = stage / STAGED / str(at)
            shutil.copyfile(path, target)
            yield _member(path), target


def check_free(home: Path, manifest: Manifest) -> None:
    """Raise `UserError` if the home holds anything learned that the backup could take the place of,
    but what a restore of this very backup put there before it was killed."""
    known = {one.name: one for one in manifest.members if one.name.startswith(LEARNED)}
    root = home / LEARNED
    for path in sorted(root.rglob("*")) if known else ():
        member = known.get(path.relative_to(home).as_posix())
        if not path.is_file() or path == root / LOCK:
            continue
        if member is None or (_size(path), _digest(path)) != (member.bytes, member.sha256):
            raise UserError(
                f"the home {home} is not empty, it holds {path}, which was learned there",
                cure="restore into another folder: vouch --home DIR restore FILE",
            )


def put(stage: Path, home: Path, manifest: Manifest) -> None:
    """Move what was unpacked in `stage` to its place in the home, what the rest needs first."""
    names = [one.name for one in manifest.members if one.name.startswith(LEARNED)]
    if not names:
        return
    root = home / LEARNED
    (stage / MOVING).touch()
    with Candidates(root.parent).changing():
        for place in (_weights, _cards, _releases):
            some = [name for name in names if place(name) and not (home / name).exists()]
            for name in some:
                (home / name).parent.mkdir(exist_ok=True)
                os.replace(stage / name, home / name)  # noqa: PTH105 - Path.replace is the same call
            for folder in {(home / name).parent for name in some} | {root, root.parent}:
                sync(folder)


def _weights(name: str) -> bool:
    return not (_cards(name) or _releases(name))


def _cards(name: str) -> bool:
    return name.endswith(f"/{CARD}")


def _releases(name: str) -> bool:
    return name == LEARNED + RELEASED


def take_back(stage: Path, home: Path, manifest: Manifest) -> None:
    """Remove what `put` moved and made, if the restore fails after it."""
    for member in manifest.members if (stage / MOVING).exists() else ():
        if member.name.startswith(LEARNED):
            if not (stage / member.name).exists():
                (home / member.name).unlink(missing_ok=True)
            with suppress(OSError):
                (home / member.name).parent.rmdir()


def _size(path: Path) -> int:
    return path.stat().st_size


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
