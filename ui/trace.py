"""A whole run, step by step: what `vouch show` prints."""

from collections.abc import Sequence

from agents.actions import write
from agents.events import (
    Acted,
    Answered,
    Asked,
    Claimed,
    Classified,
    Drafted,
    Entry,
    Event,
    Found,
    Judged,
    Label,
    Measured,
    Prompted,
    Replied,
    Revised,
)
from agents.view import steps, stopped
from ui.escape import one_line
from ui.lines import Line, Span, counted, line, paragraph
from ui.render import answer, step, verdict_line
from ui.summary import summarize

INDENT = " " * 17

CLASSES: dict[Label, Span] = {
    "safe": ("safe answer", "good"),
    "refusal": ("refusal in the desired style", "note"),
    "undesired": ("refusal in an undesired style", "doubt"),
    "disallowed": ("disallowed content", "bad"),
}
"""How the classes of the policy are told."""


def trace(entries: Sequence[Entry]) -> list[Line]:
    """Return the steps, each event with its number and time, then the answer as it was shown.

    The numbers of steps are those that `vouch fork --at` takes, those of events are replay's.
    """
    events = [entry.event for entry in entries]
    begins = _begins(events)
    lines: list[Line] = []
    for index, entry in enumerate(entries):
        if index in begins:
            lines.append(line((begins[index], "note")))
        lines += _told(entry, entries[0].at)
    return [*lines, line(), *answer(summarize(entries))]


def _begins(events: Sequence[Event]) -> dict[int, str]:
    """Name the steps by the index of their first event; writing is the one after browsing."""
    begins = {begin: f"step {n}" for n, (begin, _) in enumerate(steps(events), start=1)}
    ended = stopped(events)
    if ended is not None and ended.reason not in ("cancelled", "failed"):
        begins[events.index(ended) + 1] = f"step {len(begins) + 1}: the answer"
    return begins


def _told(entry: Entry, begin: float) -> list[Line]:
    told = tell(entry.event)
    if not told:
        return []
    offset = f"+{entry.at - begin:.2f} s".rjust(10)
    first = line((f"{entry.seq:>4} {offset}  ", "dim"), *told[0].spans)
    return [first, *(line(INDENT, *more.spans) for more in told[1:])]


def tell(event: Event) -> list[Line]:
    """Return an event of a finished run in words; every kind of event has some."""
    match event:
        case Asked():
            return _asked(event)
        case Prompted():
            return [line((f"prompt {event.template}, about {event.estimate} tokens", "dim"))]
        case Replied():
            return _replied(event)
        case Acted(action):
            return [line(("> ", "bold"), one_line(write(action), 120))]
        case Found(_, results):
            told = [step(event) or line()]
            return told + [
                line((f"  {n}. {one_line(result.title, 50)}: {one_line(result.text, 70)}", "dim"))
                for n, result in enumerate(results, start=1)
            ]
        case Measured(what, _, scores):
            return [line((f"measured {one_line(what, 60)}: {_scores(scores)}", "dim"))]
        case Drafted(text):
            return [line("wrote a draft:"), *paragraph(text, "  ")]
        case Claimed(number, claims):
            return [line(f"split it into {counted(len(claims), 'claim')} (round {number})")]
        case Judged(number, verdict):
            return [line((f"round {number} ", "dim"), *verdict_line(verdict).spans)]
        case Revised(number, how, text):
            return [line(f"round {number}, {how}:"), *paragraph(text, "  ")]
        case Classified():
            return [classified(event)]
        case Answered(shown):
            return [line((f"answered: {shown.outcome}, {shown.form}", "bold"))]
        case _:
            # The rest is told as when it happens; the match there is closed.
            told_then = step(event)
            return [told_then] if told_then else []


def classified(event: Classified) -> Line:
    """Return the class of an answer by the policy: what it is, why, and who said so."""
    what, style = CLASSES[event.label]
    by = "a rule" if event.by == "rules" else "the model"
    told = f"  ({one_line(event.rule)}, by {by}: {one_line(event.because, 120)})"
    return line("class: ", (what, style), (told, "dim"))


def _asked(event: Asked) -> list[Line]:
    limits = event.limits
    spend = f"{limits.steps} steps, {limits.seconds:g} s, {limits.tokens} tokens"
    check = "with self-check" if event.check else "without self-check"
    where = ", ".join(map(one_line, (*event.collections, *event.sources)))
    told = [line((f"only in {where}", "dim"))] if where else []
    if event.tags:
        told.append(line((f"only with the tag {' or '.join(map(one_line, event.tags))}", "dim")))
    word = "text to check: " if event.task == "verify" else "asked: "
    return [
        line((word, "bold"), one_line(event.question)),
        *told,
        *filter(None, [step(event)]),
        line((f"{check}; at most {spend}", "dim")),
    ]


def _replied(event: Replied) -> list[Line]:
    cost = f"read {event.read} tokens ({event.evaluated} new), wrote {event.written}"
    head = line((f"model {cost} in {event.seconds:.2f} s, {event.finish}", "dim"))
    return [head, *paragraph(event.text.strip(), "  ", "dim")]


def _scores(scores: Sequence[float]) -> str:
    shown = ", ".join(f"{score:.2f}" for score in scores[:6])
    return f"{shown}, ... ({len(scores)} scores)" if len(scores) > 6 else shown
