"""Which program this is: a hash over the source files that are on disk, and the environment."""

import hashlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_FLOORS = ("agents", "app", "plugins", "retrieval")


def program_version(root: Path = ROOT) -> str:
    """Return 16 hex digits that change with every upgrade, downgrade or edit of the program.

    Only names, sizes and times of the files are read, so that it takes about a millisecond.
    """
    digest = hashlib.sha256(f"{sys.prefix}\0{sys.version}".encode())
    for floor in _FLOORS:
        for line in sorted(_files(str(root / floor))):
            digest.update(line.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()[:16]


def _files(folder: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                if entry.name != "__pycache__":
                    yield from _files(entry.path)
            elif entry.name.endswith((".py", ".md", ".json")):
                found = entry.stat()
                yield f"{entry.path}\0{found.st_size}\0{found.st_mtime_ns}\n"
