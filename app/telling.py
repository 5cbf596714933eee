"""An entry as faces hear it: without the pages themselves, and never longer than the wire takes."""

import json
from dataclasses import replace

from agents.codec import dump
from agents.events import Entry, Opened
from app.calls import JSON
from app.wire import LINE_CAP

TOLD_CAP = LINE_CAP // 2
"""Bytes of JSON above which the longest parts of an entry are cut."""

_LONGEST = 100_000


def told_entry(entry: Entry) -> dict[str, JSON]:
    """Return an entry as plain JSON values that fit one line.

    The text of an opened page and its landmarks stay in the journal, where the exported file has
    them: no face shows them, and a few large pages would make a run too long to show.
    """
    event = entry.event
    if isinstance(event, Opened):
        event = replace(event, text="", landmarks=())
    told: dict[str, JSON] = {"run": entry.run, "seq": entry.seq, "at": entry.at}
    values: JSON = dump(event)
    longest = _LONGEST
    while len(json.dumps(values)) > TOLD_CAP:
        values = _cut(values, longest)
        longest //= 2
    return told | {"event": values}


def _cut(value: JSON, longest: int) -> JSON:
    """Shorten every text to so many characters and every list to so many items."""
    match value:
        case str():
            return value[:longest]
        case list():
            return [_cut(item, longest) for item in value[:longest]]
        case dict():
            return {key: _cut(item, longest) for key, item in value.items()}
        case _:
            return value
