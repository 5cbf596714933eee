"""What the user granted to each plugin: a small file, replaced whole, that only they can read."""

import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from plugins.tools import Permissions
from retrieval.durable import sync
from retrieval.errors import UserError


@dataclass(frozen=True, slots=True)
class Grant:
    """What was granted, and to what: a plugin of that name from elsewhere is another one."""

    origin: str
    permissions: Permissions


@dataclass(frozen=True, slots=True)
class Grants:
    """The grants in a file."""

    path: Path

    def read(self) -> dict[str, Grant]:
        """Return them by the names of plugins; `UserError` for a file that is damaged."""
        try:
            told = json.loads(self.path.read_text("utf-8"))
            return {
                name: Grant(str(one["origin"]), Permissions.read(one["permissions"]))
                for name, one in told["plugins"].items()
            }
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except (OSError, ValueError, TypeError, LookupError, AttributeError) as error:
            raise UserError(
                f"{self.path} cannot be read as the grants of plugins",
                cure="delete it and enable the plugins again: vouch plugins enable NAME",
            ) from error

    def give(self, name: str, grant: Grant) -> None:
        """Remember a grant in place of what the plugin had."""
        self._write({**self.read(), name: grant})

    def take(self, name: str) -> None:
        """Forget what was granted to a plugin."""
        kept = self.read()
        if kept.pop(name, None) is not None:
            self._write(kept)

    def _write(self, grants: Mapping[str, Grant]) -> None:
        listed = {
            name: {"origin": one.origin, "permissions": one.permissions.listed()}
            for name, one in sorted(grants.items())
        }
        text = json.dumps({"plugins": listed}, indent=1) + "\n"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            _replace(self.path, text)
        except OSError as error:
            raise UserError(
                f"{self.path} cannot be written: {error.strerror}",
                cure="check the folder's permissions and the disk's free space",
            ) from error


def _replace(path: Path, text: str) -> None:
    # mkstemp makes a file that only its owner can read.
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(temporary).unlink()
        raise
    sync(path.parent)
