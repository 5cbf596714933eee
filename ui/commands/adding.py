"""`vouch add`, and what other commands share that tell of files one by one."""

import os
from pathlib import Path

from retrieval.errors import UserError
from ui.following import follow
from ui.house_port import Item, Visit, given
from ui.library_progress import LibraryProgress
from ui.lines import line


def add(visit: Visit) -> int:
    """Bring the library up to files and folders; status 1 if one of the files failed."""
    asked = visit.arguments
    paths = [str(Path(path).expanduser().absolute()) for path in asked.paths]
    # It says no, and does not raise, where a path is too long or leads through a closed folder.
    missing = [path for path in paths if not os.path.exists(path)]  # noqa: PTH110
    if missing:
        raise UserError(f"there is no {missing[0]}", origin="command line", cure="check the path")
    params = given(
        paths=paths, collection=asked.collection, tags=asked.tag, reread=asked.reread or None
    )
    return carry(visit, "add", params, "nothing to add")


def carry(visit: Visit, name: str, params: Item, idle: str) -> int:
    """Make a call that tells of files and show what it comes to, or `idle` if it told of none.

    Status 1 if a file failed, 130 if the user stopped it; what was done until then stays.
    """
    house = visit.house()
    progress = LibraryProgress(visit.screen)
    if visit.screen.live:
        # The first word of an engine that has just begun takes some seconds.
        visit.screen.status(line(("reading ...", "dim")), "reading")
    stream = house.call(name, params)
    stopped = follow(house, stream, progress.see, visit.screen)
    visit.screen.show([line(progress.summary() or idle)])
    if stopped:
        return 130
    failed = int((stream.result or {}).get("failed", 0))
    return 1 if failed or progress.tally.counts["failed"] else 0
