"""`vouch backup` and `vouch restore`: all that a home holds, in one file and back again."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from ui.escape import json_text, one_line
from ui.following import follow
from ui.house_port import Item, Visit
from ui.lines import Line, counted, line

COUNTED = (
    ("documents", "document"),
    ("runs", "run"),
    ("conversations", "conversation"),
    ("feedback", "mark"),
)
"""Tables that a person knows, with what a row of each is called."""


def backup(visit: Visit) -> int:
    """Write a backup of the home."""
    target = Path(visit.arguments.file).expanduser().absolute()
    house = visit.house()
    params = {"path": str(target), "overwrite": visit.arguments.overwrite}
    stream = house.call("backup", params)

    def see(item: Item) -> None:
        if "name" in item:
            told = f"packing {one_line(str(item['name']))} ({item['done'] + 1}/{item['total']})"
            visit.screen.status(line((told, "dim")), "packing")

    if follow(house, stream, see, visit.screen):
        return 130
    made = stream.result or {}
    if visit.arguments.json:
        visit.screen.raw(json_text(made))
        return 0
    size = f"{made['bytes'] / 2**20:.1f} MB"
    held = _held(made["counts"], made["learned"])
    visit.screen.show([line(f"backed up {held} to {target} ({size})")])
    _left_out(visit, made["left_out"], "it does not hold these secrets")
    _left_out(visit, made["unfinished"], "it does not hold these trainings, which have not ended")
    return 0


def restore(visit: Visit) -> int:
    """Restore a backup into the home, which must be empty."""
    from dataclasses import asdict

    from app.backup.restoring import restore as put_back
    from app.settings import load

    settings = load(visit.choice.home, overrides=dict(visit.choice.overrides))
    path = Path(visit.arguments.file).expanduser().absolute()
    url = settings.database.url.get_secret_value()
    manifest = put_back(path, settings.home, url)
    if visit.arguments.json:
        learned = {"learned": manifest.learned}
        visit.screen.raw(json_text({"home": str(settings.home), **asdict(manifest), **learned}))
        return 0
    said = f"restored {_held(manifest.counts, manifest.learned)} into {settings.home}"
    visit.screen.show([line(said)])
    _left_out(visit, manifest.left_out, "a backup holds no secrets: set these again")
    return 0


def _held(counts: Mapping[str, int], learned: Sequence[str]) -> str:
    rows = [counted(counts.get(table, 0), noun) for table, noun in COUNTED]
    weights = [counted(len(learned), "learned candidate")] if learned else []
    return ", ".join([*rows, *weights])


def _left_out(visit: Visit, keys: Sequence[str], why: str) -> None:
    names = ", ".join(one_line(key) for key in keys)
    if names:
        note: Line = line(("note: ", "note"), f"{why}: {names}")
        visit.screen.step(note)
