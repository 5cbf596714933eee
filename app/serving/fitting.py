"""As many items as one line of the wire takes, and what came in several put together."""

import json
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, Protocol

from app.calls import JSON
from app.wire import LINE_CAP

ROOM = LINE_CAP * 3 // 4
"""Bytes that the items of one result may have together."""


class Streaming(Protocol):
    """The items of a call; `result` stands when they have been read."""

    @property
    def result(self) -> Any: ...

    def __iter__(self) -> Iterator[Any]: ...


def fitting(items: Iterable[JSON], room: int = ROOM) -> tuple[list[JSON], bool]:
    """Return the first items that fit, and whether more were left; the first fits always."""
    taken: list[JSON] = []
    for item in items:
        room -= len(json.dumps(item))
        if room < 0 and taken:
            return taken, True
        taken.append(item)
    return taken, False


def gathered(stream: Streaming) -> JSON:
    """Read a call to its end and return its result, in which the documents that came as items
    stand behind those of the result."""
    parts = [item["documents"] for item in stream if _is_part(item)]
    result = stream.result
    if not parts:
        return result
    return {**result, "documents": [*result["documents"], *chain.from_iterable(parts)]}


def _is_part(item: JSON) -> bool:
    return isinstance(item, dict) and isinstance(item.get("documents"), list)
