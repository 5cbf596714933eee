"""What a run comes to: question, answer, draft, verdicts and costs, folded from its entries."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from agents.events import (
    Answer,
    Asked,
    Classified,
    Drafted,
    Entry,
    Judged,
    Quoted,
    Stopped,
    Verdict,
)
from agents.view import answered, asked, spent


@dataclass(frozen=True, slots=True)
class Summary:
    """A run as a face shows it. Times are in seconds; `read` and `written` count model tokens,
    `anew` those read that were in no cache; `outcome` is that of the answer, or "stopped" when
    there is none. `classified` is the class of the answer by the policy, and where it
    was rewritten for it, first that of what stood before."""

    run: str
    asked: Asked
    answer: Answer | None
    draft: str | None
    doubts: tuple[Verdict, ...]
    classified: tuple[Classified, ...]
    stopped: Stopped | None
    steps: int
    read: int
    anew: int
    written: int
    seconds: float

    @property
    def outcome(self) -> str:
        return self.answer.outcome if self.answer else "stopped"

    @property
    def because(self) -> str:
        if self.answer:
            return self.answer.because
        return (self.stopped.detail or self.stopped.reason) if self.stopped else "interrupted"


def summarize(entries: Sequence[Entry]) -> Summary:
    """Fold the entries of one run; `ValueError` if they do not begin with a question."""
    events = [entry.event for entry in entries]
    if not events or not isinstance(events[0], Asked):
        raise ValueError("a run begins with its question")
    shown, cost = answered(events), spent(events)
    return Summary(
        run=entries[0].run,
        asked=asked(events),
        answer=shown.answer if shown else None,
        draft=next((event.text for event in events if isinstance(event, Drafted)), None),
        doubts=tuple(e.verdict for e in events if isinstance(e, Judged) and e.round == 0),
        classified=tuple(event for event in events if isinstance(event, Classified)),
        stopped=next((event for event in reversed(events) if isinstance(event, Stopped)), None),
        steps=cost.steps,
        read=cost.read,
        anew=cost.evaluated,
        written=cost.written,
        seconds=max(0.0, entries[-1].at - entries[0].at),
    )


def as_json(summary: Summary) -> dict[str, Any]:
    """Return the object that `--json` prints."""
    answer = summary.answer
    return {
        "run": summary.run,
        "question": summary.asked.question,
        "outcome": summary.outcome,
        "because": summary.because,
        "form": answer.form if answer else "none",
        "answer": answer.text if answer else None,
        "draft": summary.draft,
        "classes": [_class(classified) for classified in summary.classified],
        "quotes": [_quote(quote) for quote in answer.quotes] if answer else [],
        "claims": [_claim(verdict) for verdict in answer.verdicts] if answer else [],
        "sufficiency": answer.sufficiency if answer else None,
        "conflicts": [asdict(conflict) for conflict in answer.conflicts] if answer else [],
        "premises": [asdict(premise) for premise in answer.premises] if answer else [],
        "model": summary.asked.model,
        "policy": summary.asked.policy,
        "seconds": round(summary.seconds, 3),
        "tokens": summary.read + summary.written,
        "tokens_read": summary.read,
        "tokens_written": summary.written,
        "steps": summary.steps,
    }


def _quote(quote: Quoted) -> dict[str, Any]:
    return {
        "number": quote.number,
        "text": quote.text,
        "source": quote.source,
        "title": quote.title,
        "start": quote.start,
        "end": quote.end,
        "heading": quote.heading,
        "page": quote.page,
    }


def _class(classified: Classified) -> dict[str, Any]:
    """Where the disallowed stood in a text that is not shown is of no use to anybody."""
    return {
        "class": classified.label,
        "rule": classified.rule,
        "by": classified.by,
        "because": classified.because,
    }


def _claim(verdict: Verdict) -> dict[str, Any]:
    return {
        "text": verdict.claim.text,
        "ruling": verdict.ruling,
        "confidence": verdict.confidence,
        "judge": verdict.judge,
        "cites": list(verdict.claim.cites),
        "because": verdict.because,
        "evidence": verdict.evidence,
    }
