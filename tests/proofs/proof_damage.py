"""Damage to search files, by chance: what disks, copies and hands do to them."""

import random
import shutil
from collections.abc import Callable
from pathlib import Path

Damage = Callable[[Path, random.Random], set[Path]]
"""Damages one or more files below a folder, and returns those whose bytes are not as they were."""


def files(folder: Path) -> list[Path]:
    """Return the files that hold something: locks are left out."""
    every = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return [path for path in every if path.suffix != ".lock"]


def some(folder: Path, chance: random.Random) -> Path:
    """Choose a file, small ones as often as large ones; now and then by size."""
    found = files(folder)
    weights = [path.stat().st_size + 1 for path in found] if chance.random() < 0.3 else None
    return chance.choices(found, weights)[0]


def rewrite(path: Path, data: bytes) -> set[Path]:
    """Put a new file in place of one that may be mapped into memory, or linked elsewhere."""
    before = path.read_bytes() if path.exists() else None
    path.unlink(missing_ok=True)
    path.write_bytes(data)
    return set() if data == before else {path}


def flip(folder: Path, chance: random.Random) -> set[Path]:
    return flip_in(some(folder, chance), chance)


def flip_in(path: Path, chance: random.Random) -> set[Path]:
    data = bytearray(path.read_bytes())
    if not data:
        return set()
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return rewrite(path, bytes(data))


def cut(folder: Path, chance: random.Random) -> set[Path]:
    path = some(folder, chance)
    data = path.read_bytes()
    return rewrite(path, data[: chance.randrange(len(data) + 1)])


def blank(folder: Path, chance: random.Random) -> set[Path]:
    """A block that never reached the disk reads as zeros."""
    path = some(folder, chance)
    data = bytearray(path.read_bytes())
    at = chance.randrange(len(data) + 1) & ~511
    data[at : at + 512] = bytes(len(data[at : at + 512]))
    return rewrite(path, bytes(data))


def grow(folder: Path, chance: random.Random) -> set[Path]:
    path = some(folder, chance)
    return rewrite(path, path.read_bytes() + chance.randbytes(chance.randint(1, 600)))


def remove(folder: Path, chance: random.Random) -> set[Path]:
    path = some(folder, chance)
    path.unlink()
    return {path}


def swap(folder: Path, chance: random.Random) -> set[Path]:
    first, second = chance.sample(files(folder), 2)
    data = first.read_bytes()
    return rewrite(first, second.read_bytes()) | rewrite(second, data)


def double(folder: Path, chance: random.Random) -> set[Path]:
    """A file of the same kind in place of another."""
    first = some(folder, chance)
    same = [path for path in files(folder) if path.suffix == first.suffix]
    return rewrite(first, chance.choice(same).read_bytes())


def stray(folder: Path, chance: random.Random) -> set[Path]:
    """A file too many."""
    path = some(folder / "generations", chance)
    return rewrite(path.with_name(f"stray{path.suffix}"), path.read_bytes())


def remove_folder(folder: Path, chance: random.Random) -> set[Path]:
    found = [path for path in sorted(folder.rglob("*")) if path.is_dir()]
    gone = chance.choice([folder, *found])
    inside = set(files(gone))
    shutil.rmtree(gone)
    return inside


DAMAGES: dict[str, tuple[int, Damage]] = {
    "bit flipped": (10, flip),
    "cut short": (6, cut),
    "block of zeros": (3, blank),
    "grown": (2, grow),
    "file removed": (2, remove),
    "two files swapped": (2, swap),
    "file doubled": (2, double),
    "file too many": (1, stray),
    "folder removed": (1, remove_folder),
}


def damage(folder: Path, chance: random.Random) -> tuple[str, set[Path]]:
    """Do some damage; return its name and what was damaged."""
    kinds, weights = list(DAMAGES), [weight for weight, _ in DAMAGES.values()]
    kind = chance.choices(kinds, weights)[0]
    return kind, DAMAGES[kind][1](folder, chance)
