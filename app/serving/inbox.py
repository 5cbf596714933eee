"""The inbox of faces that hear of events from outside, as calls."""

from dataclasses import asdict
from typing import TYPE_CHECKING

from agents.models.base import Cancel
from app.calls import CallSpec, Items, Params
from app.serving.fitting import fitting

if TYPE_CHECKING:
    from app.house import House


class Letters:
    """Events from outside, each taken once."""

    def __init__(self, house: "House") -> None:
        self._house = house

    def calls(self) -> dict[str, CallSpec]:
        """Return these calls by name."""
        return {
            "inbox.take": CallSpec(self.take),
            "inbox.mark": CallSpec(self.mark),
            "inbox.open": CallSpec(self.open),
        }

    def take(self, params: Params, cancel: Cancel) -> Items:
        """Keep {key, face, payload}, committed before this returns {fresh, state, payload, data}.

        A key that was taken before is not fresh: what stands is returned.
        """
        yield from ()
        fresh, letter = self._house.inbox.take(
            str(params["key"]), str(params["face"]), params.get("payload")
        )
        kept = {"state": letter.state, "payload": letter.payload, "data": letter.data}
        return {"fresh": fresh} | kept

    def mark(self, params: Params, cancel: Cancel) -> Items:
        """Move {key} to {state}, "done" when no work is left; {data} replaces what was noted."""
        yield from ()
        key, state = str(params["key"]), str(params["state"])
        self._house.inbox.mark(key, state, params.get("data"))
        return {"key": key, "state": state}

    def open(self, params: Params, cancel: Cancel) -> Items:
        """Return {items: [{key, state, payload, data, at}]} of {face} that are not done, oldest
        first: as many of them as fit one line."""
        yield from ()
        letters, _ = fitting(map(asdict, self._house.inbox.open(str(params["face"]))))
        return {"items": letters}
