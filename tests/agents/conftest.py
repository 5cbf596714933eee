"""A small library in memory and a kit around it, for tests of the mind."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from agents.kit import Kit
from agents.models.base import Model
from agents.models.scripted import ScriptedModel
from plugins.registry import load
from retrieval.documents import Document, Hit, Passage

TEXTS = {
    "weir": (
        "The weir at Aldmoor was finished in 1887. It is built of grey limestone. "
        "The engineer of the weir was Clara Voss, who drew its gates. Two mills stood by it."
    ),
    "fair": (
        "The apple fair of Tarn is held every October. It began as a market for cider presses. "
        "The fair of 1950 was cancelled because of floods. Visitors pay no entrance fee."
    ),
    "moths": "Moths of the fen fly in June. Most are grey. Some drink from the sugared posts.",
}


class Shelf:
    """Documents found by the words that they share with a query."""

    def __init__(self, texts: dict[str, str]) -> None:
        self.documents = [Document(f"{name}.md", name, text) for name, text in texts.items()]
        self.broken = False
        self.scopes: list[tuple[tuple[str, ...], ...]] = []

    def search(
        self,
        query: str,
        k: int,
        collections: Sequence[str] = (),
        sources: Sequence[str] = (),
        tags: Sequence[str] = (),
    ) -> Sequence[Hit]:
        self.scopes.append((tuple(collections), tuple(sources), tuple(tags)))
        if self.broken:
            raise ConnectionError("the shelf fell down")
        asked = set(query.lower().split())
        shared = [(len(asked & set(d.text.lower().split())), d) for d in self.documents]
        best = sorted((s for s in shared if s[0]), key=lambda s: -s[0])
        return [
            Hit(Passage(d.id, d.source, d.title, d.text, 0, len(d.text)), count, rank, (), 0.5)
            for rank, (count, d) in enumerate(best[:k], start=1)
        ]

    def open(self, document: str) -> Document | None:
        return next((d for d in self.documents if d.id == document), None)


class Words:
    """Likeness as the share of words in common; the same on every machine."""

    def similarities(self, pairs: Sequence[tuple[str, str]]) -> Sequence[float]:
        return [self._share(set(a.lower().split()), set(b.lower().split())) for a, b in pairs]

    @staticmethod
    def _share(left: set[str], right: set[str]) -> float:
        return len(left & right) / (len(left | right) or 1)


@dataclass
class Hand:
    """A clock and a stop that a test sets by hand."""

    now: float = 0.0
    stopped: bool = False
    looks: int = 0
    stop_at: int = field(default=10**9)

    def elapsed(self) -> float:
        return self.now

    def is_set(self) -> bool:
        self.looks += 1
        return self.stopped or self.looks >= self.stop_at


@pytest.fixture
def shelf() -> Shelf:
    return Shelf(TEXTS)


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def make_kit(shelf: Shelf, hand: Hand) -> Callable[[Model], Kit]:
    def make(model: Model) -> Kit:
        return Kit(model, shelf, Words(), load(["calculator"]), hand, hand)

    return make


@pytest.fixture
def scripted(make_kit: Callable[[Model], Kit]) -> Callable[..., Kit]:
    """A kit whose model says the given lines in order."""

    def make(*replies: str) -> Kit:
        return make_kit(ScriptedModel(list(replies)))

    return make


@pytest.fixture
def prompts_folder() -> Path:
    return Path(__file__).resolve().parents[2] / "agents" / "prompts"
