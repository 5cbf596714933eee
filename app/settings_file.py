"""The file settings.toml: changed line by line so that comments stay, and replaced whole."""

import os
import re
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from retrieval.durable import sync
from retrieval.errors import UserError

FILE = "settings.toml"


def read_file(path: Path) -> dict[str, Any]:
    """The file's values; none if there is no file. UserError if it cannot be read."""
    try:
        return tomllib.loads(_text(path))
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path} is not TOML: {error}", cure="correct that line") from error


def change_file(path: Path, section: str, name: str, value: Any) -> None:
    """Set one value. UserError, with the file as it was, if it cannot be read or written."""
    wanted = read_file(path)
    fields = wanted.setdefault(section, {})
    if not isinstance(fields, dict):
        raise UserError(f"{section!r} is no section in {path}", cure=f"write [{section}] there")
    fields[name] = value
    try:
        _replace(path, _changed(_text(path), wanted, section, name))
    except OSError as error:
        raise UserError(
            f"{path} cannot be written: {error.strerror}",
            cure="check the folder's permissions and the disk's free space",
        ) from error


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise UserError(
            f"{path} cannot be read: {error.strerror}", cure="check its permissions"
        ) from error


def _changed(text: str, wanted: dict[str, Any], section: str, name: str) -> str:
    """The text with one line changed; written anew where a line's change would not do."""
    import tomli_w

    line = tomli_w.dumps({name: wanted[section][name]})
    edited = _edited(text, section, name, line)
    try:
        if tomllib.loads(edited) == wanted:
            return edited
    except ValueError:
        pass
    return tomli_w.dumps(wanted)


def _edited(text: str, section: str, name: str, line: str) -> str:
    header = re.search(rf"^[ \t]*\[[ \t]*{section}[ \t]*\][^\n]*\n?", text, re.MULTILINE)
    if header is None:
        ended = text if not text or text.endswith("\n") else text + "\n"
        return f"{ended}\n[{section}]\n{line}".lstrip("\n")
    begin = header.end()
    following = re.compile(r"^[ \t]*\[", re.MULTILINE).search(text, begin)
    end = following.start() if following else len(text)
    old = re.compile(rf"^[ \t]*{name}[ \t]*=[^\n]*\n?", re.MULTILINE).search(text, begin, end)
    if old is None:
        gap = "" if text[:begin].endswith("\n") else "\n"
        return text[:begin] + gap + line + text[begin:]
    return text[: old.start()] + line + text[old.end() :]


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # mkstemp makes a file that only its owner can read.
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    sync(path.parent)
