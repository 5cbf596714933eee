"""Writes a folder of files whole or not at all, and replaces only a folder that it wrote."""

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from retrieval.durable import sync
from retrieval.errors import UserError

MANIFEST = "manifest.json"
SCHEMA = "vouch feedback export"


def refuse(folder: Path, force: bool) -> None:
    """Raise `UserError` where `folder` must not be written: something else stands there."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if not folder.is_dir() or not _ours(folder):
        raise UserError(
            f"{folder} is there and is no export, or holds more than one",
            cure="name another folder",
        )
    if not force:
        raise UserError(f"the export {folder} is there already", cure="replace it with --force")


def write_folder(folder: Path, files: Mapping[str, str], force: bool) -> None:
    """Write the files as UTF-8 into a folder that appears with all of them, on the disk."""
    refuse(folder, force)
    fresh = folder.with_name(f".{folder.name}.{os.getpid()}.new")
    old = folder.with_name(f".{folder.name}.{os.getpid()}.old")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        for name, text in files.items():
            _write(fresh / name, text)
        sync(fresh)
        if folder.exists():
            folder.rename(old)
        fresh.rename(folder)
        sync(folder.parent)
        shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        shutil.rmtree(fresh, ignore_errors=True)
        if old.exists() and not folder.exists():
            old.rename(folder)
        raise UserError(
            f"cannot write {folder}: {error.strerror or error}", cure="name another folder"
        ) from error


def _ours(folder: Path) -> bool:
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    if not isinstance(manifest, dict) or manifest.get("schema") != SCHEMA:
        return False
    known = {MANIFEST, *map(str, manifest.get("files") or ())}
    return {path.name for path in folder.iterdir()} <= known


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
