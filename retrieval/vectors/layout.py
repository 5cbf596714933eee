"""What lies in the folder of a store of vectors, and the page that lists it."""

import json
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from retrieval.keys import Editions
from retrieval.vectors.exact import Vectors

FORMAT: Final = 1
PAGE: Final = "store.json"
DROPPED: Final = "dropped.i64"


@dataclass(frozen=True, slots=True)
class Lists:
    """How the vectors of a part are grouped for approximate search, and what that finds.

    `probed` of `count` lists are searched. `recall` is the share of the true ten nearest among
    what is found, for `sampled` queries made from the part's own vectors (`retrieval.vectors.ivf`).
    """

    count: int
    probed: int
    recall: float
    sampled: int


@dataclass(frozen=True, slots=True)
class Part:
    """Vectors that were written together, row by row; each of its files is written once.

    NAME.f32 holds the vectors, NAME.i64 their keys, NAME.ivf (if there are lists) the lists.
    """

    name: str
    rows: int
    lists: Lists | None = None

    @property
    def vectors(self) -> str:
        return f"{self.name}.f32"

    @property
    def keys(self) -> str:
        return f"{self.name}.i64"

    @property
    def grouped(self) -> str:
        return f"{self.name}.ivf"

    @property
    def files(self) -> tuple[str, ...]:
        both = (self.vectors, self.keys)
        return both if self.lists is None else (*both, self.grouped)


@dataclass(frozen=True, slots=True)
class Layout:
    """Parts in the order of writing; `dropped` is the number of deleted editions still in them."""

    dimension: int
    parts: tuple[Part, ...] = ()
    dropped: int = 0


def save(folder: Path, layout: Layout) -> None:
    """Write the page."""
    page = {"format": FORMAT, **asdict(layout)}
    (folder / PAGE).write_text(json.dumps(page, indent=1), encoding="utf-8")


def read(folder: Path) -> Layout:
    """Read the page; raises `ValueError` if it is none that we wrote, `OSError` if it is away."""
    page: Any = json.loads((folder / PAGE).read_text(encoding="utf-8"))
    try:
        if page["format"] != FORMAT:
            raise ValueError(f"{PAGE} has the format {page['format']!r}, not {FORMAT}")
        parts = tuple(_part(part) for part in page["parts"])
        return Layout(int(page["dimension"]), parts, int(page["dropped"]))
    except (TypeError, KeyError) as error:
        raise ValueError(f"{PAGE} does not say what it should: {error!r}") from error


def _part(told: dict[str, Any]) -> Part:
    name, rows, lists = told["name"], int(told["rows"]), told["lists"]
    if not str(name).isdigit() or rows < 1:
        raise ValueError(f"{PAGE} names a part {name!r} of {rows} rows")
    return Part(name, rows, None if lists is None else Lists(**lists))


def read_dropped(folder: Path, layout: Layout) -> Editions:
    """Read the deleted editions, in rising order."""
    return numbers(folder / DROPPED, layout.dropped) if layout.dropped else np.empty(0, np.int64)


def numbers(path: Path, count: int) -> Editions:
    """Read `count` 64-bit numbers; raises `ValueError` when the file holds more or fewer."""
    _sized(path, count * 8)
    return np.fromfile(path, "<i8").astype(np.int64, copy=False)


def mapped(path: Path, rows: int, dimension: int) -> Vectors:
    """Return the vectors of a file, shape (rows, dimension), which are read when looked at."""
    _sized(path, rows * dimension * 4)
    return np.asarray(np.memmap(path, "<f4", "r", shape=(rows, dimension)))


def _sized(path: Path, size: int) -> None:
    found = path.stat().st_size
    if found != size:
        raise ValueError(f"{path.name} has {found} bytes, not {size}")


def link(before: Path, folder: Path, part: Part) -> None:
    """Let the files of a part stand in a second folder too; they take no room there."""
    for name in part.files:
        try:
            os.link(before / name, folder / name)
        except OSError:
            # Some disks know no hard links.
            shutil.copyfile(before / name, folder / name)
