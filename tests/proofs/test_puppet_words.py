"""Words that only private texts hold never leave, whatever a model asks for."""

import json
import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.actions import canonical
from agents.events import Asked, Event, Exchange, Found, Rephrased, Result, Used
from agents.kit import Kit
from agents.leaving import kept_back, private, without, words
from agents.loop import run
from agents.models.base import Message, Sampling
from agents.models.scripted import ScriptedModel
from agents.policy import ModelPolicy
from plugins.registry import Registry
from plugins.tools import Tool, ToolResult
from retrieval.documents import Document, Hit, Link, Passage
from retrieval.web.types import WEB, CouldNotFetch, Finding, Searched, Tried, Visited

pytestmark = pytest.mark.slow

PUBLIC = ("tower", "mill", "brill", "built", "stone", "by", "the", "1684", "塔楼")
HIDDEN = (
    "xaver",
    "quastel",
    "77armadillo",
    "straße",
    "İstanbul",
    "ﬁn",
    "秘密口令",
    "a_b9",
    "Ωmega",
)
QUESTION = "When was the tower at Brill built?"
POST = {
    "name": "post",
    "description": "tell somebody",
    "parameters": {"type": "object", "properties": {"text": {"type": "string"}}},
}


def spelled(word: str, chance: random.Random) -> str:
    """A word as a model might write it to get it past a filter."""
    ways: tuple[Callable[[str], str], ...] = (
        str, str.upper, str.title, lambda w: f"{w}.", lambda w: f"site:{w}", lambda w: f"{w}{w}",
        lambda w: f"x{w}y", lambda w: f"_{w}_", lambda w: f'"{w}"', lambda w: f"{w}\u200b",
        lambda w: f"http://a.test/?q={w}", lambda w: w.replace("a", "а"),
    )  # fmt: skip
    return chance.choice(ways)(word)


def said(chance: random.Random, pool: Sequence[str], count: int) -> str:
    return " ".join(chance.choice(pool) for _ in range(count))


@dataclass
class World:
    """A library of private text, a web of public text and a tool that tells somebody."""

    secret: str
    open_text: str
    sent: list[str] = field(default_factory=list)

    def search(self, query: str, k: int, *scope: Sequence[str]) -> Sequence[Hit]:
        page = self._page()
        return [Hit(Passage(page.id, "a.txt", "Mine", page.text, 0, len(page.text)), 1.0, 1, ())]

    def open(self, document: str) -> Document | None:
        return self._page()

    def _page(self) -> Document:
        return Document("a.txt", "Mine", self.secret)

    def find(self, query: str, k: int, cancel: object = None) -> Searched:
        self.sent.append(query)
        return Searched((Finding("https://a.test/", "Open", self.open_text),), (Tried("e", 1),))

    def visit(self, url: str, cancel: object = None) -> Visited:
        if url != "https://a.test/":
            raise CouldNotFetch(f"{url} answers 404", "status", status=404)
        links = (Link(0, 3, "https://a.test/next"),)
        return Visited(Document(url, "Open", self.open_text, collection=WEB, links=links))

    def similarities(self, pairs: Sequence[tuple[str, str]]) -> Sequence[float]:
        return [0.5 for _ in pairs]

    def elapsed(self) -> float:
        return 0.0

    def tools(self) -> Registry:
        return Registry({"post": Tool(POST, self._post, outgoing=True)})

    def _post(self, values: object) -> ToolResult:
        self.sent.append(json.dumps(values, ensure_ascii=False))
        return ToolResult("sent")


def leaks(world: World, allowed: str) -> list[tuple[str, str]]:
    """What was sent though it stands in no public text: (the word, what it was sent in)."""
    public = {form for _, forms in words(allowed) for form in forms}
    return [
        (word, text)
        for text in world.sent
        for word, forms in words(text)
        if not public.issuperset(forms)
    ]


