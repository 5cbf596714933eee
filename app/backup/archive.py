"""The form of a backup: a zip file with a manifest that names every member, its size and hash."""

import hashlib
import json
import lzma
import os
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from app.feedback.people import KEY_FILE
from app.learning.candidates import CARD, LOCK, NAME, RELEASED
from retrieval.errors import UserError

FORMAT, FORMATS = 2, (1, 2)
"""The format that is written, and those that can be read: the first one held nothing learned."""

MANIFEST = "manifest.json"
DATABASE = "vouch.db"
SETTINGS = "settings.toml"
UPLOADS = "uploads/"
LEARNED = "models/learned/"

FILES = (SETTINGS, KEY_FILE)
"""Single files of a home beside its database: the settings, and the key of the names that stand
for people, without which the next export would name everyone anew."""

CHUNK = 2**20
_BREAKAGE = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    struct.error,
    lzma.LZMAError,
    EOFError,
    RuntimeError,
    OverflowError,
    ValueError,
)
"""What is raised on bytes that are no sound zip file, besides `OSError`: a place before the start
of the file is asked of the system."""

_MANIFEST_BYTES = 64 * 2**20
_NAME = re.compile(r"[^/\\\x00-\x1f\x7f:]{1,250}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Member:
    """A file of the archive; `sha256` in hex, over its `bytes` bytes."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds.

    `version` is the program's, `database` the version of the tables, `made` UTC in seconds;
    `counts` are the rows of each table, `left_out` names the settings that are secrets, and
    `unfinished` the trainings that had not ended.
    """

    version: str
    database: str
    made: float
    counts: dict[str, int]
    left_out: tuple[str, ...]
    members: tuple[Member, ...]
    unfinished: tuple[str, ...] = ()

    @property
    def learned(self) -> tuple[str, ...]:
        """The names of the learned candidates that it holds."""
        inside = (one.name.removeprefix(LEARNED) for one in self.members if _learned(one.name))
        return tuple(name.removesuffix(f"/{CARD}") for name in inside if name.endswith(f"/{CARD}"))

    def text(self) -> str:
        """The manifest as JSON."""
        return json.dumps({"vouch": "backup", "format": FORMAT, **asdict(self)}, indent=1)


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open a backup to read; `UserError` for a file that is none, or is damaged."""
    if not path.is_file():
        # Opening a pipe could hold this up for ever.
        raise UserError(f"there is no file {path}", cure="check the path")
    try:
        archive = zipfile.ZipFile(path)
    except PermissionError as error:
        raise UserError(f"{path} cannot be read", cure="check its permissions") from error
    except (OSError, *_BREAKAGE) as error:
        raise damaged(path, _reason(error)) if _zipped(path) else foreign(path) from error
    with archive:
        yield archive


@contextmanager
def _sound(path: Path) -> Iterator[None]:
    """Raise `UserError` where the bytes of a backup break what reads them."""
    try:
        yield
    except (OSError, *_BREAKAGE) as error:
        raise damaged(path, _reason(error)) from error


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__


def _zipped(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"PK"


def is_backup(path: Path) -> bool:
    """Whether a file is a backup that could be restored by some version of Vouch."""
    try:
        with opened(path) as archive:
            return bool(_values(archive, path))
    except UserError:
        return False


def read_manifest(archive: zipfile.ZipFile, path: Path) -> Manifest:
    """Read what a backup says it holds, and hold its list of members against it.

    `UserError` for an archive of another kind or of a newer program, for members that the manifest
    does not name, and for names that lead out of the home.
    """
    values = _values(archive, path)
    if values.pop("format", None) not in FORMATS:
        raise UserError(
            f"the backup {path} is of another format than this program knows",
            cure="restore it with the version of Vouch that made it",
        )
    manifest = _manifest(values, path)
    _check_members(archive, manifest, path)
    return manifest


def _values(archive: zipfile.ZipFile, path: Path) -> dict[str, object]:
    """What the manifest says, less that it is one of a backup."""
    try:
        if archive.getinfo(MANIFEST).file_size > _MANIFEST_BYTES:
            raise foreign(path)
        with _sound(path):
            text = archive.read(MANIFEST)
        values = json.loads(text)
    except (KeyError, ValueError, RecursionError) as error:
        raise foreign(path) from error
    if not isinstance(values, dict) or values.pop("vouch", None) != "backup":
        raise foreign(path)
    return values


def _manifest(values: dict[str, object], path: Path) -> Manifest:
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(Manifest).validate_python(values)
    except ValidationError as error:
        raise foreign(path) from error


def _check_members(archive: zipfile.ZipFile, manifest: Manifest, path: Path) -> None:
    held = [info for info in archive.infolist() if info.filename != MANIFEST]
    named = {member.name: member for member in manifest.members}
    names = [info.filename for info in held]
    if len(names) != len(set(names)) or set(names) != set(named) or DATABASE not in named:
        raise damaged(path, "its members are not those of its manifest")
    for info in held:
        member = named[info.filename]
        if not safe(member.name) or not _DIGEST.fullmatch(member.sha256):
            raise foreign(path)
        if info.file_size != member.bytes:
            raise damaged(path, f"{member.name} has another size than it should")


def safe(name: str) -> bool:
    """Whether a member is one that a backup may hold: never a path out of the home."""
    if name == DATABASE or name in FILES:
        return True
    return _learned(name) or (name.startswith(UPLOADS) and _plain(name.removeprefix(UPLOADS)))


def _learned(name: str) -> bool:
    """Whether a member is the list of releases, or a file in the folder of a candidate."""
    folder, _, last = name.removeprefix(LEARNED).partition("/")
    named = bool(NAME.fullmatch(folder)) and folder not in (LOCK, RELEASED)
    file = named and _plain(last) and not last.startswith(".")
    return name == LEARNED + RELEASED or (name.startswith(LEARNED) and file)


def _plain(name: str) -> bool:
    return bool(_NAME.fullmatch(name)) and name not in (".", "..")


def extract(archive: zipfile.ZipFile, member: Member, target: Path, path: Path) -> None:
    """Write a member to a file; `UserError` if it is not, byte for byte, what was backed up."""
    digest, size = hashlib.sha256(), 0
    with _sound(path):
        source = archive.open(member.name)
    with source, target.open("xb") as file:
        target.chmod(0o600)
        while piece := _read(source, path):
            size += len(piece)
            if size > member.bytes:
                break
            digest.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    if size != member.bytes or digest.hexdigest() != member.sha256:
        raise damaged(path, f"{member.name} was changed")


def _read(source: IO[bytes], path: Path) -> bytes:
    with _sound(path):
        return source.read(CHUNK)


def pieces(source: IO[bytes]) -> Iterator[bytes]:
    """The content of an open file, a piece at a time."""
    while piece := source.read(CHUNK):
        yield piece


def damaged(path: Path, why: str) -> UserError:
    """The backup is not what was written."""
    return UserError(
        f"the backup {path} is damaged: {why}; nothing was restored", cure="take another backup"
    )


def foreign(path: Path) -> UserError:
    """The file is no backup."""
    return UserError(f"{path} is no backup of Vouch", cure="give a file of vouch backup")
