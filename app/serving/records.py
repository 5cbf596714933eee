"""Runs that were made before, as calls."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from agents import view
from agents.events import Drafted, Entry, Replied
from agents.models.base import Cancel
from app.assistant import answer_hash
from app.calls import CallSpec, Items, Params
from app.serving.params import number
from app.telling import told_entry
from retrieval.errors import UserError

if TYPE_CHECKING:
    from app.house import House

PIECE = 500_000
"""Characters of an exported line that travel at once; escaped twice they still fit the wire."""


class Records:
    """Runs that were made before."""

    def __init__(self, house: "House") -> None:
        self._house = house

    def calls(self) -> dict[str, CallSpec]:
        """Return these calls by name."""
        return {
            "runs": CallSpec(self.runs),
            "show": CallSpec(self.show),
            "replay": CallSpec(self.replay),
            "export": CallSpec(self.export),
            "import": CallSpec(self.take_in),
        }

    def runs(self, params: Params, cancel: Cancel) -> Items:
        lines = self._house.journal.runs(max(1, number(params, "limit", 20)))
        yield from ()
        return {"runs": [asdict(line) for line in lines]}

    def show(self, params: Params, cancel: Cancel) -> Items:
        entries = self._house.journal.entries(str(params["run"]))
        for entry in view.disclosed(entries):
            yield {"entry": told_entry(entry)}
        return {"run": entries[0].run}

    def replay(self, params: Params, cancel: Cancel) -> Items:
        run = str(params["run"])
        replayed = self._house.assistant.replay(run)
        events = [entry.event for entry in self._house.journal.entries(run)]
        yield from ()
        return {**asdict(replayed), "hash": answer_hash(events)}

    def export(self, params: Params, cancel: Cancel) -> Items:
        entries = self._house.journal.entries(str(params["run"]))
        _refuse_draft(entries)
        for line in self._house.journal.export(str(params["run"])):
            for begin in range(0, len(line), PIECE):
                yield {"piece": line[begin : begin + PIECE]}
        return {"run": str(params["run"])}

    def take_in(self, params: Params, cancel: Cancel) -> Items:
        path = Path(str(params["path"]))
        yield from ()
        if not path.is_file():
            # Opening a pipe could hold this thread up for ever.
            raise UserError(f"there is no file {path}", cure="give a file of vouch export")
        try:
            with path.open(encoding="utf-8", newline="\n") as file:
                run = self._house.journal.restore(line for line in file if line.strip())
        except (OSError, UnicodeDecodeError) as fault:
            why = fault.strerror if isinstance(fault, OSError) else "it is not text"
            raise UserError(
                f"cannot read {path}: {why}", cure="give a file of vouch export"
            ) from fault
        return {"run": run}


def _refuse_draft(entries: Sequence[Entry]) -> None:
    """Raise `UserError` for a run that holds a draft, or a reply that is one, and no answer."""
    events = [entry.event for entry in entries]
    kept = {entry.seq for entry in view.disclosed(entries)}
    hidden = [entry.event for entry in entries if entry.seq not in kept]
    if any(isinstance(event, Replied | Drafted) for event in hidden):
        run, at = entries[0].run, len(list(view.steps(events))) + 1
        raise UserError(
            f"the run {run} has no checked answer yet",
            cure=f"let it be answered with vouch fork {run} --at {at}, or see vouch show {run}",
        )
