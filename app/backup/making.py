"""Makes a backup: the database as of one moment, plain settings, uploads, key, learned weights."""

import hashlib
import os
import re
import shutil
import time
import zipfile
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.backup.archive import (
    DATABASE,
    MANIFEST,
    SETTINGS,
    UPLOADS,
    Manifest,
    Member,
    is_backup,
    pieces,
    safe,
)
from app.feedback.people import KEY_FILE
from app.settings_file import FILE, read_file
from app.store.migrate import newest
from retrieval.durable import sync
from retrieval.errors import UserError

if TYPE_CHECKING:
    from sqlalchemy import Engine

STAGE = "backup.part"
"""Folder in the home where a backup is made ready; what an earlier one left is removed."""

_SIGNED_IN = re.compile(r"://[^/\s]*@")


@dataclass(frozen=True, slots=True)
class Packing:
    """A member is being written; `done` of `total` stand."""

    name: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was written."""

    path: str
    bytes: int
    manifest: Manifest


def make(
    database: "Engine", home: Path, target: Path, version: str, overwrite: bool = False
) -> Generator[Packing, None, Made]:
    """Write the backup of a home to `target`, telling of each member; return what it holds.

    The file appears whole or not at all, never in the home itself. With `overwrite` it replaces an
    older backup, and nothing else. `UserError` for what a user can mend. Whoever stops reading gets
    no file.
    """
    _check_target(target, home, overwrite)
    stage, part = home / STAGE, target.with_name(f".{target.name}.part")
    try:
        shutil.rmtree(stage, ignore_errors=True)
        stage.mkdir(mode=0o700)
        manifest = yield from _write(database, home, part, version)
        _check_target(target, home, overwrite)
        part.replace(target)
        sync(target.parent)
    except OSError as error:
        raise UserError(
            f"the backup {target} cannot be written: {error.strerror or error}",
            cure="check the folder, its permissions and the disk's free space",
        ) from error
    finally:
        part.unlink(missing_ok=True)
        shutil.rmtree(stage, ignore_errors=True)
    return Made(str(target), target.stat().st_size, manifest)


def plain_settings(home: Path) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The values of settings.toml by section, without secrets, and the names of what is left out.

    Addresses that carry a name or password count as secrets.
    """
    from pydantic import SecretStr

    from app.options import KEYS

    kept: dict[str, Any] = {}
    left_out: list[str] = []
    for section, values in read_file(home / FILE).items():
        for name, value in values.items() if isinstance(values, dict) else ():
            key = f"{section}.{name}"
            field = KEYS.get(key)
            if field is None:
                continue
            if field.annotation is SecretStr or _SIGNED_IN.search(str(value)):
                left_out += [key] if value else []
            else:
                kept.setdefault(section, {})[name] = value
    return kept, tuple(left_out)


def _write(
    database: "Engine", home: Path, part: Path, version: str
) -> Generator[Packing, None, Manifest]:
    import tomli_w

    from app.backup.learned import held
    from app.store.copies import snapshot

    stage = home / STAGE
    settings, left_out = plain_settings(home)
    (stage / SETTINGS).write_text(tomli_w.dumps(settings), encoding="utf-8")
    files = {DATABASE: stage / DATABASE, SETTINGS: stage / SETTINGS} | _kept_files(home)
    learned = held(home, stage)
    files |= learned.files
    yield Packing(DATABASE, 0, len(files))
    counts = snapshot(database, stage / DATABASE)
    part.unlink(missing_ok=True)
    members: list[Member] = []
    with _created(part) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for done, (name, path) in enumerate(files.items()):
            yield Packing(name, done, len(files))
            members.append(_packed(archive, name, path))
        told = (left_out, tuple(members), learned.unfinished)
        manifest = Manifest(version, newest(), time.time(), counts, *told)
        archive.writestr(_info(MANIFEST), manifest.text())
    sync(part)
    return manifest


def _kept_files(home: Path) -> dict[str, Path]:
    """The key of people's names and the uploaded files, by member name."""
    key = home / KEY_FILE
    return ({KEY_FILE: key} if key.is_file() else {}) | _uploads(home)


def _uploads(home: Path) -> dict[str, Path]:
    """The uploaded files by member name; links and hidden files are none."""
    folder = home / UPLOADS
    found = sorted(folder.iterdir()) if folder.is_dir() and not folder.is_symlink() else []
    return {
        UPLOADS + path.name: path
        for path in found
        if path.is_file() and not path.is_symlink() and not path.name.startswith(".")
        if safe(UPLOADS + path.name)
    }


def _packed(archive: zipfile.ZipFile, name: str, path: Path) -> Member:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as source, archive.open(_info(name), "w", force_zip64=True) as target:
        for piece in pieces(source):
            digest.update(piece)
            size += len(piece)
            target.write(piece)
    return Member(name, size, digest.hexdigest())


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, time.localtime()[:6])
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    return info


def _created(part: Path) -> Any:
    """Make the file for its owner alone: it holds what was asked and read."""
    return os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _check_target(target: Path, home: Path, overwrite: bool) -> None:
    if target.is_dir():
        raise UserError(f"{target} is a folder", cure="name a file in it, such as vouch.zip")
    if not target.parent.is_dir():
        raise UserError(f"there is no folder {target.parent}", cure="make it first")
    if target.resolve().is_relative_to(home.resolve()):
        raise UserError(
            f"{target} lies in the home that is backed up", cure="name a file in another folder"
        )
    if target.exists() and not overwrite:
        raise UserError(
            f"{target} stands already", cure="choose another name, or replace it with --overwrite"
        )
    if target.exists() and not is_backup(target):
        raise UserError(f"{target} is no backup, so it is left as it is", cure="name another file")
