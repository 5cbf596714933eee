"""The composition root: opens a home and builds what works in it, each part when first used."""

import os
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from agents.models.base import Model
from app.calls import CallSpec
from app.offline import seal
from app.options import Settings
from app.quiet import hush
from app.settings import load

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from agents.asked import Reach
    from app.assistant import Assistant, Request
    from app.browsing import Browser
    from app.feedback.people import Pseudonyms
    from app.store.collections import Collections
    from app.store.conversations import Conversations
    from app.store.feedback import Opinions
    from app.store.inbox import Inbox
    from app.store.journal import Journal
    from app.store.names import RunNames
    from app.toolshed import Toolshed
    from plugins.registry import Registry
    from retrieval.embed import Embedder
    from retrieval.library import Library
    from retrieval.parsing import ChildParser
    from retrieval.web.fetch import Door
    from retrieval.web.types import Fetched

DATABASE = "vouch.db"
LIBRARY = "library"
MODELS = "models"
PAGES = "pages"
PROBES = "probes.json"


Made = TypeVar("Made")


class part(Generic[Made]):
    """A part of a house: made by the first thread that asks for it, once."""

    def __init__(self, make: "Callable[[Any], Made]") -> None:
        self._make = make
        self._name = make.__name__
        self.__doc__ = make.__doc__

    def __get__(self, house: "House", owner: type) -> Made:
        with house.building:
            if self._name not in house.__dict__:
                house.__dict__[self._name] = self._make(house)
            made: Made = house.__dict__[self._name]
            return made


class Sending:
    """The door of a house for those who may never need it: it is built with the first call."""

    def __init__(self, house: "House") -> None:
        self._house = house

    def send(self, method: str, url: str, **values: Any) -> "Fetched":
        """Call an API, as `retrieval.web.fetch.Door.send` does."""
        return self._house.door.send(method, url, **values)


