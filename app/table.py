"""The calls that an engine serves: parameters in, JSON items out, over the parts of a house."""

from collections.abc import Generator, Iterator, Mapping
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, Literal

from agents import view
from agents.codec import dump
from agents.events import Entry, Working
from agents.models.base import Cancel
from app.assistant import Request, Told, answer_hash
from app.calls import JSON, CallSpec
from retrieval.errors import UserError

if TYPE_CHECKING:
    from app.house import House

Params = Mapping[str, Any]
Policy = Literal["auto", "guided", "model"]
Stream = Generator[JSON, None, JSON]


def table(house: "House") -> dict[str, CallSpec]:
    """Return the calls of a house by name."""
    answers, records, shelves = _Answers(house), _Records(house), _Shelves(house)
    return {
        "ask": CallSpec(answers.ask, queued=True),
        "fork": CallSpec(answers.fork, queued=True),
        "probe": CallSpec(answers.probe, queued=True),
        "model": CallSpec(answers.model),
        "models": CallSpec(answers.models),
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


def entry_json(entry: Entry) -> dict[str, JSON]:
    """Return an entry as plain JSON values."""
    return {"run": entry.run, "seq": entry.seq, "at": entry.at, "event": dump(entry.event)}


def _told(told: Iterator[Told]) -> Stream:
    """Yield what is told as JSON items; return the run's name."""
    run = ""
    for item in told:
        if isinstance(item, Working):
            yield {"working": {"phase": item.phase, "count": item.count}}
        else:
            run = item.run
            yield {"entry": entry_json(item)}
    return {"run": run}


class _Answers:
    """Questions, and the models that answer them."""

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

    def probe(self, params: Params, cancel: Cancel) -> Stream:
        model = self._house.model(params.get("model"))
        probed = self._house.assistant.able(model)
        yield from ()
        return {**asdict(probed), "model": model.name, "able": probed.able, "score": probed.score}

    def model(self, params: Params, cancel: Cancel) -> Stream:
        model = self._house.model(params.get("model"))
        info = model.info() if hasattr(model, "info") else {}
        yield from ()
        return {"name": model.name, **asdict(model.capabilities), **info}

    def models(self, params: Params, cancel: Cancel) -> Stream:
        from app.models import list_models

        yield from ()
        return {"models": list_models(self._house.settings)}


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
        yield from ()
        told = [entry_json(entry) for entry in view.disclosed(entries)]
        return {"run": entries[0].run, "entries": told}

    def replay(self, params: Params, cancel: Cancel) -> Stream:
        run = str(params["run"])
        replayed = self._house.assistant.replay(run)
        events = [entry.event for entry in self._house.journal.entries(run)]
        yield from ()
        return {**asdict(replayed), "hash": answer_hash(events)}

    def export(self, params: Params, cancel: Cancel) -> Stream:
        for line in self._house.journal.export(str(params["run"])):
            yield {"line": line}
        return {"run": str(params["run"])}

    def take_in(self, params: Params, cancel: Cancel) -> Stream:
        run = self._house.journal.restore(params["lines"])
        yield from ()
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
        return {"failed": 0}

    def library(self, params: Params, cancel: Cancel) -> Stream:
        library = self._house.library
        yield from ()
        documents = [asdict(holding) for holding in library.holdings()]
        return {**asdict(library.state()), "documents": documents}


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
