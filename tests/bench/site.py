"""A real site, crawled and asked about over the web: python3-doc of Debian on loopback.

    python tests/bench/site.py --home DIR [--split tune|report] [--policy guided|model|both]
        [--limit N] [--only ID] [--export DIR]

Serves the folder, crawls it into a collection through the real door (once: --home is kept, and a
crawl that was broken off goes on), puts a search engine with the interface of SearXNG in front of
that collection, and asks the questions with `web.search=searxng` and nothing but the web. Prints a
Markdown table; --out keeps a line for each question, and those are not asked again.
"""

import argparse
import json
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal, cast
from urllib.parse import parse_qs, urlsplit

from agents import view
from agents.events import Acted, Answered, Entry, Event, Limits, Opened, Refused, Slipped
from agents.legal import legal
from app.assistant import Request
from app.house import House
from app.settings import load
from app.table import table

DOCS = Path("/usr/share/doc/python3.11/html")
HERE = Path(__file__).resolve().parent
FILES = {"tune": HERE / "site_questions.json", "report": HERE / "site_questions_report.json"}
COLLECTION = "python"
PORT = 8311
"""The pages' addresses hold it, so it stays the same from one round to the next."""

_ROBOTS = "User-agent: *\n" + "".join(
    f"Disallow: {path}\n" for path in ("/genindex", "/contents.html", "/_sources", "/py-modindex")
)
"""Registers of nothing but links to all other pages are not read."""

_SEARCH = {
    "library.passage_characters": "6000",
    "library.max_tokens": "96",
    "library.reranker": "none",
}
"""The search engine's house finds pages, not sentences: long passages, ranked by their words and by
the vector of how they begin. The house that asks has the usual settings."""

Policy = Literal["guided", "model"]


@dataclass(frozen=True, slots=True)
class Question:
    """`string` stands on `page` as it is, and answers."""

    id: str
    split: str
    question: str
    page: str
    string: str


@dataclass(frozen=True, slots=True)
class Line:
    """What became of a question. `legal` of `acts` replies were legal actions."""

    id: str
    policy: str
    run: str
    opened: bool
    quoted: bool
    answered: bool
    outcome: str
    acts: int
    legal: int
    steps: int
    seconds: float


class Pages(SimpleHTTPRequestHandler):
    """The site."""

    def do_GET(self) -> None:
        if self.path == "/robots.txt":
            _send(self, _ROBOTS.encode(), "text/plain")
        else:
            super().do_GET()

    def log_message(self, format: str, *args: Any) -> None:
        pass


class Searching(BaseHTTPRequestHandler):
    """The JSON API of SearXNG: https://docs.searxng.org/dev/search_api.html"""

    def __init__(self, house: House, *args: Any) -> None:
        self.house = house
        super().__init__(*args)

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query).get("q", [""])[0]
        rows: dict[str, dict[str, Any]] = {}
        for hit in self.house.library.search(query, 40, [COLLECTION]):
            row = {"url": hit.passage.source, "title": hit.passage.title, "engine": "vouch"}
            told = {"content": hit.passage.text[:300], "score": hit.score, "category": "general"}
            rows.setdefault(hit.passage.source, row | told)
        found = {"query": query, "number_of_results": len(rows), "results": list(rows.values())}
        more: dict[str, list[Any]] = {"answers": [], "suggestions": [], "unresponsive_engines": []}
        _send(self, json.dumps(found | more).encode(), "application/json")

    def log_message(self, format: str, *args: Any) -> None:
        pass


def _send(to: BaseHTTPRequestHandler, body: bytes, media: str) -> None:
    to.send_response(200)
    to.send_header("Content-Type", media)
    to.send_header("Content-Length", str(len(body)))
    to.end_headers()
    to.wfile.write(body)


