"""What a batch comes to: outcomes, claims, scores, seconds and tokens, counted over its rows."""

import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.batch.results import FAILED, Row, supported
from app.batch.scoring import SCORES

OUTCOMES = ("answered", "partial", "declined", FAILED)
RULINGS = ("supported", "contradicted", "unsupported", "unchecked")


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts of a batch. `scores` are means over the `scored` rows, in 0..1; `seconds` are of
    single questions; `supported` is the share of claims that hold, None where none was judged."""

    questions: int
    done: int
    bad: int
    outcomes: dict[str, int]
    claims: dict[str, int]
    supported: float | None
    scored: int
    scores: dict[str, float]
    median_seconds: float
    worst_seconds: float
    tokens_read: int
    tokens_written: int

    @property
    def left(self) -> int:
        return self.questions - self.done

    @property
    def failed(self) -> int:
        return self.outcomes[FAILED]

    def plain(self) -> dict[str, Any]:
        """Return the object that `--json` prints."""
        return {
            "questions": self.questions,
            "done": self.done,
            "left": self.left,
            "bad_rows": self.bad,
            "outcomes": self.outcomes,
            "claims": self.claims,
            "supported": self.supported,
            "scored": self.scored,
            "scores": self.scores,
            "median_seconds": self.median_seconds,
            "worst_seconds": self.worst_seconds,
            "tokens_read": self.tokens_read,
            "tokens_written": self.tokens_written,
        }


def totals(rows: Sequence[Row], questions: int, bad: int) -> Totals:
    """Count scored rows, out of so many questions and bad rows."""
    outcomes = Counter(row["outcome"] for row in rows)
    claims = Counter(claim["ruling"] for row in rows for claim in row["claims"])
    scored = [row for row in rows if row["f1"] is not None]
    seconds = [row["seconds"] for row in rows if row["outcome"] != FAILED]
    return Totals(
        questions=questions,
        done=len(rows),
        bad=bad,
        outcomes={name: outcomes[name] for name in OUTCOMES},
        claims={name: claims[name] for name in RULINGS},
        supported=supported(list(claims.elements())),
        scored=len(scored),
        scores=_means(scored),
        median_seconds=round(statistics.median(seconds), 3) if seconds else 0.0,
        worst_seconds=max(seconds, default=0.0),
        tokens_read=sum(row["tokens_read"] for row in rows),
        tokens_written=sum(row["tokens_written"] for row in rows),
    )


def _means(rows: Sequence[Row]) -> dict[str, float]:
    if not rows:
        return {}
    return {name: round(statistics.fmean(row[name] for row in rows), 4) for name in SCORES}
