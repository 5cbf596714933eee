"""`vouch ask`, `check` and `fork`: steps on stderr as they happen, what came of it on stdout."""

import sys
from pathlib import Path
from typing import TextIO

from agents.events import Entry
from retrieval.errors import UserError
from ui import render
from ui.commands.models import named
from ui.escape import json_text
from ui.following import follow
from ui.house_port import Item, Visit, given, read_entries
from ui.lines import line
from ui.summary import Summary, as_json, summarize


def ask(visit: Visit) -> int:
    """Ask the question of the command line or of stdin."""
    asked = visit.arguments
    params = given(
        question=_question(asked.question, sys.stdin),
        policy=asked.policy,
        model=named(asked.model),
        check=False if asked.no_check else None,
        seconds=asked.seconds,
        steps=asked.steps,
        reach=asked.sources,
        best_of=asked.best_of,
        strictness=asked.strictness,
        **_scope(visit),
    )
    return _follow(visit, "ask", params)


def check(visit: Visit) -> int:
    """Check the text of the command line or of stdin against the library."""
    written = visit.arguments.text
    if written is None and sys.stdin.isatty():
        raise UserError("no text was given", cure='write vouch check "...", or pipe one in')
    text = (sys.stdin.read() if written is None else written).strip()
    if not text:
        origin = "stdin" if written is None else "command line"
        raise UserError("the text is empty", origin=origin, cure='write vouch check "..."')
    return _follow(visit, "verify", given(text=text, **_scope(visit)))


def _scope(visit: Visit) -> Item:
    """Files and folders are named from where the user stands; the engine stands elsewhere."""
    asked = visit.arguments
    sources = [str(Path(path).expanduser().resolve()) for path in asked.source or ()]
    return {"collections": asked.collection, "sources": sources or None, "tags": asked.tag}


def fork(visit: Visit) -> int:
    """Continue a run from a step of it."""
    asked = visit.arguments
    params = given(run=asked.run, at=asked.at, model=named(asked.model), policy=asked.policy)
    return _follow(visit, "fork", params)


def _question(written: str | None, stdin: TextIO) -> str:
    if written is None and stdin.isatty():
        raise UserError("no question was given", cure='write vouch ask "...", or pipe one in')
    question = " ".join((stdin.read() if written is None else written).split())
    if not question:
        origin = "stdin" if written is None else "command line"
        raise UserError("the question is empty", origin=origin, cure='write vouch ask "..."')
    return question


def _follow(visit: Visit, name: str, params: Item) -> int:
    house = visit.house()
    watch = _Watch(visit)
    stream = house.call(name, {**params, "session": visit.session})
    stopped = follow(house, stream, watch.see, visit.screen)
    run = (stream.result or {}).get("run", watch.run)
    if stopped:
        kept = f"; the run is kept: vouch show {run}" if run else ""
        visit.screen.step(line(f"vouch: stopped{kept}"))
        return 130
    if run is None:
        raise UserError("the question ended without a run", cure="see vouch doctor")
    return _conclude(visit, summarize(read_entries(visit.entries(run))))


class _Watch:
    """Shows the items of a run as they come, and remembers which run it is."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self.run: str | None = None

    def see(self, item: Item) -> None:
        """Show one item; kinds that are not known yet are passed over."""
        screen = self.visit.screen
        match item:
            case {"queued": int(place)} if place:
                said = f"waiting: {place} ahead"
                screen.status(line((said, "dim")), said)
            case {"working": {"phase": str(phase), "count": int(count)}}:
                screen.status(render.working(phase, count), phase)
            case {"entry": dict(entry)}:
                for shown in read_entries([entry]):
                    self._entry(shown)

    def _entry(self, entry: Entry) -> None:
        self.run = entry.run
        told = render.step(entry.event)
        if told is not None:
            self.visit.screen.step(told)


def _conclude(visit: Visit, summary: Summary) -> int:
    visit.screen.step(*render.checked(summary))
    if visit.arguments.json:
        visit.screen.raw(json_text(as_json(summary)))
    elif summary.answer is not None:
        visit.screen.show(render.answer(summary))
    if summary.answer is None:
        what = f"run {summary.run} ended without an answer: {summary.because}"
        raise UserError(what, cure=f"see vouch show {summary.run}")
    return 0