@contextmanager
def serving(answers: Any, port: int = 0) -> Iterator[str]:
    """Serve on loopback; yields host and port."""
    server = ThreadingHTTPServer(("127.0.0.1", port), answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def opened(home: Path, docs: Path = DOCS) -> Iterator[House]:
    """Serve the site, crawl it, serve its search engine, and open the house that asks."""
    with serving(partial(Pages, directory=str(docs)), PORT) as site, ExitStack() as stack:
        found = _house(stack, home / "engine", {**_SEARCH, "web.private": site})
        crawl(found)
        # The first search loads the embedder: an engine that is so slow would be given up.
        found.library.search("python", 1, [COLLECTION])
        engine = stack.enter_context(serving(partial(Searching, found)))
        web = {"web.search": "searxng", "web.searxng": f"http://{engine}"}
        yield _house(stack, home / "asking", {**web, "web.private": f"{site},{engine}"})


def _house(stack: ExitStack, home: Path, overrides: dict[str, str]) -> House:
    home.mkdir(parents=True, exist_ok=True)
    house = House(load(home, {}, overrides))
    stack.callback(house.close)
    return house


def crawl(house: House, pages: int = 600) -> None:
    """Read the site, unless it was read to its end before; says what failed."""
    done = house.settings.home / "crawled"
    if done.exists():
        return
    began, counts = time.monotonic(), dict[str, int]()
    params = {"url": f"http://127.0.0.1:{PORT}/", "collection": COLLECTION, "pages": pages}
    for item in table(house)["crawl"].run(params, threading.Event()):
        counts[item["kind"]] = counts.get(item["kind"], 0) + 1
        if item["kind"] == "failed":
            print(f"failed {item['path']}: {item['why']}", flush=True)
    done.touch()
    state, seconds = house.library.state(), time.monotonic() - began
    print(f"crawled: {counts}, {state.passages} passages, {seconds:.0f} s", flush=True)


def questions(split: str) -> list[Question]:
    """Return the questions of one half."""
    given = [Question(**row) for row in json.loads(FILES[split].read_text("utf-8"))]
    return [question for question in given if question.split == split]


def ask(house: House, question: Question, policy: Policy, limits: Limits) -> Line:
    """Ask one question and see what became of it."""
    began = time.monotonic()
    request = Request(question.question, policy, limits=limits, reach="web")
    entries = [
        told for told in house.assistant.ask(request, threading.Event()) if isinstance(told, Entry)
    ]
    seconds = time.monotonic() - began
    events = [entry.event for entry in house.journal.entries(entries[0].run)]
    url = f"http://127.0.0.1:{PORT}/{question.page}"
    pages = {event.document for event in events if isinstance(event, Opened) and event.url == url}
    answers = [event.answer for event in events if isinstance(event, Answered)]
    acts, bad = lawful(events)
    return Line(
        question.id,
        policy,
        entries[0].run,
        bool(pages),
        any(holds(q.text, question.string) for q in view.quotes(events) if q.document in pages),
        any(holds(answer.text, question.string) for answer in answers),
        answers[0].outcome if answers else "none",
        acts,
        acts - bad,
        view.spent(events).steps,
        round(seconds, 1),
    )


def lawful(events: Sequence[Event]) -> tuple[int, int]:
    """Return how many replies chose an action, and how many of them were none that was legal:
    slips, and actions that the rules of the moment refuse."""
    acts, bad = 0, 0
    for place, event in enumerate(events):
        if isinstance(event, Slipped):
            acts, bad = acts + 1, bad + 1
        elif isinstance(event, Acted):
            acts += 1
            came = events[place + 1] if place + 1 < len(events) else None
            if isinstance(came, Refused) and not came.failed:
                bad += legal(events[:place]).refusal(event.action) is not None
    return acts, bad


def holds(text: str, string: str) -> bool:
    """Whether a text holds a string; case and blanks do not count."""
    return " ".join(string.lower().split()) in " ".join(text.lower().split())


def row(name: str, lines: Sequence[Line]) -> str:
    """Return a row of the table."""
    count = len(lines)
    shares = [sum(getattr(line, part) for line in lines) for part in ("opened", "quoted")]
    shares.append(sum(line.answered for line in lines))
    cells = [f"{share}/{count}" for share in shares]
    steps = statistics.mean(line.steps for line in lines)
    seconds = statistics.median(line.seconds for line in lines)
    acts, good = sum(line.acts for line in lines), sum(line.legal for line in lines)
    share = f"{100 * good / acts:.1f} % of {acts}" if acts else "none"
    return f"| {name} | {' | '.join(cells)} | {steps:.1f} | {seconds:.1f} | {share} |"


def _kept(out: Path) -> dict[tuple[str, str], Line]:
    text = out.read_text("utf-8") if out.exists() else ""
    lines = [Line(**json.loads(line)) for line in text.splitlines()]
    return {(line.policy, line.id): line for line in lines}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--split", choices=sorted(FILES), default="report")
    parser.add_argument("--policy", choices=("guided", "model", "both"), default="guided")
    parser.add_argument("--limit", type=int, default=20, help="questions for each policy")
    parser.add_argument("--only", action="append", help="the question of this id")
    parser.add_argument("--seconds", type=float, default=300.0, help="limit of a question")
    parser.add_argument("--out", type=Path, help="keep what came of each question here")
    parser.add_argument("--export", type=Path, help="write the runs into this folder")
    given = parser.parse_args()
    policies = ("guided", "model") if given.policy == "both" else (given.policy,)
    chosen = [q for q in questions(given.split) if not given.only or q.id in given.only]
    chosen = chosen[: given.limit]
    lines = _kept(given.out) if given.out else {}
    with opened(given.home) as house:
        for policy in policies:
            for question in chosen:
                if (policy, question.id) in lines:
                    continue
                line = ask(house, question, cast(Policy, policy), Limits(seconds=given.seconds))
                lines[policy, question.id] = line
                print(json.dumps(asdict(line)), flush=True)
                if given.out:
                    with given.out.open("a", encoding="utf-8") as kept:
                        kept.write(json.dumps(asdict(line)) + "\n")
                if given.export:
                    _export(house, line, given.export)
    print(f"\n{given.split}, {len(chosen)} questions\n")
    print("| policy | page opened | string quoted | in the answer | steps | seconds | legal |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for policy in policies:
        print(row(policy, [lines[policy, q.id] for q in chosen]))


def _export(house: House, line: Line, folder: Path) -> None:
    """Write a run as `vouch export` does."""
    folder.mkdir(parents=True, exist_ok=True)
    pieces = table(house)["export"].run({"run": line.run}, threading.Event())
    (folder / f"{line.id}.jsonl").write_text("".join(p["piece"] for p in pieces), "utf-8")


if __name__ == "__main__":
    main()
