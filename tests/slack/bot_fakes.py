"""A house and a Slack in memory, for tests of the bot's parts; both can fail at any call."""

import itertools
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from slack_sdk.errors import SlackApiError

from agents.codec import dump
from agents.events import (
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
    Opened,
    Quoted,
    Stopped,
    Verdict,
)
from retrieval.errors import UserError
from ui.slack.access import Access
from ui.slack.asked import Request
from ui.slack.items import Item, Items
from ui.slack.talk import Me, Talk
from ui.slack.web import Web
from ui.slack.work import Work

BOT, TEAM, CHANNEL, ADA, ROOT = "U0VOUCH", "T0VOUCH", "C0MILL", "U0ADA", "1700000000.000100"
ME = Me(BOT, "B0VOUCH", TEAM)
DRAFTED = "Zanzibar-only-in-the-draft"


class Killed(BaseException):
    """The bot's process is gone."""


def story(question: str, text: str = "It opened in 1966 [1].", **asked: Any) -> list[Event]:
    """A run: a search, a page, a quote, a draft with a word of its own, the answer."""
    page = "The tide mill of Rance opened in 1966."
    quote = Quoted(1, "d1", "/home/ada/library/rance.md", "Rance", page, 0, len(page))
    claim = Claim(text, 0, len(text), (1,))
    held = Verdict(claim, "supported", "containment", 0.97, evidence=1)
    wild = Claim(f"It is in {DRAFTED}.", 0, 10, ())
    refuted = Verdict(wild, "unsupported", "containment", 0.9, "the name is in no quote")
    return [
        Asked(question, model="tiny-model", **asked),
        Found("Rance mill", ()),
        Opened("d1", quote.source, "Rance", page),
        quote,
        Stopped("finished"),
        Drafted(f"{text} {wild.text}"),
        Claimed(0, (claim, wild)),
        Judged(0, refuted),
        Answered(Answer(text, "answered", "prose", "", (quote,), (held,))),
    ]


def entries(run: str, events: list[Event]) -> list[dict[str, Any]]:
    """Events as they travel."""
    numbered = [Entry(run, n, 1000.0 + n / 2, event) for n, event in enumerate(events)]
    return [{"run": e.run, "seq": e.seq, "at": e.at, "event": dump(e.event)} for e in numbered]


class Stream(Iterator[Any]):
    """Items, then a result."""

    job = "job"

    def __init__(self, items: list[Any], result: Any) -> None:
        self._items = iter(items)
        self._result = result
        self.result: Any = None

    def __next__(self) -> Any:
        for item in self._items:
            return item
        self.result = self._result
        raise StopIteration


@dataclass
class Rows:
    """What a house keeps on the disk: it outlives the bot."""

    inbox: dict[str, dict[str, Any]] = field(default_factory=dict)
    turns: dict[str, dict[str, Any]] = field(default_factory=dict)
    runs: dict[str, list[Event]] = field(default_factory=dict)
    leaf: dict[str, str] = field(default_factory=dict)
    marks: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)


class MadeHouse:
    """Serves the bot's calls from `rows`; `answer` makes the events of a run."""

    def __init__(
        self,
        rows: Rows,
        step: Callable[[str], None] = lambda moment: None,
        answer: Callable[..., list[Event]] = story,
    ) -> None:
        self.rows = rows
        self.step = step
        self.answer = answer
        self.collections = [{"name": "default", "private": False}]
        self.stopped: list[str] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def call(self, name: str, params: Mapping[str, Any], job: str | None = None) -> Stream:
        self.calls.append((name, dict(params)))
        self.step(f"{name} before")
        items, result = getattr(self, "_" + name.replace(".", "_"))(dict(params))
        self.step(f"{name} after")
        return Stream(items, json.loads(json.dumps(result)))

    def stop(self, job: str) -> bool:
        self.stopped.append(job)
        return True

    def job(self, job: str) -> None:
        return None

    def named(self, name: str) -> list[dict[str, Any]]:
        """Return the parameters of the calls of that name."""
        return [params for called, params in self.calls if called == name]

    def _inbox_take(self, params: dict[str, Any]) -> Any:
        fresh = params["key"] not in self.rows.inbox
        new = {"state": "taken", "payload": params["payload"], "data": {}, "key": params["key"]}
        return [], {"fresh": fresh, **self.rows.inbox.setdefault(params["key"], new)}

    def _inbox_mark(self, params: dict[str, Any]) -> Any:
        self.rows.inbox[params["key"]] |= {"state": params["state"], "data": params["data"]}
        return [], {}

    def _inbox_open(self, params: dict[str, Any]) -> Any:
        return [], {"items": [i for i in self.rows.inbox.values() if i["state"] != "done"]}

    def _collections(self, params: dict[str, Any]) -> Any:
        return [], {"collections": self.collections}

    def _turn_new(self, params: dict[str, Any]) -> Any:
        talk = params["conversation"]
        parent = self.rows.leaf.get(talk) if params.get("follow") else params.get("parent")
        new = {"conversation": talk, "parent": parent, "run": f"r-{params['turn']}", **params}
        turn = self.rows.turns.setdefault(params["turn"], {**new, "parent": parent})
        self.rows.leaf[talk] = params["turn"]
        return [], turn

    def _turn_run(self, params: dict[str, Any]) -> Any:
        turn = self.rows.turns[params["turn"]]
        return self._ran(turn["run"], turn["question"], turn["collections"])

    def _verify(self, params: dict[str, Any]) -> Any:
        return self._ran(params["run"], params["text"], params["collections"])

    def _ran(self, run: str, question: str, collections: list[str]) -> Any:
        if run not in self.rows.runs:
            self.rows.asked.append(run)
            self.rows.runs[run] = self.answer(question, collections=tuple(collections))
        events = self.rows.runs[run]
        told = [{"queued": 1}, {"working": {"phase": "checking", "count": 2}}]
        told += [{"entry": entry} for entry in entries(run, events)[:5]]
        last = events[-1]
        state = "answered" if isinstance(last, Answered) else "stopped"
        return told, {"run": run, "state": "interrupted" if last == events[0] else state}

    def _show(self, params: dict[str, Any]) -> Any:
        if params["run"] not in self.rows.runs:
            raise UserError("there is no such run")
        told = entries(params["run"], self.rows.runs[params["run"]])
        return [{"entry": entry} for entry in told], {}

    def _feedback_add(self, params: dict[str, Any]) -> Any:
        fresh = params["id"] not in self.rows.marks
        self.rows.marks.setdefault(params["id"], params)
        return [], {"fresh": fresh}


