"""Sides that answer what they are told to, and a task of six questions and three attacks."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from agents.events import Asked
from agents.models.scripted import ScriptedModel
from app.evaluation import systems
from app.evaluation.answer_sets import Reading, ReadingSet
from app.evaluation.systems import Means, Shown
from app.learning.evaluating import Side, Task
from app.scoring import EmbeddingScorer
from retrieval.documents import Document
from retrieval.embed import HashEmbedder

PAGE = Document("weir", "Weir", "The weir at Aldmoor was finished in 1887 by Clara Voss.")
READINGS = tuple(
    Reading(f"{at}", f"Who finished weir {at}?", "report", ("Clara Voss",) if at % 2 else ())
    for at in range(6)
)
TUNED = Reading("t", "Who?", "tune", ("Clara Voss",))
GIVEN = ReadingSet("tiny", (PAGE,), (*READINGS, TUNED))
TASK = Task((GIVEN,), 10, 3, ("Vouch",), ("quotes only",))


class Asking:
    """Answers as its side is told to; `tell` is given who was asked what, once it is answered."""

    def __init__(
        self,
        monkeypatch: pytest.MonkeyPatch,
        tell: Callable[[str, str], None] = lambda name, question: None,
    ) -> None:
        self.asked: list[tuple[str, str]] = []
        self._tell = tell
        self.opened: list[str] = []
        for name in ("Vouch", "quotes only"):
            monkeypatch.setitem(systems.SYSTEMS, name, self._system)

    def side(self, name: str, says: str) -> Side:
        @contextmanager
        def opened() -> Iterator[Means]:
            self.opened.append(name)
            embedder = HashEmbedder(16)
            model = ScriptedModel(lambda messages, sampling: says, name=name)
            yield Means(model, EmbeddingScorer(embedder), embedder, Asked("?"))

        return Side(name, f"key-{name}", "key-common", opened)

    def _system(self, question: str, sources: object, means: Means) -> Shown:
        self.asked.append((means.model.name, question))
        *_, reply = means.model.reply([], systems.Sampling())
        self._tell(means.model.name, question)
        declines = reply.text == "declines"
        return Shown(reply.text, "declined" if declines else "answered", "prose", 0.1)
