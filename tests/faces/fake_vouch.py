"""A house of cards behind the real command line: run as a script, `vouch` without an engine."""

import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from agents.actions import Finish, Open, QuoteLines, Search  # noqa: E402
from agents.codec import dump  # noqa: E402
from agents.events import (  # noqa: E402
    WITHHELD,
    Acted,
    Answer,
    Answered,
    Asked,
    Claim,
    Claimed,
    Drafted,
    Entry,
    Event,
    Found,
    Judged,
    Measured,
    Opened,
    Prompted,
    Quoted,
    Replied,
    Result,
    Revised,
    Stopped,
    Verdict,
)
from retrieval.errors import UserError  # noqa: E402

PLANTED = "Zanzibar-only-in-the-draft"
NASTY = "tidal\x1b[31m power\x07 \u202eevil\u202c \x9b2J</b><script>"
PAGE = "The tide mill of Rance opened in 1966. It yields 240 MW."
RUN = "r7f3a"


def quotes() -> tuple[Quoted, ...]:
    """Two quotes of one page, the second on page 3 under a heading."""
    source = "/library/rance.md"
    return (
        Quoted(1, "d1", source, "Rance", PAGE[:38], 0, 38),
        Quoted(2, "d1", source, "Rance", PAGE[39:], 39, 56, "Power > Output", 3),
    )


def story(question: str = "When did the Rance mill open?", title: str = "Rance") -> list[Event]:
    """A guided run: a search, a page, two quotes, a draft with one bad sentence, the answer."""
    source = "/library/rance.md"
    good = Claim("It opened in 1966 [1].", 0, 22, (1,))
    bad = Claim(f"It stands in {PLANTED} [2].", 23, 63, (2,))
    held = Verdict(good, "supported", "containment", 0.97, evidence=1)
    refuted = Verdict(bad, "unsupported", "containment", 0.9, "the name is in no quote")
    draft = f"{good.text} {bad.text}"
    result = Result("d1", "p1", source, title, PAGE, 0, 56, 0.9)
    return [
        Asked(question, model="tiny-model"),
        Measured("query", "q", (0.5,)),
        Acted(Search("Rance mill opened")),
        Found("Rance mill opened", (result,) * 8),
        Acted(Open(1)),
        Opened("d1", source, title, PAGE),
        Acted(QuoteLines(1, 2)),
        *quotes(),
        Acted(Finish()),
        Stopped("finished"),
        Prompted("write", "write.v1", "abc", 120),
        Replied(draft, "stop", 120, 120, 30, 0.4),
        Drafted(draft),
        Claimed(0, (good, bad)),
        Judged(0, held),
        Judged(0, refuted),
        Revised(1, "drop", good.text),
        Answered(Answer(good.text, "answered", "prose", "", quotes(), (held,))),
    ]


def entries(events: list[Event]) -> list[Entry]:
    """Number the events, half a second apart."""
    return [Entry(RUN, n, 1000.0 + n / 2, event) for n, event in enumerate(events)]


def plain(entry: Entry) -> dict[str, Any]:
    """An entry as it travels."""
    return {"run": entry.run, "seq": entry.seq, "at": entry.at, "event": dump(entry.event)}


Outcome = tuple[list[dict[str, Any]], Any]


class FakeStream(Iterator[Any]):
    """Items and then a result; `mood` "slow" stays at the work until the house is told to stop."""

    job = "j1"

    def __init__(self, house: "FakeHouse", items: list[dict[str, Any]], result: Any) -> None:
        self.house, self.items, self.result = house, items, result
        self.place = 0

    def __next__(self) -> Any:
        if self.place == len(self.items):
            raise StopIteration(self.result)
        item = self.items[self.place]
        busy = "working" in item or item.get("kind") == "embedding"
        if self.house.stopped:
            raise StopIteration(self.result)
        if self.house.mood == "slow" and busy:
            time.sleep(0.01)
        else:
            self.place += 1
        return item


