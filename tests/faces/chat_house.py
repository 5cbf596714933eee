"""A house in memory behind the conversation page: it plays a script for every question.

Imported by tests it goes on by looks: each look at a job shows more of its run. Run by Streamlit
(`streamlit run tests/faces/chat_house.py`) it goes on by the clock, for a browser.
"""

import sys
import time
from collections.abc import Callable, Iterator, Mapping
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
    Event,
    Found,
    Judged,
    Opened,
    Prompted,
    Quoted,
    Rephrased,
    Replied,
    Result,
    Revised,
    Stopped,
    Verdict,
)
from retrieval.errors import UserError  # noqa: E402

PLANTED = "Zanzibar-only-in-the-draft"
NASTY = '<img src=x onerror=alert(1)><script>alert(2)</script>"\'<a href="javascript:1">x</a>'
PAGE = "Tide mills are old. The Rance mill opened in 1966. It yields 240 MW. It still runs."
WEB = "https://tides.example/rance"


def quotes(title: str = "The Rance mill") -> tuple[Quoted, ...]:
    """Two quotes: one of a file's third page, one of a page of the web."""
    return (
        Quoted(1, "d1", "/library/rance.md", title, PAGE[20:50], 20, 50, "Power > Output", 3),
        Quoted(2, "d2", WEB, "Tides", PAGE[51:68], 51, 68),
    )


def story(question: str, title: str = "The Rance mill") -> list[Event]:
    """The run that answers a question: what it says decides how the run goes.

    "nothing": declined; "word for word": quotes alone; "and then": a follow-up, rephrased;
    "nasty": everything outside is hostile; otherwise prose, of which the check drops a claim.
    """
    title = NASTY if "nasty" in question else title
    kept = quotes(title)
    result = Result("d1", "p1", "/library/rance.md", title, PAGE, 0, len(PAGE), 0.9)
    begun: list[Event] = [Asked(question, model="tiny-model")]
    if "and then" in question:
        begun.append(Rephrased("What did the Rance mill do then?", "model", 2, 3, 1))
    begun += [
        Acted(Search("Rance mill opened")),
        Found("Rance mill opened", (result,) * 8),
        Acted(Open(1)),
        Opened("d1", "/library/rance.md", title, PAGE),
        Acted(QuoteLines(2, 3)),
        *kept,
        Acted(Finish()),
        Stopped("finished"),
    ]
    return begun + _ending(question, kept)


def _ending(question: str, kept: tuple[Quoted, ...]) -> list[Event]:
    if "nothing" in question:
        return [Answered(Answer("No source answers this.", "declined", "none", "none", kept))]
    if "word for word" in question:
        text = f"“{kept[0].text}” [1]"
        held = Verdict(Claim(text, 0, len(text), (1,)), "supported", "verbatim", 1.0)
        return [Answered(Answer(text, "partial", "quotes", "nothing held", kept, (held,)))]
    first = NASTY if "nasty" in question else "It opened in 1966"
    good = _claim("", f"{first} [1].")
    open_ = _claim(good.text + " ", "It is the largest [2].")
    bad = _claim(f"{good.text} {open_.text} ", f"It stands in {PLANTED} [2].")
    held = Verdict(good, "supported", "containment", 0.97, evidence=1)
    unchecked = Verdict(open_, "unchecked", "none", 0.0, "no judge could decide")
    refuted = Verdict(bad, "unsupported", "containment", 0.9, "the name is in no quote")
    shown = f"{good.text} {open_.text}"
    draft = f"{shown} {bad.text}"
    return [
        Prompted("write", "write.v1", "abc", 120),
        Replied(draft, "stop", 120, 120, 30, 0.4),
        Drafted(draft),
        Claimed(0, (good, open_, bad)),
        *(Judged(0, verdict) for verdict in (held, unchecked, refuted)),
        Revised(1, "drop", shown),
        Answered(Answer(shown, "partial", "prose", "part was left out", kept, (held, unchecked))),
    ]


def _claim(before: str, text: str) -> Claim:
    return Claim(text, len(before), len(before) + len(text), (1 if "[1]" in text else 2,))


