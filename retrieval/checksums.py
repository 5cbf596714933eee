"""SHA-256 of the files below a folder; of files shared with a checked folder it is known."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Checked:
    """A folder whose files had these checksums (hex, by relative path) when they were compared."""

    folder: Path
    files: Mapping[str, str]

    def known(self, path: Path, name: str) -> str | None:
        """Return the checksum of a file that is one with the file `name` of this folder."""
        try:
            same = name in self.files and path.samefile(self.folder / name)
        except OSError:
            return None
        return self.files[name] if same else None

    def stands(self, skip: str) -> bool:
        """Say whether all files are still what they were, and no other is there but `skip`."""
        try:
            return checksums(self.folder, skip=skip) == self.files
        except OSError:
            return False

    def changed(self, folder: Path) -> str:
        """Return the name of a file which is not shared with `folder` and is not what it was;
        empty if there is none. Raises OSError where one is missing."""
        own = (name for name in self.files if self.known(folder / name, name) is None)
        return next((name for name in own if _hashed(self.folder / name) != self.files[name]), "")


def checksums(folder: Path, before: Checked | None = None, skip: str = "") -> dict[str, str]:
    """Return the checksum of each file below a folder by its relative path.

    Files named `skip` are left out, and locks, which hold nothing. What is shared with `before` is
    not read again.
    """
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix != ".lock" and path.name != skip:
            name = path.relative_to(folder).as_posix()
            known = before.known(path, name) if before else None
            found[name] = known or _hashed(path)
    return found


def digest(data: bytes) -> str:
    """Return the checksum of bytes."""
    return hashlib.sha256(data).hexdigest()


def _hashed(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
