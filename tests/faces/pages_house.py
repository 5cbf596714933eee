"""A house in memory behind the library, runs and compare pages: it keeps what it is told."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from agents.actions import Finish, Search
from agents.codec import dump
from agents.events import (
    Acted,
    Answer,
    Answered,
    Asked,
    Claim,
    Drafted,
    Entry,
    Event,
    Found,
    Judged,
    Quoted,
    Result,
    Revised,
    Stopped,
    Verdict,
)
from retrieval.errors import UserError

NASTY = "<img src=x onerror=alert(1)><script>alert(1)</script> **bold** [x](javascript:alert(1))"

Outcome = tuple[list[dict[str, Any]], Any]


def document(source: str, title: str, collection: str = "default") -> dict[str, Any]:
    """A line of the catalogue."""
    name = Path(source).name
    facts = {"characters": 1200, "passages": 3, "media": "text/markdown", "digest": "d"}
    facts |= {"also": [], "tags": []}
    return {"document": name, "source": source, "title": title, "collection": collection, **facts}


def _places(document: dict[str, Any]) -> list[str]:
    return [document["source"], *document["also"]]


def _below(place: str, source: str) -> bool:
    return place == source or place.startswith(f"{source}/")


def story(question: str, answer: str, model: str = "tiny", query: str = "tides") -> list[Event]:
    """A run that searched, quoted, drafted two claims and kept one."""
    quote = Quoted(1, "d1", "/library/rance.md", "Rance", "The mill opened in 1966.", 0, 24)
    good = Claim(answer, 0, len(answer), (1,))
    bad = Claim("It stands in Zanzibar.", len(answer) + 1, len(answer) + 23, (1,))
    held = Verdict(good, "supported", "containment", 0.97, evidence=1)
    refuted = Verdict(bad, "unsupported", "containment", 0.9, "the name is in no quote")
    result = Result("d1", "p1", "/library/rance.md", "Rance", quote.text, 0, 24, 0.9)
    return [
        Asked(question, model=model),
        Acted(Search(query)),
        Found(query, (result,)),
        quote,
        Acted(Finish()),
        Stopped("finished"),
        Drafted(f"{answer} {bad.text}"),
        Judged(0, held),
        Judged(0, refuted),
        Revised(1, "drop", answer),
        Answered(Answer(answer, "answered", "prose", "", (quote,), (held,))),
    ]


class Stream(Iterator[Any]):
    """Items, then a result."""

    def __init__(self, job: str, items: list[dict[str, Any]], result: Any) -> None:
        self.job, self.result = job, result
        self._items = iter(items)

    def __next__(self) -> Any:
        return next(self._items)

    def close(self) -> None:
        pass


class PagesHouse:
    """Answers the calls of the pages. `faults` maps a call's name to what it raises."""

    def __init__(self) -> None:
        self.documents: list[dict[str, Any]] = []
        self.private: set[str] = set()
        self.runs: dict[str, list[Event]] = {}
        self.pairs: list[dict[str, Any]] = []
        self.compared: dict[str, dict[str, Any]] = {}
        self.faults: dict[str, Exception] = {}
        self.hits: list[dict[str, Any]] = []
        self.wrong: list[dict[str, Any]] = []
        self.index: dict[str, Any] = {"index": "exact", "recall": None, "memory": 2 * 2**20}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.jobs: dict[str, Outcome] = {}
        self.told_so_far: dict[str, int] = {}
        """Jobs that still run, and how many of their items there are by now."""
        self.stopped: list[str] = []
        self.replay: dict[str, Any] = {"equal": True, "step": None, "because": "", "hash": "cafe"}

    def call(self, name: str, params: Mapping[str, Any], job: str | None = None) -> Stream:
        self.calls.append((name, dict(params)))
        if name in self.faults:
            raise self.faults[name]
        if job is None or job not in self.jobs:
            carry_out: Callable[[dict[str, Any]], Outcome]
            carry_out = getattr(self, "_" + name.replace(".", "_"))
            outcome = carry_out(dict(params))
            self.jobs[job or f"j{len(self.calls)}"] = outcome
        else:
            outcome = self.jobs[job]
        return Stream(job or "j", *outcome)

    def stop(self, job: str) -> bool:
        self.stopped.append(job)
        return True

    def job(self, job: str) -> dict[str, Any] | None:
        if job not in self.jobs:
            return None
        items, state = len(self.jobs[job][0]), "ended"
        if job in self.told_so_far:
            items, state = self.told_so_far[job], "running"
        return {"job": job, "state": state, "place": 0, "working": None, "items": items}

    def attach(self, job: str, number: int = 0) -> Stream:
        items, result = self.jobs[job]
        return Stream(job, items[number : self.told_so_far.get(job)], result)

    def told(self, name: str) -> list[dict[str, Any]]:
        """The parameters of every call of that name."""
        return [params for called, params in self.calls if called == name]

    def _library(self, params: dict[str, Any]) -> Outcome:
        passages = sum(document["passages"] for document in self.documents)
        state = {"generation": 2, "bytes": 3 * 2**20, "embedder": "tiny", **self.index}
        state["splitter"] = "900 characters"
        return [], {"documents": list(self.documents), "passages": passages, **state}

    def _add(self, params: dict[str, Any]) -> Outcome:
        items: list[dict[str, Any]] = []
        for done, path in enumerate(params["paths"], 1):
            place = {"path": path, "done": done, "total": len(params["paths"])}
            if path.endswith(".bad"):
                items.append({"kind": "failed", "why": f"no text in it {NASTY}", **place})
                continue
            self.documents.append(document(path, Path(path).stem, params.get("collection", "")))
            self.documents[-1]["tags"] = list(params.get("tags", ()))
            items.append({"kind": "added", "passages": 3, **place})
        items.append({"kind": "embedding", "passages": 3, "of": 3})
        return items, {"failed": sum(item["kind"] == "failed" for item in items)}

    def _reindex(self, params: dict[str, Any]) -> Outcome:
        return [{"kind": "embedding", "passages": 2, "of": 4}, {"kind": "indexed"}], {"failed": 0}

    def _remove(self, params: dict[str, Any]) -> Outcome:
        meant = self._meant(params)
        for one in meant:
            left = [place for place in _places(one) if not _below(place, params["source"])]
            if left:
                one |= {"source": left[0], "also": left[1:]}
            else:
                self.documents.remove(one)
        return [], {"source": params["source"], "sources": len(meant)}

    def _tag(self, params: dict[str, Any]) -> Outcome:
        for one in self._meant(params):
            tags = {*one["tags"], *params.get("add", ())} - {*params.get("drop", ())}
            one["tags"] = sorted(tags)
        return [], {}

    def _meant(self, params: dict[str, Any]) -> list[dict[str, Any]]:
        """The documents of a source, a file or a folder, in a collection."""
        home, source = params.get("collection", "default"), params["source"]
        meant = [
            one
            for one in self.documents
            if one["collection"] == home and any(_below(place, source) for place in _places(one))
        ]
        if not meant:
            raise UserError(f"the library holds no {source}", cure="see vouch library")
        return meant

    def _library_verify(self, params: dict[str, Any]) -> Outcome:
        return self.wrong, {"faults": len(self.wrong)}

    def _library_repair(self, params: dict[str, Any]) -> Outcome:
        self.wrong = []
        return [{"kind": "indexed", "documents": 3, "passages": 9, "seconds": 1.0}], {"failed": 0}

    def _collections(self, params: dict[str, Any]) -> Outcome:
        names = sorted({d["collection"] for d in self.documents})
        return [], {
            "collections": [
                {"name": n, "private": n in self.private, "documents": 1, "passages": 3}
                for n in names
            ]
        }

    def _collection_set(self, params: dict[str, Any]) -> Outcome:
        (self.private.add if params["private"] else self.private.discard)(params["name"])
        return [], {}

    def _search(self, params: dict[str, Any]) -> Outcome:
        return [], {"hits": self.hits[: params["k"]]}

    def _runs(self, params: dict[str, Any]) -> Outcome:
        lines = [
            {
                "id": run,
                "started": 1_700_000_000.0 + n,
                "question": events[0].question if isinstance(events[0], Asked) else "",
                "outcome": "answered" if isinstance(events[-1], Answered) else "stopped: failed",
                "policy": "guided",
                "model": "tiny",
                "parent": None,
            }
            for n, (run, events) in enumerate(self.runs.items())
        ]
        return [], {"runs": lines[::-1]}

    def _show(self, params: dict[str, Any]) -> Outcome:
        run = params["run"]
        if run not in self.runs:
            raise UserError(f"there is no run {run}", cure="list the runs with: vouch runs")
        entries = [Entry(run, n, 1000.0 + n / 2, e) for n, e in enumerate(self.runs[run])]
        return [
            {"entry": {"run": e.run, "seq": e.seq, "at": e.at, "event": dump(e.event)}}
            for e in entries
        ], {"run": run}

    def _page(self, params: dict[str, Any]) -> Outcome:
        raise UserError("no page")

    def _replay(self, params: dict[str, Any]) -> Outcome:
        return [], self.replay

    def _export(self, params: dict[str, Any]) -> Outcome:
        return [{"piece": '{"run": '}, {"piece": "1}\n"}], {"run": params["run"]}

    def _compare_next(self, params: dict[str, Any]) -> Outcome:
        done = [{one["left"], one["right"]} for one in self.compared.values()]
        done += [set(pair) for pair in params.get("skip", [])]
        left = [pair for pair in self.pairs if {pair["left"], pair["right"]} not in done]
        return [], left[0] if left else {}

    def _compare_add(self, params: dict[str, Any]) -> Outcome:
        self.compared.setdefault(params["id"], params)
        return [], {}
