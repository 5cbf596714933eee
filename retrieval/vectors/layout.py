"""What lies in a store's folder: vectors and keys in parts, deleted editions, and their list."""

import json
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np

from retrieval.keys import Editions

FORMAT: Final = 1
PAGE: Final = "store.json"
DROPPED: Final = "dropped.i64"


@dataclass(frozen=True, slots=True)
class Lists:
    """How a part's vectors are grouped for approximate search, and how well that finds them.

    `recall` is the share of the true ten nearest that are found, over `sampled` of the part's own
    vectors, each of which was looked for among all others.
    """

    count: int
    probed: int
    recall: float
    sampled: int


@dataclass(frozen=True, slots=True)
class Part:
    """Vectors that were written together, in NAME.f32, NAME.i64 and, if grouped, NAME.ivf."""

    name: str
    rows: int
    lists: Lists | None = None

    @property
    def files(self) -> tuple[str, ...]:
        endings = ("f32", "i64") if self.lists is None else ("f32", "i64", "ivf")
        return tuple(f"{self.name}.{ending}" for ending in endings)


@dataclass(frozen=True, slots=True)
class Layout:
    """The parts in the order of writing; `dropped` counts the deleted editions among them."""

    dimension: int
    parts: tuple[Part, ...] = ()
    dropped: int = 0

    @property
    def rows(self) -> int:
        """How many vectors are written, the deleted ones too."""
        return sum(part.rows for part in self.parts)

    def save(self, folder: Path) -> None:
        """Write the page."""
        page = {"format": FORMAT, **asdict(self)}
        (folder / PAGE).write_text(json.dumps(page, indent=1), encoding="utf-8")


def read(folder: Path) -> Layout:
    """Read the page; raises `ValueError` when it is not one of ours, `OSError` when it is gone."""
    page = json.loads((folder / PAGE).read_text(encoding="utf-8"))
    try:
        if page["format"] != FORMAT:
            raise ValueError(f"format {page['format']!r} of {PAGE}")
        parts = tuple(_part(**part) for part in page["parts"])
        return Layout(page["dimension"], parts, page["dropped"])
    except (TypeError, KeyError) as error:
        raise ValueError(f"{PAGE} is no page of a store: {error!r}") from error


def _part(name: str, rows: int, lists: dict[str, float] | None) -> Part:
    if lists is None:
        return Part(name, rows)
    count, probed, sampled = (int(lists[key]) for key in ("count", "probed", "sampled"))
    return Part(name, rows, Lists(count, probed, float(lists["recall"]), sampled))


def dropped(folder: Path, layout: Layout) -> Editions:
    """Read the deleted editions, in rising order."""
    return numbers(folder / DROPPED, layout.dropped) if layout.dropped else np.empty(0, np.int64)


def numbers(path: Path, count: int) -> Editions:
    """Read `count` 64-bit numbers; raises `ValueError` when the file holds more or fewer."""
    found = np.fromfile(path, "<i8")
    if len(found) != count:
        raise ValueError(f"{path.name} holds {len(found)} numbers, not {count}")
    return found.astype(np.int64, copy=False)


def link(before: Path, folder: Path, part: Part) -> None:
    """Let a part's files stand in a second folder too, as the same files where the disk can."""
    for name in part.files:
        try:
            os.link(before / name, folder / name)
        except OSError:
            # Some disks know no hard links.
            shutil.copyfile(before / name, folder / name)
