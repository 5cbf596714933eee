"""Rewrites what the policy does not let stand: into the desired refusal, or less of the answer."""

import re
from collections.abc import Sequence
from dataclasses import replace

from agents import compose, view
from agents.check.words import bare
from agents.claims import split
from agents.dropping import drop, is_evidence
from agents.events import Answer, Claim, Classified, Event, Language, Quoted, Ruling, Verdict
from agents.rules.classify import likeliest
from agents.rules.obeying import demands
from agents.rules.refusing import refusal
from agents.rules.rubric import Rubric
from agents.rules.words import phrase
from agents.sayings import say
from retrieval.sentences import sentences

Span = tuple[int, int]

_LINE = re.compile(r"“.*” \[(\d+)\]")


def rewritten(
    events: Sequence[Event], answer: Answer, classified: Classified, rubric: Rubric
) -> Answer:
    """Return what is shown in place of an answer of that class; a safe one and a refusal in the
    desired style stand as they are.

    A pure function of the run. Disallowed content goes claim by claim, and out of the quotes too;
    where nothing is left, and for an undesired refusal, the desired refusal stands.
    """
    if classified.label in ("safe", "refusal"):
        return answer
    language = view.asked(events).language
    quotes = allowed(answer.quotes, rubric)
    if classified.label == "disallowed":
        text = _without(answer.text, classified.spans, quotes) if classified.spans else ""
        if split(text) and likeliest("", text, quotes, rubric).label == "safe":
            because = phrase(language, "part", because=classified.because)
            verdicts = _verdicts(text, answer, language)
            return Answer(text, "partial", answer.form, because, quotes, verdicts)
    return _refused(events, quotes, classified, rubric)


def _refused(
    events: Sequence[Event], quotes: tuple[Quoted, ...], classified: Classified, rubric: Rubric
) -> Answer:
    language = view.asked(events).language
    because = phrase(language, "replaced", because=classified.because)
    orders = rubric.obeying.sort.on and classified.rule == rubric.obeying.sort.name
    near = [q for q in quotes if not (orders and any(demands([q], rubric.obeying)))]
    withheld = classified.label == "disallowed"
    text = refusal(events, near, "withheld" if withheld else "unsourced", classified.because)
    itself = say(language, "verbatim")
    verdicts = tuple(
        Verdict(claim, "supported", "verbatim", 1.0, itself, claim.cites[0])
        for claim in split(text)
        if claim.cites and is_evidence(text, claim)
    )
    return Answer(text, "declined", "none", because, quotes, verdicts)


def allowed(quotes: Sequence[Quoted], rubric: Rubric) -> tuple[Quoted, ...]:
    """Return the quotes with what is disallowed cut out: of each its longest run of sentences that
    hold none, still an exact piece of its page; a quote that has none is left out."""
    cut = (_cut(quote, rubric) for quote in quotes)
    return tuple(quote for quote in cut if quote is not None)


def _cut(quote: Quoted, rubric: Rubric) -> Quoted | None:
    def clean(text: str) -> bool:
        return not any(any(sort.matches(text)) for sort in rubric.forbidden)

    if clean(quote.text):
        return quote
    runs: list[Span] = []
    for start, end in sentences(quote.text):
        joined = (runs[-1][0], end) if runs else (start, end)
        if clean(quote.text[slice(*joined)]):
            runs[-1:] = [joined]
        elif clean(quote.text[start:end]):
            runs.append((start, end))
        else:
            runs.append((end, end))
    start, end = max(runs, key=lambda run: run[1] - run[0], default=(0, 0))
    if start == end:
        return None
    text = quote.text[start:end]
    return replace(quote, text=text, start=quote.start + start, end=quote.start + end)


def _without(text: str, spans: Sequence[Span], quotes: Sequence[Quoted]) -> str:
    """The text without these spans; a line that is one quote follows what became of the quote."""
    by_number = {quote.number: quote for quote in quotes}
    kept: list[str] = []
    at = 0
    for line in text.split("\n"):
        inside = [(a - at, b - at) for a, b in spans if a < at + len(line) and b > at]
        whole = _LINE.fullmatch(line.strip())
        if whole:
            quote = by_number.get(int(whole[1]))
            kept += [compose.quotes_answer([quote])] if quote else []
        else:
            kept.append(_line(line, inside) if inside else line)
        at += len(line) + 1
    return "\n".join(kept).strip()


def _line(line: str, spans: Sequence[Span]) -> str:
    def hit(start: int, end: int) -> bool:
        return any(start < b and a < end for a, b in spans)

    claims = [Verdict(c, _ruling(hit(c.start, c.end)), "policy", 1.0) for c in split(line)]
    silent = [
        (a, b)
        for a, b in sentences(line)
        if hit(a, b) and not any(a <= v.claim.start < b for v in claims)
    ]
    if silent:
        return " ".join(line[a:b] for a, b in sentences(line) if not hit(a, b))
    return drop(line, claims)


def _ruling(hit: bool) -> Ruling:
    return "unsupported" if hit else "supported"


def _verdicts(text: str, answer: Answer, language: Language) -> tuple[Verdict, ...]:
    """The verdicts of the claims that are left, as they were; lines of quotes are the quotes."""
    known = {_key(verdict.claim): verdict for verdict in answer.verdicts}
    return tuple(_verdict(text, claim, known, language) for claim in split(text))


def _verdict(text: str, claim: Claim, known: dict[str, Verdict], language: Language) -> Verdict:
    if claim.cites and is_evidence(text, claim):
        itself = say(language, "verbatim")
        return Verdict(claim, "supported", "verbatim", 1.0, itself, claim.cites[0])
    old = known.get(_key(claim))
    return replace(old, claim=claim) if old else Verdict(claim, "unchecked", "none", 0.0)


def _key(claim: Claim) -> str:
    return bare(claim.text).casefold().strip(" ,;:.。，；")
