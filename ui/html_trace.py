"""A run as escaped HTML: its steps, what each brought back, and what became of the draft."""

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
    Forked,
    Found,
    Judged,
    Measured,
    Moved,
    Opened,
    Prompted,
    Quoted,
    Refused,
    Repair,
    Replied,
    Returned,
    Revised,
    Slipped,
    Stopped,
    Used,
)
from agents.view import steps, stopped
from ui.escape import html as safe
from ui.escape import one_line
from ui.html_blocks import flat
from ui.html_verdict import policy_word, verdict_html
from ui.render import place, step
from ui.search_notes import engines_said, words_kept
from ui.words import Say

_REPAIRS = {"rewrite": "runs.rewritten", "policy": "runs.replaced"}

DEAF = (Prompted, Measured, Replied)
"""Events that only matter to who studies a run: they are drawn small."""


def trace_html(entries: Sequence[Entry], say: Say) -> str:
    """Return the steps in order, each with its events, their numbers and times in seconds."""
    events = [entry.event for entry in entries]
    begins = _begins(events, say)
    parts: list[str] = []
    for index, entry in enumerate(entries):
        if index in begins:
            parts.append(f'<li class="vt-step"><h4>{safe(begins[index])}</h4></li>')
        parts.append(_row(entry, entries[0].at, say))
    return f'<ol class="vt-trace" aria-label="{safe(say("runs.trace"))}">{"".join(parts)}</ol>'


def _begins(events: Sequence[Event], say: Say) -> dict[int, str]:
    """Name the steps by the index of their first event, as `vouch fork --at` numbers them."""
    begins = {b: say("runs.step", number=n) for n, (b, _) in enumerate(steps(events), start=1)}
    ended = stopped(events)
    if ended is not None and ended.reason not in ("cancelled", "failed"):
        begins[events.index(ended) + 1] = say("runs.step_answer", number=len(begins) + 1)
    return begins


def _row(entry: Entry, begin: float, say: Say) -> str:
    told = event_html(entry.event, say)
    if not told:
        return ""
    small = " vt-small" if isinstance(entry.event, DEAF) else ""
    return (
        f'<li class="vt-row{small}"><span class="vt-when">{entry.seq}'
        f" <br>+{entry.at - begin:.2f} s</span>"
        f'<div class="vt-what">{told}</div></li>'
    )


def event_html(event: Event, say: Say) -> str:
    """Return an event of a finished run in words of the chosen language."""
    match event:
        case Asked() | Forked():
            return _asked(event, say)
        case Prompted() | Replied() | Measured():
            return _model(event, say)
        case Drafted() | Claimed() | Judged() | Revised() | Classified() | Answered():
            return _written(event, say)
        case _:
            return _browsed(event, say)


def _browsed(event: Event, say: Say) -> str:
    match event:
        case Acted(action):
            return f'<code class="vt-action">{flat(write(action), 160)}</code>'
        case Found(query, results):
            found = say("runs.searched", query=one_line(query, 120), count=len(results))
            return f"<p>{safe(found)}</p>{_results(event, say)}"
        case Opened():
            opened = say("runs.opened", title=one_line(event.title or event.source, 120))
            return f'<p>{safe(opened)}</p><p class="vt-where">{flat(event.source, 200)}</p>'
        case Moved(at):
            return f"<p>{safe(say('runs.moved', at=f'{at:,}'))}</p>"
        case Returned():
            return f"<p>{safe(say('runs.back'))}</p>"
        case Quoted():
            return quote_html(event)
        case Used(tool, text, failed):
            said = say("runs.used_failed" if failed else "runs.used", tool=one_line(tool))
            return f'<p>{safe(said)}</p><p class="vt-where">{flat(text, 300)}</p>'
        case Refused(why) | Slipped(_, why):
            key = "runs.refused" if isinstance(event, Refused) else "runs.slipped"
            return f'<p class="vt-doubt">{safe(say(key, why=one_line(why, 200)))}</p>'
        case Stopped():
            return _stopped(event, say)
        case _:
            told = step(event)
            return f"<p>{safe(told.text)}</p>" if told else ""