class FakeHouse:
    """Answers every call of the table from the story; `mood` chooses what goes wrong."""

    def __init__(self, mood: str = "") -> None:
        self.mood = mood
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.stopped = False
        self.events = story(title=NASTY if mood == "nasty" else "Rance")
        self.asking: list[dict[str, Any]] = []
        self.held: dict[str, bytes] = {}

    def call(self, name: str, params: Mapping[str, Any], job: str | None = None) -> FakeStream:
        self.calls.append((name, dict(params)))
        items, result = getattr(self, "_" + name.replace("import", "take").replace(".", "_"))(
            dict(params)
        )
        return FakeStream(self, items, result)

    def stop(self, job: str) -> bool:
        self.stopped = job == FakeStream.job
        return self.stopped

    def _ask(self, params: dict[str, Any]) -> Outcome:
        if self.mood == "fault":
            raise UserError("the library is empty", origin="/home", cure="run vouch add FOLDER")
        if self.mood == "broken":
            raise RuntimeError("a wheel came off")
        self.events[0] = Asked(params["question"], model="tiny-model")
        if self.mood in ("lost", "leaking"):
            self.events = [*self.events[:14], Stopped("model lost", "it died")]
        self.asking = [{"job": "j1"}, {"queued": 1}]
        for entry in entries(self.events):
            if isinstance(entry.event, Prompted):
                busy = [("writing", 0), ("writing", 7), ("checking", 2)]
                self.asking += [{"working": {"phase": p, "count": n}} for p, n in busy]
            if self.mood == "leaking" or not isinstance(entry.event, WITHHELD):
                self.asking.append({"entry": plain(entry)})
        return self.asking, {"run": RUN}

    def _fork(self, params: dict[str, Any]) -> Outcome:
        return self._ask({"question": "forked"})

    def _show(self, params: dict[str, Any]) -> Outcome:
        return [{"entry": plain(e)} for e in entries(self.events)], {"run": RUN}

    def _runs(self, params: dict[str, Any]) -> Outcome:
        line = {"id": RUN, "started": 1000.0, "question": NASTY, "outcome": "answered"}
        return [], {"runs": [line]}

    def _replay(self, params: dict[str, Any]) -> Outcome:
        parted = {"equal": False, "step": 2, "because": "the search brought other results"}
        equal = {"equal": True, "step": None, "because": "", "hash": "cafe"}
        cut = {"equal": True, "step": None, "because": "the run was cut off", "hash": ""}
        return [], {"parted": parted, "cut": cut}.get(self.mood, equal)

    def _export(self, params: dict[str, Any]) -> Outcome:
        return [
            {"piece": '{"run":'},
            {"piece": " 1}\n"},
            {"piece": '{"text": "\u202eevil"}\n'},
        ], None

    def _take(self, params: dict[str, Any]) -> Outcome:
        return [], {"run": RUN}

    def _add(self, params: dict[str, Any]) -> Outcome:
        if self.mood == "many":
            return _many(200)
        if self.mood == "folder":
            return self._sync(Path(params["paths"][0]))
        items: list[dict[str, Any]] = []
        for path in params["paths"]:
            items.append({"kind": "added", "path": path, "passages": 3, "done": 1, "total": 2})
        items.append({"kind": "embedding", "passages": 1, "of": 3})
        if self.mood == "failed":
            items.append({"kind": "failed", "path": "/x/cut.pdf", "why": "the file is cut short"})
        if self.mood == "synced":
            items += _synced()
        return items, {"failed": int(self.mood == "failed")}

    def _sync(self, folder: Path) -> Outcome:
        """Bring what is held up to the files of a folder; those that end with .bad fail."""
        found = {str(path): path.read_bytes() for path in sorted(folder.iterdir())}
        items: list[dict[str, Any]] = []
        for path, data in found.items():
            kind = "changed" if path in self.held else "added"
            kind = "unchanged" if self.held.get(path) == data else kind
            item = {"kind": kind, "path": path, "passages": 1}
            if path.endswith(".bad"):
                item |= {"kind": "failed", "why": "it is cut short"}
            items.append({**item, "done": len(items) + 1, "total": len(found)})
        items += [{"kind": "removed", "path": path} for path in self.held if path not in found]
        self.held = found
        return items, {"failed": sum(item["kind"] == "failed" for item in items)}

    def _library(self, params: dict[str, Any]) -> Outcome:
        document = {"source": "/library/rance.md", "title": NASTY, "passages": 3, "characters": 56}
        document |= {"collection": "default", "also": ["/copies/rance.md"], "tags": ["mill"]}
        index = {"index": "hnsw", "recall": 0.984, "memory": 2**20, "bytes": 3 * 2**20}
        state = {"embedder": "tiny", "splitter": "800 characters", "generation": 4, **index}
        if self.mood == "asleep":
            state |= {"index": "not open", "recall": None, "memory": 0}
        return [], {**state, "passages": 3, "documents": [document]}

    def _collections(self, params: dict[str, Any]) -> Outcome:
        lines = [
            {"name": "default", "private": False, "documents": 1, "passages": 3},
            {"name": NASTY, "private": True, "documents": 2, "passages": 4},
        ]
        return [], {"collections": lines}

    def _collection_set(self, params: dict[str, Any]) -> Outcome:
        return [], params

    def _search(self, params: dict[str, Any]) -> Outcome:
        place = {"source": "/library/rance.md", "title": NASTY, "text": PAGE, "page": 3}
        found = {"heading": "Power", "cosine": 0.5, "found_by": ["dense", "lexical"]}
        return [], {"hits": [] if params["query"] == "nothing" else [place | found]}

    def _backup(self, params: dict[str, Any]) -> Outcome:
        counts = {"documents": 2, "runs": 1, "conversations": 0, "feedback": 0}
        made = {"path": params["path"], "bytes": 2**20, "counts": counts, "members": []}
        made |= {"learned": ["write-1"], "unfinished": ["write-2"]}
        items = [{"name": "vouch.db", "done": 0, "total": 1}]
        return items, made | {"left_out": ["slack.bot_token"]}

    def _remove(self, params: dict[str, Any]) -> Outcome:
        return [], {**params, "sources": 1 if params["source"].endswith(".md") else 2}

    def _tag(self, params: dict[str, Any]) -> Outcome:
        return [], {**params, "sources": 2}

    def _reindex(self, params: dict[str, Any]) -> Outcome:
        done = {"kind": "changed", "path": "/library/rance.md", "passages": 3}
        return [{**done, "done": 1, "total": 1}, {"kind": "indexed", "passages": 3}], {"failed": 0}

    def _library_repair(self, params: dict[str, Any]) -> Outcome:
        lost = {"kind": "failed", "path": "/library/rance.md", "why": "its text is damaged"}
        items = [{**lost, "done": 1, "total": 1}] if self.mood == "lost" else []
        return items, {"failed": len(items)}

    def _library_verify(self, params: dict[str, Any]) -> Outcome:
        if self.mood != "unsound":
            return [{"job": "j1"}], {"faults": 0}
        place = {"source": NASTY, "collection": "default"}
        bad = {"part": "vectors", "what": "a vector is damaged", **place}
        torn = {"part": "search files", "what": "a file is cut short", "source": ""}
        return [{"job": "j1"}, bad, torn], {"faults": 2}

    def _library_export(self, params: dict[str, Any]) -> Outcome:
        if self.mood == "broken":
            raise UserError("the disk of the library is gone")
        documents = [{"document": f"d{n}", "text": f"tide \u202e{n} 潮"} for n in range(3)]
        text = "".join(f"{json.dumps(one, ensure_ascii=False)}\n" for one in documents)
        pieces = [{"piece": text[at : at + 9]} for at in range(0, len(text), 9)]
        return pieces, {"documents": 3}


