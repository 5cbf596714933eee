"""Exports of comparisons that the tests of rewards learn from, and who reads their answers."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.learning.reward.learning import Readers
from app.learning.reward.reading import Reader
from app.scoring import EmbeddingScorer
from retrieval.embed import HashEmbedder

TOWNS = ("Aldmoor", "Brackley", "Corwen", "Dunholm", "Elmsett", "Farley", "Garth", "Hexworth")
BUILDERS = ("Clara Voss", "Otto Lind", "Ada Marsh", "Piet Haan", "Ines Roth", "Jon Wick")


def row(at: int, score: float = 1.0, carried: bool = False) -> dict[str, Any]:
    """A question with an answer that its quote carries, and one that it does not, or (`carried`)
    one that it carries and that answers something else."""
    town, builder = f"{TOWNS[at % 8]} {at}", BUILDERS[at % 6]
    wrong = BUILDERS[(at + 1) % 6]
    quote = f"The weir at {town} was finished in {1800 + at} by the engineer {builder}."
    good = f"The weir at {town} was finished by the engineer {builder} [1]."
    bad = f"The weir at {town} was finished by the engineer {wrong} [1]."
    if carried:
        bad = f"The weir at {town} was finished in {1800 + at} [1]."
    elif at % 3 == 0:
        good += f" It was finished in {1800 + at} [1]."
    sides = [(good, score), (bad, -score)] if at % 2 else [(bad, -score), (good, score)]
    quotes = {"title": ["weirs"], "extract": [quote]}
    return {
        "question": {"dataset": "vouch", "id": str(at), "full_text": f"Who built {town}'s weir?"},
        **{f"quotes_{n}": quotes for n in (0, 1)},
        **{f"answer_{n}": text for n, (text, _) in enumerate(sides)},
        **{f"score_{n}": value if value else 0.0 for n, (_, value) in enumerate(sides)},
    }


def export(folder: Path, rows: Sequence[dict[str, Any]], kind: str = "webgpt") -> Path:
    """Write rows as an export of feedback."""
    folder.mkdir(parents=True)
    told = {"schema": "vouch feedback export", "format": kind, "licence": "ours"}
    (folder / "manifest.json").write_text(json.dumps(told))
    (folder / "train.jsonl").write_text("".join(json.dumps(one) + "\n" for one in rows))
    return folder


class Counting(EmbeddingScorer):
    """An embedder that counts how often it is called, and fails at one call if told so."""

    def __init__(self, fails_at: int = 0) -> None:
        super().__init__(HashEmbedder(64))
        self.calls, self._fails_at = 0, fails_at

    def similarities(self, pairs: Sequence[tuple[str, str]]) -> Sequence[float]:
        self.calls += 1
        if self.calls == self._fails_at:
            raise KeyboardInterrupt
        return super().similarities(pairs)


def readers(scorer: EmbeddingScorer | None = None) -> Readers:
    """Who reads answers: containment alone, and an embedder of hashes."""
    return Readers(Reader(scorer or Counting()), "hash", "")
