"""What a question came to, as one row: folded from the entries of a run, or why it failed."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from agents import view
from agents.codec import load
from agents.events import Answer, Event, Stopped
from app.batch.questions import Question

Row = dict[str, Any]
"""A row of the output, by the names of `COLUMNS`."""

COLUMNS = (
    "id", "question", "outcome", "because", "form", "answer", "exact", "f1", "contains",
    "supported", "quotes", "claims", "gold", "collections", "sources", "policy", "model", "checked",
    "steps", "tokens_read", "tokens_written", "seconds", "run",
)  # fmt: skip
"""Every column of an output, in order. `exact`, `f1`, `contains` and `supported` lie in 0..1 and
are None where nothing is known; `outcome` is answered, partial, declined or failed."""

VOLATILE = ("seconds", "run")
"""Columns that differ when the same batch is worked on twice."""

FAILED = "failed"


def row_of(question: Question, run: str, entries: Sequence[Mapping[str, Any]]) -> Row:
    """Fold the told entries of a run that has ended into a row."""
    events = [load(entry["event"]) for entry in entries]
    asked, cost = view.asked(events), view.spent(events)
    row = _row(question, run=run, policy=asked.policy, model=asked.model, checked=asked.check)
    row |= {
        "steps": cost.steps,
        "tokens_read": cost.read,
        "tokens_written": cost.written,
        "seconds": round(max(0.0, entries[-1]["at"] - entries[0]["at"]), 3),
    }
    answered = view.answered(events)
    if answered is None:
        return row | {"because": _why(events)}
    return row | _answer(answered.answer)


def failed(question: Question, why: str, run: str = "") -> Row:
    """Return the row of a question that no run answered."""
    return _row(question, because=why, run=run)


def cancelled(entries: Sequence[Mapping[str, Any]]) -> bool:
    """Whether somebody stopped the run before it had an answer."""
    events = [load(entry["event"]) for entry in entries]
    ended = next((e for e in reversed(events) if isinstance(e, Stopped)), None)
    return view.answered(events) is None and (ended is None or ended.reason == "cancelled")


def supported(rulings: Sequence[str]) -> float | None:
    """Return the share of claims that hold; None where nothing was judged."""
    if all(ruling == "unchecked" for ruling in rulings):
        return None
    return round(rulings.count("supported") / len(rulings), 4)


def tokens(row: Row) -> int:
    """Tokens that the model read and wrote for a row."""
    return int(row["tokens_read"]) + int(row["tokens_written"])


def _row(question: Question, **known: Any) -> Row:
    row: Row = dict.fromkeys(COLUMNS)
    row |= {
        "id": question.id,
        "question": question.question,
        "outcome": FAILED,
        "because": "",
        "form": "none",
        "answer": "",
        "quotes": [],
        "claims": [],
        "gold": list(question.gold),
        "collections": list(question.collections),
        "sources": list(question.sources),
        "policy": "",
        "model": "",
        "checked": False,
        "steps": 0,
        "tokens_read": 0,
        "tokens_written": 0,
        "seconds": 0.0,
    }
    return row | known


def _why(events: Sequence[Event]) -> str:
    ended = next((e for e in reversed(events) if isinstance(e, Stopped)), None)
    return (ended.detail or ended.reason) if ended else "the run has no end"


def _answer(answer: Answer) -> Row:
    return {
        "outcome": answer.outcome,
        "because": answer.because,
        "form": answer.form,
        "answer": answer.text,
        "supported": supported([verdict.ruling for verdict in answer.verdicts]),
        "quotes": [_quote(asdict(quote)) for quote in answer.quotes],
        "claims": [
            {
                "text": verdict.claim.text,
                "ruling": verdict.ruling,
                "confidence": verdict.confidence,
                "judge": verdict.judge,
                "cites": list(verdict.claim.cites),
                "because": verdict.because,
                "evidence": verdict.evidence,
            }
            for verdict in answer.verdicts
        ],
    }


def _quote(values: Row) -> Row:
    names = ("number", "text", "source", "title", "start", "end", "heading", "page")
    return {name: values[name] for name in names}
