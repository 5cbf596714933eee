"""What Vouch did for an answer, as a compact list: searched, opened, quoted, checked."""

from collections.abc import Sequence

from agents.events import (
    Answered,
    Event,
    Found,
    Opened,
    Quoted,
    Refused,
    Stopped,
    Used,
)
from ui.escape import html as safe
from ui.escape import one_line
from ui.html_blocks import flat
from ui.search_notes import engines_said, words_kept
from ui.words import Say

PHASES = {
    "reading": "chat.phase_reading",
    "writing": "chat.phase_writing",
    "checking": "chat.phase_checking",
    "rewriting": "chat.phase_rewriting",
}


def steps_html(events: Sequence[Event], say: Say, now: str = "") -> str:
    """Return the steps so far; `now` is the line of what goes on, without one nothing does."""
    rows = [row for event in events if (row := step_html(event, say))]
    if now:
        rows.append(_row("now", f'<span class="v-now">{safe(now)}</span>'))
    label = safe(say("chat.steps"))
    return f'<ol class="v-steps" aria-label="{label}">{"".join(rows)}</ol>' if rows else ""


def step_html(event: Event, say: Say) -> str:
    """Return the row of an event; empty for the kinds that only matter to a run's trace."""
    match event:
        case Found(query, results):
            count = say("chat.results", count=len(results))
            said = say("chat.searched", query=one_line(query, 90))
            told = f'{safe(said)} <span class="v-aside">{safe(count)}</span>'
            return _row("search", told) + _notes(event, say)
        case Opened():
            return _row("open", safe(say("chat.opened", title=one_line(_title(event), 90))))
        case Quoted():
            said = say("chat.quoted", number=event.number)
            return _row("quote", f'{safe(said)} <q class="v-aside">{flat(event.text, 110)}</q>')
        case Used(tool, text, failed):
            said = say("chat.used_failed" if failed else "chat.used", tool=one_line(tool, 60))
            return _row("tool", f'{safe(said)} <span class="v-aside">{flat(text, 90)}</span>')
        case Refused(why, True):
            return _row("warn", safe(say("chat.failed_step", why=one_line(why, 140))))
        case Stopped():
            return _stopped(event, say)
        case Answered(shown):
            if not shown.verdicts:
                return ""
            return _row("check", safe(say("chat.checked", count=len(shown.verdicts))))
        case _:
            return ""


def _notes(found: Found, say: Say) -> str:
    """Tell of words that were kept from search engines, and of those that gave nothing."""
    told = ""
    if held := words_kept(found.notes):
        told += _row("kept", safe(say("chat.kept_back", words=held)))
    if said := engines_said(found.notes):
        told += _row("warn", safe(say("chat.search_notes", notes="; ".join(said))))
    return told


def _title(event: Opened) -> str:
    return event.title or event.source


def _stopped(event: Stopped, say: Say) -> str:
    if event.reason == "finished":
        return ""
    return _row("warn", safe(say("chat.stopped_early", reason=reason(event, say))))


def reason(event: Stopped, say: Say) -> str:
    """Say in words why a run or its browsing ended."""
    known = ("steps", "seconds", "tokens", "quotes", "slips", "context", "repeating", "cancelled")
    if event.reason in known:
        return say(f"chat.stop_{event.reason}")
    if event.reason == "model lost":
        return say("chat.stop_model")
    return one_line(event.detail or event.reason, 160)


def _row(kind: str, told: str) -> str:
    return (
        f'<li class="v-step v-step-{kind}"><span class="v-icon v-icon-{kind}" aria-hidden="true">'
        f"</span><span>{told}</span></li>"
    )


def working(phase: str, count: int, say: Say) -> str:
    """Return the line that says what the withheld phases are busy with."""
    if phase in ("checking", "rewriting") and not count:
        return say(f"{PHASES[phase]}_draft")
    return say(PHASES[phase], count=count) if phase in PHASES else say("chat.thinking")