def _synced() -> list[dict[str, Any]]:
    """A folder brought up to date: something of every kind."""
    return [
        {"kind": "changed", "path": "/x/a.md", "passages": 2, "done": 2, "total": 6},
        {"kind": "moved", "path": "/x/new.md", "before": "/x/old.md", "done": 3, "total": 6},
        {"kind": "duplicate", "path": "/x/copy.md", "of": "/x/a.md", "done": 4, "total": 6},
        {"kind": "unchanged", "path": "/x/same.md", "done": 5, "total": 6},
        {"kind": "failed", "path": "/x/cut.pdf", "why": "it is cut short", "done": 6, "total": 6},
        {"kind": "removed", "path": NASTY, "done": 6, "total": 6},
        {"kind": "indexed", "documents": 4, "passages": 9, "seconds": 61.0},
    ]


def _many(count: int) -> Outcome:
    """A folder of many files, one of which cannot be read."""
    items: list[dict[str, Any]] = []
    for done in range(1, count + 1):
        file = {"kind": "added", "path": f"/x/{done:03}.md", "passages": 2}
        items.append({**file, "done": done, "total": count})
    items[6] |= {"kind": "failed", "why": "the file is cut short"}
    return items, {"failed": 1}


def main() -> None:
    from ui import commandline, faults

    sys.excepthook = faults.unexpected
    house = FakeHouse(os.environ.get("FAKE_MOOD", ""))
    sys.exit(commandline.run(sys.argv[1:], lambda choice: house))


if __name__ == "__main__":
    main()
