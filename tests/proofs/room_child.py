"""What a library does on a small file system, and on one that is not writable: it runs alone."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

from faults_child import digest
from proof_library import opened, shelved, sources, whole
from proof_texts import Folder

from retrieval.errors import UserError
from retrieval.library import Library

BALLAST = "ballast"
HOLDS = ("added", "changed", "duplicate", "unchanged", "moved")


def main(place: str, part: str, files: str, free: str) -> None:
    """Add files while so many bytes are free, then with room again, then read-only; tell all.

    What is small is the home, or the part of it that holds the search files.
    """
    home, told = Path(place), Told()
    mounted = str(home / part)
    mount("-t", "tmpfs", "-o", "size=8m", "none", mounted)
    folder = Folder(Path(files), random.Random(free))
    with shelved(home) as shelf:
        library = opened(shelf, home)
        told.added("begun", library, folder)
        for _ in range(6):
            folder.change()
        fill(home / part, int(free))
        told.added("full", library, folder)
        (home / part / BALLAST).unlink()
        told.added("room", library, folder)
        whole(library)
        close(mounted)
        folder.change()
        told.added("closed", library, folder)
    told.opened(home)
    print(json.dumps(told))


class Told(dict[str, list[Any]]):
    """By the name of a moment the sentence of a refusal, "" without one, what is found then, and
    which document each source has."""

    def added(self, name: str, library: Library, folder: Folder) -> None:
        """Add the folder; what was told on the way stands, whatever came of the call."""
        done, why = list[Any](), ""
        try:
            for step in library.add([folder.root]):
                done.append(step)
        except UserError as error:
            why = str(error)
        held = {source: document for document, some in sources(library).items() for source in some}
        assert all(one.path in held for one in done if one.kind in HOLDS)
        self[name] = [why, digest(library), held]

    def opened(self, home: Path) -> None:
        """Open the library anew."""
        try:
            with shelved(home) as shelf:
                self["opened"] = ["", digest(opened(shelf, home)), {}]
        except UserError as error:
            self["opened"] = [str(error), "", {}]


def mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


def close(folder: str) -> None:
    """Let nothing be written below a folder from now on, but for files that are open."""
    mount("--bind", folder, folder)
    mount("-o", "remount,bind,ro", folder)


def fill(folder: Path, free: int) -> None:
    """Leave so many bytes free."""
    with (folder / BALLAST).open("wb") as file:
        state = os.statvfs(folder)
        os.posix_fallocate(file.fileno(), 0, max(1, state.f_bavail * state.f_frsize - free))


if __name__ == "__main__":
    main(*sys.argv[1:])
