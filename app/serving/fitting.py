"""As many items as one line of the wire takes."""

import json
from collections.abc import Iterable

from app.calls import JSON
from app.wire import LINE_CAP

ROOM = LINE_CAP * 3 // 4
"""Bytes that the items of one result may have together."""


def fitting(items: Iterable[JSON], room: int = ROOM) -> tuple[list[JSON], bool]:
    """Return the first items that fit, and whether more were left; the first fits always."""
    taken: list[JSON] = []
    for item in items:
        room -= len(json.dumps(item))
        if room < 0 and taken:
            return taken, True
        taken.append(item)
    return taken, False
