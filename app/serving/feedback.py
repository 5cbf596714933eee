"""What people think of answers, as calls: only a person's own event comes through here."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from agents.models.base import Cancel
from app.calls import CallSpec, Items, Params
from app.feedback.intake import read_mark
from app.feedback.marks import Mark

if TYPE_CHECKING:
    from app.house import House


class Feedback:
    """Marks on runs."""

    def __init__(self, house: "House") -> None:
        self._house = house

    def calls(self) -> dict[str, CallSpec]:
        """Return these calls by name."""
        return {
            "feedback.add": CallSpec(self.add),
            "feedback.of": CallSpec(self.of),
        }

    def add(self, params: Params, cancel: Cancel) -> Items:
        mark, fresh = self._house.opinions.mark(read_mark(params))
        yield from ()
        return _told(mark) | {"fresh": fresh}

    def of(self, params: Params, cancel: Cancel) -> Items:
        runs = [str(run) for run in params.get("runs") or []]
        marks = self._house.opinions.of(runs, str(params.get("by") or "local"))
        yield from ()
        return {"marks": {run: _told(mark) for run, mark in marks.items()}}


def _told(mark: Mark) -> dict[str, Any]:
    return asdict(mark) | {"tags": list(mark.tags)}