class House:
    """One home with its settings. Nothing is opened or loaded before it is asked for."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._models: dict[str, Model] = {}
        self._retired: list[Model] = []
        self._choosing = threading.Lock()
        self.building = threading.RLock()

    @part
    def database(self) -> "Engine":
        """The database, migrated; `UserError` when it is damaged or newer than this program."""
        from app.store.database import open_database

        url = self.settings.database.url.get_secret_value()
        return open_database(url or self.settings.home / DATABASE)

    @part
    def journal(self) -> "Journal":
        """The record of every run."""
        from app.store.journal import Journal

        return Journal(self.database, names=self.names)

    @part
    def names(self) -> "RunNames":
        """Who names runs: one for all, so that a reserved name is given to no other run."""
        from app.store.names import RunNames

        return RunNames()

    @part
    def conversations(self) -> "Conversations":
        """The conversations of all faces."""
        from app.store.conversations import Conversations

        return Conversations(self.database, names=self.names)

    @part
    def collections(self) -> "Collections":
        """What is set for the collections of the library."""
        from app.store.collections import Collections

        return Collections(self.database)

    @part
    def inbox(self) -> "Inbox":
        """Events from outside that faces took."""
        from app.store.inbox import Inbox

        return Inbox(self.database)

    @part
    def opinions(self) -> "Opinions":
        """What people said of runs."""
        from app.store.feedback import Opinions

        return Opinions(self.database)

    @part
    def pseudonyms(self) -> "Pseudonyms":
        """The names that stand for people in what is exported."""
        from app.feedback.people import pseudonyms

        return pseudonyms(self.settings.home)

    @part
    def embedder(self) -> "Embedder":
        """The encoder of passages and questions."""
        from retrieval.embed import SentenceEncoder

        chosen = self.settings.library
        return SentenceEncoder(chosen.embedder, chosen.device, chosen.encoder())

    @part
    def parser(self) -> "ChildParser":
        """Who reads files, in a process of its own."""
        from retrieval.parsing import ChildParser

        return ChildParser()

    @part
    def library(self) -> "Library":
        """The documents and their index."""

        from app.store.shelf import SqlShelf
        from retrieval.cross import reranker
        from retrieval.library import Library

        chosen = self.settings.library
        return Library(
            SqlShelf(self.database),
            self.embedder,
            self.settings.home / LIBRARY,
            parsing=self.parser,
            reranker=reranker(chosen.reranker, self.embedder, chosen.device),
            size=chosen.passage_characters,
        )

    @part
    def door(self) -> "Door":
        """The one way to the web, with the pages that it keeps."""
        from retrieval.web.fetch import Door
        from retrieval.web.store import PageStore

        web = self.settings.web
        return Door(web.rules(), store=PageStore(self.settings.home / PAGES, web.cache_bytes))

    @part
    def web(self) -> "Browser":
        """The search engines that are set, and pages by their addresses."""
        from app.browsing import Browser, engines
        from retrieval.web.search.chain import Chain
        from retrieval.web.search.choice import engines_from

        web, door = self.settings.web, self.door
        named = list(engines(web.search, lambda name: engines_from([name], web.engines(), door)[0]))
        return Browser(Chain(named, clock=time.monotonic, fuse=web.fuse), door, self.parser)

    @part
    def toolshed(self) -> "Toolshed":
        """Where plugins are, and what was granted to them."""
        from app.toolshed import Toolshed

        return Toolshed(self.settings, Sending(self), made=self._made())

    def _made(self) -> "dict[str, list[Callable[..., object]]]":
        """The built-in tools that need a part of the house."""
        from plugins.builtin import lookup, tables, wikipedia

        folders = self.settings.plugins.tables
        return {
            "lookup": [
                *lookup.tools(
                    lambda document: self.library.open(document),
                    lambda query, k: self.library.search(query, k),
                )
            ],
            "tables": [*tables.tools(folders)] if folders else [],
            "wikipedia": [*wikipedia.tools(Sending(self))],
        }

    @part
    def tools(self) -> "Registry":
        """The plugins that are enabled."""
        return self.toolshed.load()

    def model(self, name: str | None = None) -> Model:
        """Return the model of that name, by default the one set.

        Each is made once, and again when other learned weights are to be laid over it: a question
        in hand goes on with what it began with.
        """
        from app.adapters import current, retired
        from app.models import resolve

        wanted = name or self.settings.model.name
        with self._choosing:
            known = self._models.get(wanted)
        if known is not None and current(self.settings, known):
            return known
        # Outside the lock: a model that is fetched first must not hold up the others.
        found = resolve(self.settings, wanted)
        with self._choosing:
            if self._models.get(wanted) is known:
                self._models[wanted] = found
                self._retired += retired(known)
            return self._models[wanted]

    @part
    def assistant(self) -> "Assistant":
        """Who answers, over all of the above."""
        from app.assistant import Assistant
        from app.learning.reward.house import released
        from app.learning.unused import unranked
        from app.policy import policy
        from app.probes import Probes
        from app.scoring import EmbeddingScorer
        from app.verifier.choice import verifier
        from retrieval.encoders.place import EMBEDDED

        return Assistant(
            model=self.model,
            sources=self.library,
            scorer=EmbeddingScorer(self.embedder),
            tools=self.tools,
            journal=self.journal,
            probes=Probes(self.settings.home / MODELS / PROBES),
            embedder=self.settings.library.embedder,
            ready=self.library.ready,
            web=self.web,
            choose=self.reach,
            dialect=self.settings.model.dialect,
            inside=self.settings.web.rules().inside(),
            rubric=lambda: policy(self.settings),
            verifier=verifier(self.settings.check.verifier),
            # How sure other verifiers are was not fitted to.
            entails=self.settings.check.verifier == EMBEDDED,
            ranker=released(self),
            unranked=lambda: unranked(self),
            narrowed=self.tools.narrowed(),
            critic=self.settings.check.critic == "auto",
            agreement=self.settings.check.agreement,
        )

    def reach(self, request: "Request") -> "Reach":
        """Return where a question is looked up; `UserError` if the web is wanted and shut."""
        from app.reach import reach

        # Whether the library holds anything decides only where both are open.
        held = not (self.web_open and request.reach == "auto") or bool(self.library.holdings())
        narrow = bool(request.collections or request.sources or request.tags)
        return reach(request.question, request.reach, self.web_open, held, narrow)

    @property
    def web_open(self) -> bool:
        """Whether questions may be looked up on the web."""
        return bool(self.settings.web.search) and not self.settings.web.offline

    def request(self, question: str) -> "Request":
        """Return a question with the settings' limits."""
        from app.assistant import Request

        ask = self.settings.ask
        results, sources = self.settings.library.results, self.settings.web.sources
        return Request(
            question,
            ask.policy,
            ask.check,
            ask.limits(),
            results,
            reach=sources,
            best_of=ask.best_of,
            strictness=ask.strictness,
        )

    def close(self) -> None:
        """End the model workers and close the database."""
        for model in (*self._models.values(), *self._retired):
            model.close()
        if "parser" in self.__dict__:
            self.parser.close()
        if "tools" in self.__dict__:
            self.tools.close()
        if "database" in self.__dict__:
            self.database.dispose()


def build(settings: Settings) -> House:
    """Build the house of these settings; nothing is loaded yet."""
    return House(settings)


class Calls:
    """What an engine serves of one house."""

    def __init__(self, house: House) -> None:
        from app.table import table

        self._house = house
        self.calls: Mapping[str, CallSpec] = table(house)

    def close(self) -> None:
        self._house.close()


def build_calls(home: Path, environ: Mapping[str, str], overrides: dict[str, str]) -> Calls:
    """Open a home for an engine. The database is opened at once, so that a damaged one is told
    when the engine starts; models and the embedder load with the first question."""
    hush(os.environ)
    house = build(load(home, environ, overrides))
    if house.settings.web.offline:
        seal()
    _ = house.database
    return Calls(house)
