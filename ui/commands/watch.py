"""`vouch watch`: keeps the library up with folders until Ctrl-C."""

import signal
from datetime import datetime
from pathlib import Path

from app.wire import EngineFault
from retrieval.errors import UserError
from retrieval.scope import below
from ui.escape import one_line
from ui.following import follow
from ui.house_port import Item, Visit, given
from ui.library_progress import LibraryProgress
from ui.lines import line
from ui.watching import Changes, Watched

LOOK = 2.0
"""Seconds between two looks at whether the folders are there."""

RETRIES = (5.0, 30.0, 120.0, 600.0)
"""Seconds after which a call that failed is made again; after the last one a change must come."""


def watch(visit: Visit) -> int:
    """Bring the library up to the folders, then again whenever changes in one have settled."""
    paths = _folders(visit.arguments.folders)
    changes = Changes()
    keeper = Keeper(visit, changes)
    watched = [Watched(path, changes, ignored=_home(visit)) for path in paths]
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        visit.screen.step(line(("watching ", "good"), f"{', '.join(paths)}  (Ctrl-C ends)"))
        while keeper.round(watched):
            pass
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGTERM, before)
        for folder in watched:
            folder.close()
    visit.screen.step(line("vouch watch: stopped; the library stays as it is."))
    return 0


class Keeper:
    """Brings the library up to a folder, and says what came of it.

    What fails is said in a sentence and tried again later. A folder that is gone is left alone:
    what was read from it stays.
    """

    def __init__(self, visit: Visit, changes: Changes, patience: float = LOOK) -> None:
        self._visit = visit
        self._changes = changes
        self._patience = patience
        self._failures: dict[str, list[str]] = {}
        self._known: dict[str, str] = {}
        """Files that could not be read, and why: said once."""
        self._seen: set[str] = set()

    def round(self, watched: list[Watched]) -> bool:
        """Look at the folders and wait a little for changes; False if the user stopped a call."""
        for folder in watched:
            turn = folder.look()
            if turn == "gone":
                said = "is gone; what was read from it stays, and is kept up when it is back"
                self._visit.screen.step(line(("note: ", "note"), f"{folder.path} {said}"))
        due = self._changes.take(self._patience)
        return due is None or not Path(due).is_dir() or self._bring_up(due)

    def _bring_up(self, folder: str) -> bool:
        try:
            done = self._call(folder)
        except (UserError, EngineFault) as fault:
            self._failed(folder, str(fault))
            return True
        self._failures.pop(folder, None)
        return done

    def _failed(self, folder: str, why: str) -> None:
        """Say why, if it is another reason than the last time, and try again later."""
        said = self._failures.setdefault(folder, [])
        if why not in said[-1:]:
            self._visit.screen.step(line(("vouch: ", "bad"), why))
        said.append(why)
        if len(said) <= len(RETRIES):
            self._changes.later(folder, RETRIES[len(said) - 1])

    def _call(self, folder: str) -> bool:
        """Bring the library up to the folder; False if the user stopped it."""
        asked, screen = self._visit.arguments, self._visit.screen
        # The engine ends when nobody asks for long, so every call attaches anew.
        house = self._visit.house()
        params = given(paths=[folder], collection=asked.collection, tags=asked.tag)
        stream = house.call("add", params)
        first = folder not in self._seen
        progress = LibraryProgress(screen, every=not first)
        stopped = follow(house, stream, lambda item: progress.see(self._news(item)), screen)
        if not stopped:
            self._seen.add(folder)
        counts = progress.tally.counts
        if first or counts.total() > counts["unchanged"]:
            now = datetime.now().strftime("%H:%M:%S")
            said = progress.summary() or "nothing to add"
            screen.show([line((f"{now} ", "dim"), f"{one_line(folder)}: {said}")])
        return not stopped

    def _news(self, item: Item) -> Item:
        """Return the item; a file that fails as it did before is one in which nothing changed."""
        path, kind, why = (str(item.get(name, "")) for name in ("path", "kind", "why"))
        if kind != "failed":
            self._known.pop(path, None)
            return item
        if self._known.get(path) == why:
            return {**item, "kind": "unchanged"}
        self._known[path] = why
        return item


def _folders(given: list[str]) -> list[str]:
    """Return the folders as the library names them, without those that lie in another one."""
    paths = []
    for name in given:
        path = Path(name).expanduser().resolve()
        if not path.is_dir():
            raise UserError(
                f"there is no folder {name}", origin="command line", cure="files go in by vouch add"
            )
        paths.append(str(path))
    return [p for p in dict.fromkeys(paths) if not any(p != o and below(p, o) for o in paths)]


def _home(visit: Visit) -> str:
    """Return the folder of the house: what is written there is no change of a document."""
    from app.settings import load

    return str(load(visit.choice.home, overrides=dict(visit.choice.overrides)).home.resolve())