def _results(found: Found, say: Say) -> str:
    rows = [
        f"<li><b>{flat(result.title or result.source, 80)}</b> {flat(result.text, 140)}</li>"
        for result in found.results
    ]
    held = words_kept(found.notes)
    notes = [("vt-where", say("chat.kept_back", words=held))] if held else []
    notes += [("vt-where vt-doubt", said) for said in engines_said(found.notes)]
    told = "".join(f'<p class="{kind}">{safe(note)}</p>' for kind, note in notes)
    return (f'<ol class="vt-results">{"".join(rows)}</ol>' if rows else "") + told


def quote_html(quote: Quoted) -> str:
    """Return a quote with its number and where it stands."""
    return (
        f'<blockquote class="vt-quote"><span class="vt-number">[{quote.number}]</span> '
        f"{flat(quote.text)}<footer>{safe(place(quote))}</footer></blockquote>"
    )


def _stopped(event: Stopped, say: Say) -> str:
    detail = f" {one_line(event.detail, 200)}" if event.detail else ""
    if event.reason == "finished":
        return f"<p>{safe(say('runs.finished') + detail)}</p>"
    said = say("runs.stopped_for", reason=one_line(event.reason)) + detail
    return f'<p class="vt-doubt">■ {safe(said)}</p>'


_REPAIRED: dict[Repair, str] = {
    "cite": "runs.recited",
    "rewrite": "runs.rewritten",
    "drop": "runs.dropped",
    "quote": "runs.quoted_instead",
    "policy": "runs.replaced",
}


def _asked(event: Asked | Forked, say: Say) -> str:
    asked = event.asked if isinstance(event, Forked) else event
    limits = asked.limits
    facts = say(
        "runs.settings",
        policy=policy_word(asked.policy, say),
        model=asked.model or say("runs.no_model"),
        check=say("runs.with_check" if asked.check else "runs.without_check"),
        steps=limits.steps,
        seconds=f"{limits.seconds:g}",
        tokens=f"{limits.tokens:,}",
    )
    key = "runs.forked" if isinstance(event, Forked) else "runs.asked"
    said = say(key, question=one_line(asked.question))
    note = f'<p class="vt-where vt-doubt">{safe(asked.unranked)}</p>' if asked.unranked else ""
    return f'<p><b>{safe(said)}</b></p><p class="vt-where">{flat(facts)}</p>{note}'


def _model(event: Prompted | Replied | Measured, say: Say) -> str:
    match event:
        case Prompted():
            said = say("runs.prompted", template=event.template, tokens=f"{event.estimate:,}")
            return f"<p>{flat(said)}</p>"
        case Measured(what, _, scores):
            numbers = ", ".join(f"{score:.2f}" for score in scores[:6])
            more = f", … ({len(scores)})" if len(scores) > 6 else ""
            return f"<p>{flat(say('runs.measured', what=what, scores=numbers + more))}</p>"
        case Replied():
            said = say(
                "runs.replied",
                read=f"{event.read:,}",
                new=f"{event.evaluated:,}",
                written=f"{event.written:,}",
                seconds=f"{event.seconds:.2f}",
            )
            return f"<p>{flat(said)}</p>{_text(event.text.strip())}"


def _written(event: Drafted | Claimed | Judged | Revised | Classified | Answered, say: Say) -> str:
    match event:
        case Drafted(text):
            return f"<p>{safe(say('runs.drafted'))}</p>{_text(text)}"
        case Claimed(number, claims):
            return f"<p>{safe(say('runs.claimed', count=len(claims), round=number))}</p>"
        case Judged(number, verdict):
            return verdict_html(verdict, say, say("runs.round", number=number))
        case Revised(number, how, text):
            key = _REPAIRS.get(how, "runs.dropped")
            return f"<p>{safe(say(key, round=number))}</p>{_text(text)}"
        case Classified():
            what = say("runs.class", label=say(f"runs.class_{event.label}"))
            why = "; ".join(filter(None, [event.rule, say(f"runs.by_{event.by}"), event.because]))
            return f'<p>{safe(what)} <span class="vt-where">{flat(why, 300)}</span></p>'
        case Answered(shown):
            return f"<p><b>{safe(say('runs.gave', outcome=say(f'runs.{shown.outcome}')))}</b></p>"


def _text(text: str) -> str:
    return f'<p class="vt-text">{safe(text)}</p>' if text else ""
