"""What the systems of an evaluation work with, as a house has it set."""

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from app.evaluation.systems import Means
from app.scoring import EmbeddingScorer
from retrieval.cross import reranker

if TYPE_CHECKING:
    from app.evaluation.memory import Remembered
    from app.house import House


def means(house: "House", embedder: "Remembered") -> Means:
    """Return what a question asked of this house would be worked on with; no tool is used."""
    library = house.settings.library
    asked = house.assistant.settle(house.request("?"), house.model(), threading.Event())
    return Means(
        model=house.model(),
        scorer=EmbeddingScorer(embedder),
        embedder=embedder,
        asked=replace(asked, policy="guided", tools=(), tools_help="", tool_schemas=()),
        verifier=house.assistant.verifier,
        reranker=reranker(library.reranker, embedder, library.device),
    )
