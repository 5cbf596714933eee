"""Takes the claims that failed the self-check out of an answer; tells prose from evidence."""

import re
from collections.abc import Sequence

from agents.check.case import alone
from agents.clauses.tables import tables
from agents.events import Claim, Verdict
from retrieval.sentences import sentences

FAILING = ("unsupported", "contradicted")

_EVIDENCE = re.compile(r"“.*” \[\d+\]")


def is_evidence(text: str, claim: Claim) -> bool:
    """True for a claim on a line that is one quote: in quotation marks, with its number."""
    begin = text.rfind("\n", 0, claim.start) + 1
    end = text.find("\n", claim.start)
    line = text[begin : end if end >= 0 else len(text)].strip()
    return _EVIDENCE.fullmatch(line) is not None


def failing(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Return the verdicts whose claims must not be shown."""
    return [verdict for verdict in verdicts if verdict.ruling in FAILING]


def drop(text: str, verdicts: Sequence[Verdict]) -> str:
    """Return the text without its failing claims.

    A sentence whose claims all fail goes; one that says something else too is put together again
    from the claims that hold, each with its citations and with its subject. A failing cell of a
    table is emptied, and a row without any other goes.
    """
    spans = tables(text)
    parts: list[str] = []
    after, rule = 0, ""
    for start, end in sentences(text):
        inside = [v for v in verdicts if start <= v.claim.start < end]
        between, rule = rule or text[after:start], ""
        gap = between if spans else "\n" if "\n" in between else " "
        after = end
        failed = failing(inside)
        if failed and len(failed) == len(inside):
            rule = between if "|" in between else ""
            continue
        row = any(table.start <= start < table.end for table in spans)
        kept = text[start:end]
        if failed:
            kept = _emptied(kept, start, failed) if row else _rebuilt(inside)
        parts += [gap if parts else "", kept]
    return "".join(parts)


def _emptied(row: str, start: int, failed: Sequence[Verdict]) -> str:
    """A row of a table with a dash in the place of each cell that failed."""
    for verdict in sorted(failed, key=lambda verdict: -verdict.claim.start):
        claim = verdict.claim
        row = f"{row[: claim.start - start]}–{row[claim.end - start :]}"
    return row


def _rebuilt(verdicts: Sequence[Verdict]) -> str:
    made = []
    for verdict in verdicts:
        if verdict.ruling in FAILING:
            continue
        words = alone(verdict.claim).strip(" ,;:.。，；")
        marks = "".join(f"[{number}]" for number in verdict.claim.cites)
        made.append(f"{words[:1].upper()}{words[1:]} {marks}.")
    return " ".join(made)
