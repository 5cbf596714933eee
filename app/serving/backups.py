"""Backups, as a call."""

import threading
from collections.abc import Generator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from agents.models.base import Cancel
from app.calls import JSON, CallSpec, Items, Params
from retrieval.errors import UserError

if TYPE_CHECKING:
    from app.backup.making import Made, Packing
    from app.house import House


class Backups:
    """Backups of the home."""

    def __init__(self, house: "House") -> None:
        self._house = house
        self._making = threading.Lock()

    def calls(self) -> dict[str, CallSpec]:
        """Return these calls by name."""
        return {"backup": CallSpec(self.backup)}

    def backup(self, params: Params, cancel: Cancel) -> Items:
        """Write a backup to {path}, an absolute one; {overwrite?} replaces a file there.

        Yields {name, done, total} as members are written; returns {path, bytes, counts, left_out,
        members, learned, unfinished}. A stop leaves no file.
        """
        from importlib.metadata import version

        from app.backup.making import make

        target = Path(str(params["path"]))
        if not target.is_absolute():
            raise UserError(f"{target} is no absolute path", cure="write the whole path")
        home, overwrite = self._house.settings.home, bool(params.get("overwrite", False))
        with self._making:
            steps = make(self._house.database, home, target, version("vouch"), overwrite)
            made = yield from _told(steps, cancel)
        told = {"path": made.path, "bytes": made.bytes, "counts": made.manifest.counts}
        held = made.manifest
        told["members"] = [asdict(member) for member in held.members]
        told |= {"learned": list(held.learned), "unfinished": list(held.unfinished)}
        return told | {"left_out": list(held.left_out)}


def _told(steps: "Generator[Packing, None, Made]", cancel: Cancel) -> "Generator[JSON, None, Made]":
    """Yield each step until somebody cancels, and return what the steps return."""
    while True:
        try:
            yield asdict(next(steps))
        except StopIteration as stop:
            made: Made = stop.value
            return made
        if cancel.is_set():
            steps.close()
            raise UserError("the backup was stopped", cure="begin it again")
