"""`vouch library export`: every document with its text and passages, as JSON lines."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from retrieval.durable import sync
from retrieval.errors import UserError
from ui.escape import inert
from ui.following import follow
from ui.house_port import Item, Visit, given
from ui.lines import counted, line


def export(visit: Visit, name: str) -> int:
    """Write the library, or one collection of it, to a file or to stdout ("-")."""
    if name == "-":
        return 130 if _told(visit, visit.screen.piece)[1] else 0
    path = Path(name).expanduser().absolute()
    free = visit.arguments.force
    with _beside(path, free) as file:
        count, stopped = _told(visit, file.write)
        if not stopped:
            _put(file, path, free)
    if stopped:
        visit.screen.step(line("vouch: stopped; nothing was written"))
        return 130
    visit.screen.step(line(f"wrote {counted(count, 'document')} to {path}"))
    return 0


def _told(visit: Visit, write: Callable[[str], object]) -> tuple[int, bool]:
    """Write every document that comes; return how many, and whether the user stopped it."""
    house, count = visit.house(), 0
    stream = house.call("library.export", given(collection=visit.arguments.collection))

    def see(item: Item) -> None:
        nonlocal count
        if "piece" in item:
            write(inert(str(item["piece"])))
            count += str(item["piece"]).count("\n")
            if visit.screen.live:
                visit.screen.status(line((counted(count, "document"), "dim")), "document")

    try:
        stopped = follow(house, stream, see, visit.screen)
    except OSError:
        # Nobody reads on, or the disk is full: the engine need not go on either.
        house.stop(stream.job)
        raise
    return count, stopped


@contextmanager
def _beside(path: Path, free: bool) -> Iterator[IO[str]]:
    """Open a file in the same folder, which is gone at the end if it was not put in its place."""
    if path.exists() and not free:
        raise _stands(path)
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", prefix=f".{path.name}-", dir=path.parent, delete=False
        ) as file:
            try:
                yield file
            finally:
                with suppress(FileNotFoundError):
                    Path(file.name).unlink()
    except OSError as fault:
        why = fault.strerror or fault
        raise UserError(
            f"cannot write {path}: {why}", cure="free some space, or name another file"
        ) from fault


def _put(file: IO[str], path: Path, free: bool) -> None:
    """Bring the file to the disk, then to its name."""
    file.flush()
    os.fsync(file.fileno())
    if path.exists() and not free:
        raise _stands(path)
    Path(file.name).replace(path)
    sync(path.parent)


def _stands(path: Path) -> UserError:
    return UserError(f"{path} stands already", cure="add --force to write over it")
