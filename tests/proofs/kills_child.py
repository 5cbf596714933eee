"""What a child does until it is killed: adds, changes, moves, removes, cuts anew, and says so."""

import json
import os
import random
from pathlib import Path
from typing import Any

from proof_library import Making, opened, shelved
from proof_texts import LEAST, Folder

from retrieval.documents import content_id
from retrieval.library import Library

MAKINGS = (Making(), Making(size=400), Making(dimension=32))


class Log:
    """What was said stands in a file: the kernel keeps it when its writer is killed."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def say(self, *parts: Any) -> None:
        os.write(self._file, (json.dumps(parts) + "\n").encode())


def work(home: str, log: str, seed: int, dimension: int, size: int) -> None:
    """Work on the library of a home without end."""
    chance, told = random.Random(seed), Log(Path(log))
    folder = Folder(Path(home) / "files", chance)
    with shelved(Path(home)) as shelf:
        making = Making(dimension, size)
        library = opened(shelf, Path(home), making)
        told.say("open")
        while True:
            what = chance.choices(("sync", "remove", "reindex", "tag"), (6, 3, 2, 1))[0]
            if what == "sync":
                sync(library, folder, chance, told)
            elif what == "remove" and len(folder.paths()) > LEAST:
                remove(library, folder, chance, told)
            elif what == "tag":
                library.tag(str(folder.root), "default", [f"t{chance.randrange(3)}"])
                told.say("tagged")
            elif what == "reindex":
                making = chance.choice([one for one in MAKINGS if one != making])
                library = opened(shelf, Path(home), making)
                reindex(library, making, told)


def sync(library: Library, folder: Folder, chance: random.Random, told: Log) -> None:
    for _ in range(chance.randint(1, 6)):
        folder.change()
    for step in library.add([folder.root]):
        match step.kind:
            case "added" | "changed" | "unchanged" | "duplicate":
                text = Path(step.path).read_text("utf-8")
                told.say("holds", step.path, content_id("default", text))
            case "moved":
                text = Path(step.path).read_text("utf-8")
                told.say("moved", step.path, content_id("default", text), step.before)
            case "removed":
                told.say("holds", step.path, None)
            case "indexed":
                told.say("indexed")
            case kind:
                raise AssertionError(kind)


def remove(library: Library, folder: Folder, chance: random.Random, told: Log) -> None:
    path = chance.choice(folder.paths())
    path.unlink()
    library.remove(str(path))
    told.say("holds", str(path), None)


def reindex(library: Library, making: Making, told: Log) -> None:
    told.say("making", making.dimension, making.size)
    for step in library.reindex():
        told.say("made", step.kind)
    told.say("reindexed")
