"""The events that the bot has taken and not yet finished, kept by the house."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ui.house_port import House
from ui.slack.asked import Request, payload, read_payload
from ui.slack.talk import Place

FACE = "slack"
DONE = "done"


@dataclass(slots=True)
class Item:
    """One event in work. `parts` maps the parts of the reply that stand to their ts; `known` says
    that these are all, so that nothing has to be looked for; `stopped`, that a person stopped
    it."""

    request: Request
    known: bool = False
    parts: dict[int, str] = field(default_factory=dict)
    stopped: bool = False
    finished: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)
    """Held while it is stopped or finished, so that neither undoes the other."""

    @property
    def key(self) -> str:
        return self.request.key

    @property
    def root(self) -> str:
        """The message whose thread the reply stands in; "" while there is none."""
        return self.request.root or self.parts.get(0, "")

    @property
    def place(self) -> Place:
        """Where the reply stands, or will stand."""
        return Place(self.request.channel, self.request.root, self.request.since)

    def noted(self) -> dict[str, Any]:
        """What is kept of it beside the request."""
        parts = {str(part): ts for part, ts in self.parts.items()}
        return {"parts": parts, "stopped": self.stopped}


class Items:
    """Takes and marks events; every change is on the disk when a method returns."""

    def __init__(self, house: House) -> None:
        self._house = house

    def take(self, request: Request) -> Item | None:
        """Keep an event; None if its reply stands already."""
        asked = {"key": request.key, "face": FACE, "payload": payload(request)}
        taken = result(self._house, "inbox.take", asked)
        if taken["state"] == DONE:
            return None
        return _item(taken, known=bool(taken["fresh"]))

    def mark(self, item: Item, state: str) -> None:
        """Note how far the work on an event came."""
        noted = {"key": item.key, "state": state, "data": item.noted()}
        result(self._house, "inbox.mark", noted)

    def open(self) -> list[Item]:
        """Return what is not done, oldest first."""
        told = result(self._house, "inbox.open", {"face": FACE})
        return [_item(taken) for taken in told["items"]]


def result(house: House, name: str, params: Mapping[str, Any]) -> Any:
    """Make a call, pass over its items, and return its result."""
    stream = house.call(name, params)
    for _ in stream:
        pass
    return stream.result or {}


def _item(taken: Mapping[str, Any], known: bool = False) -> Item:
    data = taken.get("data") or {}
    parts = {int(part): str(ts) for part, ts in (data.get("parts") or {}).items()}
    return Item(read_payload(taken["payload"]), known, parts, bool(data.get("stopped")))