class _Refusal(dict[str, Any]):
    """What an SDK's error carries."""

    def __init__(self, error: str, status: int, headers: dict[str, str]) -> None:
        super().__init__(ok=False, error=error)
        self.status_code = status
        self.headers = headers


def refusal(error: str, status: int = 200, **headers: str) -> SlackApiError:
    """The SDK's error for an answer of Slack's."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return SlackApiError(error, _Refusal(error, status, named))  # type: ignore[no-untyped-call]


class MadeSlack:
    """Messages in memory, which outlive the bot. `step` is told of every call before and after it
    was carried out, and may raise what the bot then sees."""

    def __init__(self) -> None:
        self.messages: dict[str, dict[str, Any]] = {}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.about: dict[str, bool] = {}
        self.step: Callable[[str], None] = lambda moment: None
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def api_call(self, api_method: str, **values: Any) -> dict[str, Any]:
        args = values.get("json") or values.get("params") or {}
        self.step(f"{api_method} before")
        with self._lock:
            self.calls.append((api_method, args))
            answer = self._carry_out(api_method, json.loads(json.dumps(args)))
        self.step(f"{api_method} after")
        return answer

    def named(self, method: str) -> list[dict[str, Any]]:
        """Return the arguments of the calls of a method."""
        return [args for called, args in self.calls if called == method]

    def shown(self) -> list[dict[str, Any]]:
        """Return the messages as people see them, oldest first."""
        return [self.messages[ts] for ts in sorted(self.messages)]

    def _carry_out(self, method: str, args: dict[str, Any]) -> dict[str, Any]:
        match method:
            case "chat.postMessage":
                ts = f"1700000001.{next(self._numbers):06d}"
                self.messages[ts] = {**args, "ts": ts, "user": BOT, "bot_id": "B0VOUCH"}
                return {"ok": True, "ts": ts}
            case "chat.update":
                if args["ts"] not in self.messages:
                    raise refusal("message_not_found")
                self.messages[args["ts"]] |= args
            case "chat.delete":
                self.messages.pop(args["ts"], None)
            case "conversations.info":
                return {"ok": True, "channel": {"id": args["channel"], **self.about}}
            case "conversations.replies" | "conversations.history":
                return {"ok": True, "messages": list(self._found(args))}
        return {"ok": True}

    def _found(self, args: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for message in self.shown():
            root = message.get("thread_ts", "")
            if message["channel"] == args["channel"] and root == args.get("ts", ""):
                yield message


@dataclass
class Parts:
    """A bot's parts over a house and a Slack."""

    house: MadeHouse
    slack: MadeSlack
    items: Items
    talk: Talk
    work: Work


class Quick(threading.Event):
    """An event that is never set and never waits."""

    def wait(self, timeout: float | None = None) -> bool:
        return self.is_set()


def parts(house: MadeHouse, slack: MadeSlack, access: Access | None = None) -> Parts:
    """Put the parts of a bot together; no pause of theirs takes time."""
    clock = itertools.count(0.0, 2.0)
    talk = Talk(Web(slack, Quick(), lambda: next(clock)), ME, lambda *_: None, lambda: next(clock))
    items = Items(house)
    return Parts(house, slack, items, talk, Work(house, talk, items, access or Access()))


def request(**changes: Any) -> Request:
    """A mention in a channel."""
    plain: dict[str, Any] = {
        "key": f"{TEAM}:{CHANNEL}:{ROOT}",
        "kind": "ask",
        "team": TEAM,
        "channel": CHANNEL,
        "user": ADA,
        "text": "When did the Rance mill open?",
        "root": ROOT,
        "since": 1700000000.0,
    }
    return Request(**(plain | changes))


def through(bot: Parts, asked: Request) -> None:
    """Take an event and carry it to its end."""
    item = bot.items.take(asked)
    if item is not None:
        carry_out(bot, item)


def carry_out(bot: Parts, item: Item) -> None:
    bot.work.greet(item)
    bot.work.answer(item)