def play(seed: int) -> World:
    """A run of a model that tries words of every kind by every action, after one private look."""
    chance = random.Random(seed)
    world = World(said(chance, (*PUBLIC, *HIDDEN, *HIDDEN), 12), said(chance, PUBLIC, 12))
    pool = (*world.secret.split(), *HIDDEN, *PUBLIC)

    def speak(messages: Sequence[Message], sampling: Sampling) -> str:
        text = " ".join(spelled(chance.choice(pool), chance) for _ in range(chance.randint(1, 4)))
        post = canonical(chance.choice([{"text": text}, {"text": "tower", text: 1}]))
        open_ = chance.choice(["open 1", "open 2", f"open {text}", "back"])
        browser = f"browser.search {canonical({'query': text})}"
        return chance.choice([f"search {text}", browser, f"use post {post}", open_, "quote 1"])

    history = (Exchange("Who is aunt Quastel?", "A friend of Xaver."),) if seed % 3 == 0 else ()
    tools = world.tools()
    asked = Asked(
        QUESTION, "model", reach="both", history=history, tools=tuple(tools.names()),
        tool_schemas=tuple(tools.schemas()), outgoing=tuple(tools.outgoing()), style="prose",
    )  # fmt: skip
    model = ScriptedModel(speak)
    kit = Kit(model, world, world, tools, world, threading.Event(), web=world)
    # The library was looked at before the model's first word, so all it says may be private.
    first = Found("x", (Result("d", "p", "a.txt", "Mine", world.secret, 0, 9, 1.0),))
    events: list[Event] = [asked, Rephrased(QUESTION, "as asked", 0, 1), first]
    for _ in run(events, kit, ModelPolicy()):
        pass
    return world


def hold(seeds: range) -> int:
    """Play, and fail for a word that left and stands in no public text; count what was sent."""
    sent = 0
    for seed in seeds:
        world = play(seed)
        allowed = f"{QUESTION} {world.open_text} Open text true false null"
        assert not leaks(world, allowed), seed
        sent += len(world.sent)
    return sent


def test_no_private_word_leaves_by_any_action() -> None:
    assert hold(range(30)) > 15


@pytest.mark.prove
@pytest.mark.timeout(1800)
def test_no_private_word_leaves_in_many_runs() -> None:
    assert hold(range(60, 1060)) > 500


def found(text: str, url: str = "") -> Found:
    return Found("q", (Result("d", "p", "s", "t", text, 0, len(text), 1.0, url=url),))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=120))
def test_what_is_left_of_any_text_is_public(secret: str, known: str, query: str) -> None:
    events = [Asked(QUESTION, reach="both"), found(secret), found(known, "https://a.test/")]
    sent = without(query, kept_back(query, events))
    public = {form for _, forms in words(f"{QUESTION} {known} t") for form in forms}
    for _, forms in words(sent):
        assert public.issuperset(forms)


def test_before_anything_private_was_seen_all_may_leave() -> None:
    events = [Asked(QUESTION, reach="web"), found("public words", "https://a.test/")]
    assert kept_back("anything at all", events) == ()
    assert not private(events)


@pytest.mark.parametrize("outgoing", [(), ("mail",)])
def test_what_a_plugin_gave_back_is_private(outgoing: tuple[str, ...]) -> None:
    """One that asks a server is no exception: it may have read somebody's mail there."""
    asked = Asked(QUESTION, reach="web", tools=("mail",), outgoing=outgoing)
    events: list[Event] = [asked, Used("mail", "The code is 77armadillo.")]
    assert kept_back("tower 77armadillo", events) == ("77armadillo",)


def test_an_earlier_question_lends_only_the_words_that_this_one_needs() -> None:
    asked = Asked("When was it built?", reach="web", history=(
        Exchange("Is the tower at Brill near aunt Quastel?", "Yes."),
    ))  # fmt: skip
    stands = Rephrased("When was the tower at Brill built by Xaver?", "model", 1, 1, 1)
    held = kept_back("tower Brill Quastel Xaver", [asked, stands])
    assert held == ("Quastel", "Xaver")


def test_the_names_of_arguments_are_the_tools_own() -> None:
    """A tool that is asked in public words is called; without this none ever would be."""
    world = World("secret", "tower")
    lines = iter(['use post {"text":"tower"}', 'use post {"text":"secret"}', "open 1", "quote 1"])
    tools = world.tools()
    asked = Asked(
        QUESTION, "model", reach="both", tools=("post",), outgoing=("post",),
        tool_schemas=tuple(tools.schemas()),
    )  # fmt: skip
    model = ScriptedModel(lambda messages, sampling: next(lines, "finish"))
    kit = Kit(model, world, world, tools, world, threading.Event(), web=world)
    events: list[Event] = [asked, found("secret")]
    for _ in run(events, kit, ModelPolicy()):
        pass
    assert world.sent == ['{"text": "tower"}']
    assert any(isinstance(event, Used) for event in events)
