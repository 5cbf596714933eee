"""What a second process does with a library: it writes version after version, or waits amid it."""

import time
from pathlib import Path

from proof_editions import write
from proof_library import opened, shelved

from retrieval.errors import UserError
from retrieval.library import Library


def versions(home: str, first: int, last: int) -> None:
    """Bring the library to one version of its folder after the other; the last ends it."""
    root = Path(home) / "files"
    with shelved(Path(home)) as shelf:
        library = opened(shelf, Path(home))
        for version in range(first, last + 1):
            write(root, version)
            while not added(library, root):
                time.sleep(0.001)


def added(library: Library, root: Path) -> bool:
    """Add, unless the other process happens to write: it brings search files up when it looks."""
    try:
        return bool(list(library.add([root])))
    except UserError as error:
        assert "another process writes" in str(error)
        return False


def only(home: str, name: str) -> None:
    """Add one file."""
    with shelved(Path(home)) as shelf:
        assert added(opened(shelf, Path(home)), Path(home) / "files" / name)


def amid(home: str, version: int) -> None:
    """Keep some of a version, then wait amid the call until a file `go` is there."""
    root = Path(home) / "files"
    with shelved(Path(home)) as shelf:
        library = opened(shelf, Path(home))
        for done, _ in enumerate(library.add([root])):
            if done == 3:
                (Path(home) / "amid").touch()
                while not (Path(home) / "go").exists():
                    time.sleep(0.002)
