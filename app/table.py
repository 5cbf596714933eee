"""The calls that an engine serves: parameters in, JSON items out, over the parts of a house."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from agents import view
from agents.events import Drafted, Entry, Replied, Working
from agents.models.base import Cancel
from app.assistant import Request, Told, answer_hash
from app.calls import JSON, CallSpec
from app.telling import told_entry
from retrieval.errors import UserError

if TYPE_CHECKING:
    from app.house import House

Params = Mapping[str, Any]
Policy = Literal["auto", "guided", "model"]
Stream = Generator[JSON, None, JSON]

PIECE = 500_000
"""Characters of an exported line that travel at once; escaped twice they still fit the wire."""


def table(house: "House") -> dict[str, CallSpec]:
    """Return the calls of a house by name."""
    answers, records, shelves = _Answers(house), _Records(house), _Shelves(house)
    return {
        "ask": CallSpec(answers.ask, queued=True),
        "fork": CallSpec(answers.fork, queued=True),
        "runs": CallSpec(records.runs),
        "show": CallSpec(records.show),
        "replay": CallSpec(records.replay),
        "export": CallSpec(records.export),
        "import": CallSpec(records.take_in),
        "add": CallSpec(shelves.add),
        "remove": CallSpec(shelves.remove),
        "reindex": CallSpec(shelves.reindex),
        "library": CallSpec(shelves.library),
    }


def _told(told: Iterator[Told]) -> Stream:
    """Yield what is told as JSON items; return the run's name."""
    run = ""
    for item in told:
        if isinstance(item, Working):
            yield {"working": {"phase": item.phase, "count": item.count}}
        else:
            run = item.run
            yield {"entry": told_entry(item)}
    return {"run": run}


class _Answers:
    """Questions, and forks of runs."""

    def __init__(self, house: "House") -> None:
        self._house = house

    def ask(self, params: Params, cancel: Cancel) -> Stream:
        request = _request(self._house.request(str(params["question"])), params)
        told = self._house.assistant.ask(request, cancel, params.get("model"))
        return (yield from _told(told))

    def fork(self, params: Params, cancel: Cancel) -> Stream:
        told = self._house.assistant.fork(
            str(params["run"]),
            int(params["at"]),
            cancel,
            params.get("model"),
            params.get("policy"),
        )
        return (yield from _told(told))


class _Records:
    """Runs that were made before."""

    def __init__(self, house: "House") -> None:
        self._house = house

    def runs(self, params: Params, cancel: Cancel) -> Stream:
        lines = self._house.journal.runs(int(params.get("limit", 20)))
        yield from ()
        return {"runs": [asdict(line) for line in lines]}

    def show(self, params: Params, cancel: Cancel) -> Stream:
        entries = self._house.journal.entries(str(params["run"]))
        for entry in view.disclosed(entries):
            yield {"entry": told_entry(entry)}
        return {"run": entries[0].run}

    def replay(self, params: Params, cancel: Cancel) -> Stream:
        run = str(params["run"])
        replayed = self._house.assistant.replay(run)
        events = [entry.event for entry in self._house.journal.entries(run)]
        yield from ()
        return {**asdict(replayed), "hash": answer_hash(events)}

    def export(self, params: Params, cancel: Cancel) -> Stream:
        entries = self._house.journal.entries(str(params["run"]))
        _refuse_draft(entries)
        for line in self._house.journal.export(str(params["run"])):
            for begin in range(0, len(line), PIECE):
                yield {"piece": line[begin : begin + PIECE]}
        return {"run": str(params["run"])}

    def take_in(self, params: Params, cancel: Cancel) -> Stream:
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


class _Shelves:
    """The library."""

    def __init__(self, house: "House") -> None:
        self._house = house

    def add(self, params: Params, cancel: Cancel) -> Stream:
        failed = 0
        for progress in self._house.library.add([str(path) for path in params["paths"]]):
            failed += progress.kind == "failed"
            yield asdict(progress)
            if cancel.is_set():
                break
        return {"failed": failed}

    def remove(self, params: Params, cancel: Cancel) -> Stream:
        source = str(params["source"])
        yield from ()
        if not self._house.library.remove(source):
            raise UserError(f"the library holds no {source}", cure="see vouch library")
        return {"source": source}

    def reindex(self, params: Params, cancel: Cancel) -> Stream:
        for progress in self._house.library.reindex():
            yield asdict(progress)
            if cancel.is_set():
                break
        return {"failed": 0}

    def library(self, params: Params, cancel: Cancel) -> Stream:
        library = self._house.library
        yield from ()
        documents = [asdict(holding) for holding in library.holdings()]
        return {**asdict(library.state()), "documents": documents}


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


def _request(request: Request, params: Params) -> Request:
    """Put what one question asks for in place of the settings."""
    limits = request.limits
    if params.get("seconds") is not None:
        limits = replace(limits, seconds=float(params["seconds"]))
    if params.get("steps") is not None:
        limits = replace(limits, steps=int(params["steps"]))
    policy: Policy = params.get("policy") or request.policy
    check = params.get("check")
    return replace(
        request,
        policy=policy,
        check=request.check if check is None else bool(check),
        limits=limits,
    )
