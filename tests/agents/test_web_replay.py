"""Random runs over library and web, with plugins, withheld words and faults: each replays exactly.

The world is drawn anew at every call: a page may change, fail or vanish between two visits.
"""

import random
from dataclasses import dataclass

import pytest

from agents.asked import Asked, Exchange, Limits
from agents.events import Event, Found, Opened, Refused, Used
from agents.guided import GuidedPolicy
from agents.kit import Kit
from agents.loop import run
from agents.models.scripted import ScriptedModel
from agents.policy import ModelPolicy
from agents.replay import replay
from plugins.tools import ToolResult
from retrieval.documents import Document, Hit, Link, Mark, Passage
from retrieval.errors import UserError
from retrieval.web.types import WEB, CouldNotFetch, Finding, Searched, Tried, Visited

WORDS = (
    "tower",
    "mill",
    "brill",
    "keeper",
    "stone",
    "1684",
    "secret",
    "grain",
    "river",
    "old",
    "barn",
)
SCHEMA = '{"type":"object","properties":{"q":{"type":"string"}}}'


@dataclass
class World:
    """Library, web, plugins, scorer, clock and stop."""

    draw: random.Random

    def sentence(self, words: int = 6) -> str:
        return " ".join(self.draw.choice(WORDS) for _ in range(words)).capitalize() + "."

    def text(self) -> str:
        return " ".join(self.sentence() for _ in range(self.draw.randint(0, 12)))

    def chance(self, share: float) -> bool:
        return self.draw.random() < share

    def search(self, query, k, *scope):
        if self.chance(0.1):
            raise UserError("the library\nis broken", cure="mend it")
        texts = [self.sentence() for _ in range(self.draw.randint(0, 9))]
        return [
            Hit(Passage(f"d{n}", f"/{n}", "T", text, 0, len(text)), 0.5, n, (), 0.25)
            for n, text in enumerate(texts[:k], start=1)
        ]

    def open(self, document):
        if self.chance(0.1):
            raise RuntimeError
        return None if self.chance(0.1) else Document("/f", "T", self.text(), marks=(Mark(0, "A"),))

    def find(self, query, k, cancel=None):
        if self.chance(0.05):
            raise CouldNotFetch("the search was stopped", "cancelled")
        if self.chance(0.2):
            return Searched((), (Tried("a", 0, "a failed."), Tried("b", 0)))
        sites = self.draw.sample(range(9), self.draw.randint(0, 9))
        found = [Finding(f"https://x{n}.test/", "X", self.sentence()) for n in sites]
        return Searched(tuple(found), (Tried("a", 0, "a failed."), Tried("b", len(found))))

    def visit(self, url, cancel=None):
        if self.chance(0.2):
            raise CouldNotFetch(f"{url} answers 404", "status", status=404)
        text = self.text()
        links = tuple(Link(at, at + 3, f"https://l{at}.test/") for at in range(0, len(text), 40))
        page = Document(url, "P", text, collection=WEB, marks=(Mark(0, "H", 1),), links=links)
        return Visited(page, "ab" * 32)

    def similarities(self, pairs):
        return [self.draw.random() for _ in pairs]

    def names(self):
        return ("near", "far")

    def call(self, tool, arguments):
        if self.chance(0.1):
            raise RuntimeError("boom")
        texts = [self.sentence(9) for _ in range(self.draw.randint(0, 3))]
        pages = [Passage(f"p{n}", "s", "P", text, 5, 50, "h") for n, text in enumerate(texts)]
        return ToolResult(self.sentence(), tuple(pages), failed=self.chance(0.2))

    def elapsed(self):
        return 0.0

    def is_set(self):
        return False


def line(draw: random.Random) -> str:
    word, number = draw.choice(WORDS), draw.randint(1, 6)
    lines = (
        *(f"search {word} {draw.choice(WORDS)}", f"open {number}", f"open {number % 3 + 1}"),
        *("back", f"quote {number}", f"find {word}", "scroll down", "nonsense", "finish"),
        *(f'use near {{"q":"{word}"}}', f'use far {{"q":"{word}"}}'),
        *(f'browser.search {{"query":"{word}"}}', f'browser.open {{"id":{number}}}'),
    )
    return draw.choice(lines)


def played(seed: int) -> list[Event]:
    draw = random.Random(seed)
    world, policy = World(draw), draw.choice([GuidedPolicy(), ModelPolicy()])
    model = ScriptedModel([line(draw) for _ in range(60)])
    first = Asked(
        draw.choice(["When was the tower at Brill built?", "What says https://x1.test/ of mills?"]),
        policy=policy.name,
        model=model.name,
        context=model.capabilities.context,
        grammar=model.capabilities.grammar,
        results=draw.choice([2, 8]),
        tools=world.names(),
        tools_help="near, far",
        tool_schemas=(SCHEMA, SCHEMA),
        outgoing=("far",),
        limits=Limits(steps=16),
        history=draw.choice([(), (), (Exchange("Who built the barn?", "A keeper."),)]),
        reach=draw.choice(["library", "web", "both"]),
        dialect=draw.choice(["plain", "browser"]),
    )
    events: list[Event] = [first]
    kit = Kit(model, world, world, world, world, world, 300.0, web=world)
    for _ in run(events, kit, policy):
        pass
    return events


def check(seeds: range) -> None:
    seen: set[str] = set()
    for seed in seeds:
        events = played(seed)
        told = replay(events)
        assert told.equal, (seed, told)
        for event in events:
            match event:
                case Found(notes=notes):
                    seen |= {note.partition(":")[0] for note in notes}
                case Opened(url=url):
                    seen.add("page" if url else "document")
                case Used(pages=pages):
                    seen.add("tool's page" if pages else "tool")
                case Refused(why, True):
                    seen.add("fault")
                case Refused(why) if "private documents" in why:
                    seen.add("held back")
                case _:
                    pass
    wanted = {"kept from the web", "a failed.", "page", "document", "tool's page", "held back"}
    assert wanted | {"fault", "tool"} <= seen, wanted - seen


def test_runs_replay_exactly():
    check(range(80))


@pytest.mark.prove
def test_three_thousand_runs_replay_exactly():
    check(range(3000))
