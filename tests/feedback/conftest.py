"""Answered runs of the tests: events written by hand, and whole runs by scripted models."""

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import pytest

from agents.claims import split
from agents.events import (
    Answer,
    Answered,
    Asked,
    Drafted,
    Event,
    Prompted,
    Quoted,
    Replied,
    Revised,
    Verdict,
)
from agents.models.scripted import ScriptedModel
from agents.probe import Probed
from app.assistant import Assistant, Request
from app.feedback.cases import Case, case
from app.probes import Probes
from app.scoring import EmbeddingScorer
from app.store.database import open_database
from app.store.journal import Journal
from app.store.shelf import SqlShelf
from plugins.registry import load
from retrieval.embed import HashEmbedder
from retrieval.library import Library

QUESTION = "Who was the engineer of the weir at Aldmoor?"
TEXT = "The weir at Aldmoor was finished in 1887. The engineer of the weir was Clara Voss."
QUOTE = "The engineer of the weir was Clara Voss."


def quote(text: str = QUOTE, number: int = 1, title: str = "weir") -> Quoted:
    return Quoted(number, f"doc-{title}", f"{title}.md", title, text, 0, len(text))


class MakeCase(Protocol):
    """Makes the case of one run; see `make_case`."""

    def __call__(self, run: str, final: str, **values: Any) -> Case: ...


class MakeEvents(Protocol):
    """Makes the events of one answered run; see `make_events`."""

    def __call__(self, final: str, **values: Any) -> list[Event]: ...


def _events(
    final: str,
    draft: str | None = None,
    question: str = QUESTION,
    quotes: Sequence[Quoted] = (quote(),),
    rewrites: Sequence[str] = (),
    dropped: bool = False,
    form: Any = "prose",
    style: Any = "prose",
    model: str = "m",
    check: bool = True,
    reply: str | None = "",
    ruling: Any = "supported",
    template: str = "",
) -> list[Event]:
    written = final if draft is None else draft
    asked = Asked(question, model=model, style=style, check=check)
    events: list[Event] = [asked, *quotes]
    if reply is not None:
        template = template or ("short.v1" if style == "short" else "write.v1")
        events += [Prompted("write", template, "d", 1), Replied(reply or written)]
        events.append(Drafted(written))
    events += [Revised(n, "rewrite", text) for n, text in enumerate(rewrites, start=1)]
    events += [Revised(9, "drop", final)] if dropped else []
    verdicts = tuple(Verdict(claim, ruling, "test", 1.0) for claim in split(final))
    outcome = "answered" if form == "prose" else "partial"
    return [*events, Answered(Answer(final, outcome, form, "", tuple(quotes), verdicts))]


@pytest.fixture
def make_events() -> MakeEvents:
    """The events of a run that ended with `final` after `draft` and what the check made of it."""
    return _events


@pytest.fixture
def make_case() -> MakeCase:
    """The case of such a run."""

    def make(run: str, final: str, at: float = 0.0, by: str = "local", **values: Any) -> Case:
        made = case(run, _events(final, **values), at, by)
        assert made is not None
        return made

    return make


class Bench:
    """An assistant over a small library, a scripted model for every question."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = open_database(folder / "vouch.db")
        (folder / "weir.txt").write_text(TEXT)
        self.embedder = HashEmbedder()
        self.library = Library(SqlShelf(self.database), self.embedder, folder / "library")
        list(self.library.add([folder / "weir.txt"]))
        self.journal = Journal(self.database)

    def assistant(self, *models: ScriptedModel, able: bool = True) -> Assistant:
        probes = Probes(self.folder / "probes.json")
        for model in models:
            probes.keep(model.name, Probed(6 if able else 1, 6))
        return Assistant(
            model=lambda name: models[0],
            sources=self.library,
            scorer=EmbeddingScorer(self.embedder),
            tools=load(["calculator"]),
            journal=self.journal,
            probes=probes,
            ready=self.library.ready,
        )

    def ask(self, *written: str, name: str = "scripted", question: str = QUESTION) -> str:
        """Ask, with a model that browses to the quote and then writes these texts."""
        browsing = ("search engineer weir Aldmoor", "open 1", "quote 2", "finish")
        self.model = model = ScriptedModel([*browsing, *written], name=name)
        told = list(self.assistant(model).ask(Request(question), threading.Event()))
        return str(told[0].run)  # type: ignore[union-attr]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.database.dispose()


@pytest.fixture
def quoted() -> Callable[..., Quoted]:
    """Makes quotes."""
    return quote


class Served:
    """A house whose calls are made in this process."""

    def __init__(self, home: Path) -> None:
        from app.house import build
        from app.settings import load as settings
        from app.table import table

        overrides = {"model.api_key": "planted-in-the-settings"}
        self.house = build(settings(home, {}, overrides))
        self._table = table(self.house)

    def __call__(self, name: str, **params: Any) -> Any:
        items = self._table[name].run(params, threading.Event())
        while True:
            try:
                next(items)
            except StopIteration as ended:
                return ended.value

    def keep(self, run: str, events: Sequence[Event]) -> str:
        """Put a run into the journal."""
        self.house.journal.begin(run)
        for event in events:
            self.house.journal.append(run, event)
        return run

    def mark(self, run: str, kind: str, by: str = "ann", **more: Any) -> Any:
        """Say something of a run."""
        id = f"{run}.{kind}.{by}"
        return self("feedback.add", id=id, run=run, mark=kind, by=by, face="chat", **more)

    def vote(self, good: str, bad: str, by: str = "ann") -> None:
        """Hold one run to be good and another to be bad."""
        self.mark(good, "up", by)
        self.mark(bad, "down", by)


@pytest.fixture
def served(vouch_home: Path) -> Iterator[Served]:
    made = Served(vouch_home)
    yield made
    made.house.close()