class Stream(Iterator[Any]):
    """Items, then a result or a fault."""

    def __init__(
        self, job: str, items: list[Any], result: Any, fault: Exception | None = None
    ) -> None:
        self.job, self.result, self._items, self._fault = job, result, iter(items), fault

    def __next__(self) -> Any:
        try:
            return next(self._items)
        except StopIteration:
            if self._fault is not None:
                raise self._fault from None
            raise

    def close(self) -> None:
        pass


class ChatHouse:
    """Answers the calls of the conversation page.

    `seconds` between two events; 0: each look at a job shows six events more. A question with
    "forever" in it ends only when it is stopped, one with "broken" ends with a fault; `faults` maps
    the name of a call to what it raises, `ahead` is how many wait before each question.
    """

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.talks: dict[str, dict[str, Any]] = {}
        self.turns: dict[str, dict[str, Any]] = {}
        self.begun: dict[str, float] = {}
        self.looks: dict[str, int] = {}
        self.stopped: dict[str, int] = {}
        self.marks: dict[str, dict[str, Any]] = {}
        self.documents: list[dict[str, Any]] = []
        self.faults: dict[str, Exception] = {}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.added: dict[str, list[Any]] = {}
        self.ahead = 0
        self.web = self.away = False

    def _reach(self, params: dict[str, Any]) -> Any:
        return [], {"web": self.web, "sources": "auto", "away": self.away}

    def call(self, name: str, params: Mapping[str, Any], job: str | None = None) -> Stream:
        self.calls.append((name, dict(params)))
        if name in self.faults:
            raise self.faults[name]
        carry_out: Callable[[dict[str, Any]], Any] = getattr(self, "_" + name.replace(".", "_"))
        items, result = carry_out(dict(params))
        if name == "add":
            self.added[str(job)] = items
        return Stream(job or "j", items, result)

    def told(self, name: str) -> list[dict[str, Any]]:
        """The parameters of every call of that name."""
        return [params for called, params in self.calls if called == name]

    def attach(self, job: str, number: int = 0) -> Stream:
        if job in self.added:
            return Stream(job, self.added[job][number:], {"failed": 0})
        fault = UserError("the model file is gone", cure="see vouch doctor")
        return Stream(job, [], None, fault if "broken" in self._question(job) else None)

    def stop(self, job: str) -> bool:
        self.stopped[job] = self._shown(job)
        return True

    def job(self, job: str) -> dict[str, Any] | None:
        if job in self.added:
            return {"job": job, "state": "ended", "items": len(self.added[job])}
        if job not in self.begun:
            return None
        self.looks[job] = self.looks.get(job, 0) + 1
        state = "waiting" if self.looks[job] <= self.ahead else "running"
        if self._done(job) or "broken" in self._question(job):
            state = "ended"
        working = {"phase": "checking", "count": 3}
        place = max(0, self.ahead + 1 - self.looks[job])
        return {"job": job, "state": state, "place": place, "working": working}

    def restart(self) -> None:
        """Forget the jobs, as an engine that was ended does."""
        self.begun.clear()

    def _question(self, turn: str) -> str:
        return str(self.turns[turn]["question"]) if turn in self.turns else ""

    def _events(self, turn: str) -> list[Event]:
        events = story(self._question(turn))
        if turn in self.stopped:
            return [*events[: max(1, self.stopped[turn])], Stopped("cancelled")]
        return events

    def _shown(self, turn: str) -> int:
        if self.seconds:
            reached = int((time.time() - self.begun.get(turn, time.time())) / self.seconds)
        else:
            reached = 6 * max(0, self.looks.get(turn, 0) - self.ahead)
        return min(reached, 8) if "forever" in self._question(turn) else reached

    def _done(self, turn: str) -> bool:
        return turn in self.stopped or self._shown(turn) >= len(self._events(turn))

    def _state(self, turn: str) -> str:
        if not self._shown(turn) and turn not in self.stopped:
            return "new"
        if not self._done(turn) or "broken" in self._question(turn):
            return "open"
        return "stopped" if turn in self.stopped else "answered"

    def _turn_new(self, params: dict[str, Any]) -> Any:
        turn, talk = params["turn"], params.get("conversation") or f"c{len(self.talks) + 1}"
        if turn in self.turns:
            talk = next(id for id, known in self.talks.items() if turn in known["turns"])
        else:
            line = {"id": talk, "title": params["question"][:80], "leaf": None, "turns": []}
            known = self.talks.setdefault(talk, line | {"updated": time.time()})
            self.turns[turn] = {
                "id": turn, "parent": params.get("parent"), "question": params["question"],
                "run": f"r-{turn}", "at": time.time(), "asked": None,
                "collections": params.get("collections") or [],
                "sources": params.get("sources") or [], "tags": params.get("tags") or [],
                "reach": params.get("reach") or "",
            }  # fmt: skip
            known["turns"].append(turn)
            known["leaf"] = turn
        return [], {"conversation": talk, "turn": turn, "run": f"r-{turn}"}

    def _turn_run(self, params: dict[str, Any]) -> Any:
        self.begun.setdefault(params["turn"], time.time())
        return [{"job": params["turn"]}], {"run": f"r-{params['turn']}", "state": "answered"}

    def _turn(self, params: dict[str, Any]) -> Any:
        turn, after = params["turn"], params.get("after", -1)
        events = self._events(turn)
        reached = len(events) if self._done(turn) else min(self._shown(turn), len(events))
        whole = reached == len(events)
        told = [
            {"run": f"r-{turn}", "seq": n, "at": 1000.0 + n / 2, "event": dump(event)}
            for n, event in enumerate(events[:reached])
            if n > after and (whole or not isinstance(event, WITHHELD))
        ]
        return [], {"turn": self._line(turn), "entries": told, "more": False}

    def _line(self, turn: str) -> dict[str, Any]:
        return self.turns[turn] | {"state": self._state(turn)}

    def _conversation(self, params: dict[str, Any]) -> Any:
        if params["id"] not in self.talks:
            raise UserError(f"there is no conversation {params['id']}", cure="begin a new one")
        talk = self.talks[params["id"]]
        return [], talk | {"turns": [self._line(turn) for turn in talk["turns"]]}

    def _conversations(self, params: dict[str, Any]) -> Any:
        lines = [talk | {"turns": len(talk["turns"])} for talk in self.talks.values()]
        return [], {"conversations": lines[::-1]}

    def _conversation_rename(self, params: dict[str, Any]) -> Any:
        self.talks[params["id"]]["title"] = params["title"]
        return [], {}

    def _conversation_delete(self, params: dict[str, Any]) -> Any:
        del self.talks[params["id"]]
        return [], {}

    def _conversation_leaf(self, params: dict[str, Any]) -> Any:
        self.talks[params["id"]]["leaf"] = params["turn"]
        return [], {}

    def _feedback_add(self, params: dict[str, Any]) -> Any:
        mark = {"tags": [], "comment": "", "text": None} | params
        self.marks[params["run"]] = mark
        return [], mark

    def _feedback_of(self, params: dict[str, Any]) -> Any:
        return [], {"marks": {run: self.marks[run] for run in params["runs"] if run in self.marks}}

    def _library(self, params: dict[str, Any]) -> Any:
        return [], {"documents": list(self.documents), "passages": len(self.documents)}

    def _page(self, params: dict[str, Any]) -> Any:
        start, end = params["start"], params["end"]
        told = {"before": PAGE[:start], "text": PAGE[start:end], "after": PAGE[end:]}
        return [], told | {"title": "The Rance mill", "source": "", "page": 3}

    def _add(self, params: dict[str, Any]) -> Any:
        items = []
        for path in params["paths"]:
            self.documents.append({"source": path, "title": Path(path).stem, "collection": ""})
            items.append({"kind": "added", "path": path, "passages": 2, "done": 1, "total": 1})
        return items, {"failed": 0}


def _serve() -> None:
    """Draw the page for a browser, on a house that goes on by the clock."""
    import streamlit as st

    from ui.chat.shell import show

    @st.cache_resource
    def house() -> ChatHouse:
        made = ChatHouse(seconds=0.15)
        for name in ("Tides", "Mills", "The Rance mill"):
            made.documents.append({"source": f"/{name}.md", "title": name, "collection": "default"})
        return made

    show(house, Path(sys.argv[1] if len(sys.argv) > 1 else "."), "auto")


if __name__ == "__main__":
    _serve()
