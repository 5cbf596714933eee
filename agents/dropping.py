"""Takes the claims that failed the self-check out of an answer; tells prose from evidence."""

import re
from collections.abc import Sequence

from agents.claims import bare
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
    from the claims that hold, each with its citations.
    """
    parts: list[str] = []
    after = 0
    for start, end in sentences(text):
        inside = [v for v in verdicts if start <= v.claim.start < end]
        gap = "\n" if "\n" in text[after:start] else " "
        after = end
        failed = failing(inside)
        if failed and len(failed) == len(inside):
            continue
        kept = _rebuilt(inside) if failed else text[start:end]
        parts += [gap if parts else "", kept]
    return "".join(parts)


def _rebuilt(verdicts: Sequence[Verdict]) -> str:
    made = []
    for verdict in verdicts:
        if verdict.ruling in FAILING:
            continue
        words = bare(verdict.claim.text).strip(" ,;:.。，；")
        marks = "".join(f"[{number}]" for number in verdict.claim.cites)
        made.append(f"{words[:1].upper()}{words[1:]} {marks}.")
    return " ".join(made)
