"""The checked answer as HTML: a pure function of what a run came to, with all text escaped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from agents.events import Answer, Event, Rephrased, Ruling, Verdict
from agents.noting import notes
from agents.view import opened, searches
from ui.escape import html as safe
from ui.escape import one_line
from ui.html_blocks import flat, sentence
from ui.html_cites import Cites, Excerpt, cites_of
from ui.html_diff import diff_html
from ui.html_steps import reason, steps_html
from ui.html_text import cited, text_html
from ui.html_verdict import RULINGS
from ui.summary import Summary
from ui.words import Say

RUNS = "runs?run="


@dataclass(frozen=True, slots=True)
class Shown:
    """An ended run and the surroundings of its quotes, by their numbers."""

    summary: Summary
    events: tuple[Event, ...]
    excerpts: Mapping[int, Excerpt]


def answer_html(shown: Shown, say: Say, runs: str = RUNS) -> str:
    """Return the answer with citations, verdicts, what the check changed, steps and costs.

    `runs` is the address of the runs page, to which the footer leads; empty where there is none.
    """
    summary = shown.summary
    answer = summary.answer
    quotes, text = (answer.quotes, answer.text) if answer else ((), "")
    marks = cites_of(summary.run, quotes, shown.excerpts, say, text)
    body = _stopped(summary, say) if answer is None else _body(shown, answer, marks, say)
    parts = [
        rephrased_html(shown.events, say),
        body,
        _folds(shown, say),
        footer(summary, say, runs),
    ]
    label = safe(say("chat.answer"))
    inside = "".join(parts) + marks.popovers()
    return f'<article class="v-answer" aria-label="{label}">{inside}</article>'


def rephrased_html(events: Sequence[Event], say: Say) -> str:
    """Say how a follow-up was understood, and how much of the conversation was looked at."""
    event = next((event for event in events if isinstance(event, Rephrased)), None)
    if event is None or event.how == "as asked":
        return ""
    lines = [safe(say("chat.asked_as", question=one_line(event.question)))]
    if event.how == "model" and event.kept < event.of:
        lines.append(safe(say("chat.history_cut", kept=event.kept, of=event.of)))
    elif event.how == "model" and event.whole < event.kept:
        lines.append(safe(say("chat.history_short", whole=event.whole, of=event.of)))
    return f'<p class="v-asked">{"<br>".join(lines)}</p>'


def _stopped(summary: Summary, say: Say) -> str:
    why = reason(summary.stopped, say) if summary.stopped else say("chat.interrupted")
    title = safe(say("chat.no_answer"))
    said = safe(sentence(why))
    return f'<div class="v-box v-quiet"><p class="v-box-title">{title}</p><p>{said}</p></div>'


def _body(shown: Shown, answer: Answer, marks: Cites, say: Say) -> str:
    if answer.outcome == "declined":
        return _declined(shown, answer, marks, say)
    source = say("chat.sources", count=len(answer.quotes))
    listed = (
        f'<section class="v-listed"><h2 class="v-heading">{safe(source)}</h2>'
        f"{marks.sources()}</section>"
    )
    text, about = text_html(answer, marks, say), _about(answer, say)
    about += _notes(shown.summary, answer, marks)
    # That all is quotes is to be known before reading; other doubts need not come first.
    first, second = (about, text) if answer.form == "quotes" else (text, about)
    return first + second + (listed if marks.quotes else "")


def _about(answer: Answer, say: Say) -> str:
    """Say what to bear in mind about the text."""
    said = [sentence(one_line(answer.because))] if answer.because else []
    said += [say("chat.only_quotes")] if answer.form == "quotes" else []
    if not said:
        return ""
    kind = "partial" if answer.outcome == "partial" else "about"
    return f'<p class="v-banner v-{kind}">{safe(" ".join(said))}</p>'


def _notes(summary: Summary, answer: Answer, marks: Cites) -> str:
    """Tell of sources that differ and of wrong premises, with their quotes behind the numbers."""
    told = notes(answer, summary.asked.language)
    return "".join(f'<p class="v-banner v-partial">{cited(note, marks)}</p>' for note in told)


def _declined(shown: Shown, answer: Answer, marks: Cites, say: Say) -> str:
    """Say that nothing answers the question, what was looked for, and what came closest."""
    queries = dict.fromkeys(one_line(found.query, 120) for found in searches(shown.events))
    pages = dict.fromkeys(one_line(page.title or page.source, 90) for page in opened(shown.events))
    searched = "".join(f"<li>{safe(query)}</li>" for query in queries)
    read = "".join(f"<li>{safe(page)}</li>" for page in pages)
    parts = [
        f'<div class="v-box v-quiet"><p class="v-box-title">{safe(say("chat.declined"))}</p>'
        f"<p>{safe(_why_declined(answer, say))}</p>",
        f'<dl class="v-looked"><dt>{safe(say("chat.looked_for"))}</dt><dd><ul>{searched}</ul></dd>'
        if queries
        else '<dl class="v-looked">',
        f"<dt>{safe(say('chat.looked_in'))}</dt><dd><ul>{read}</ul></dd></dl></div>"
        if pages
        else "</dl></div>",
    ]
    if marks.quotes:
        closest = safe(say("chat.closest"))
        parts.append(
            f'<section class="v-listed"><h2 class="v-heading">{closest}</h2>'
            f"{marks.sources()}</section>"
        )
    return "".join(parts)


def _why_declined(answer: Answer, say: Say) -> str:
    """Of quotes that were kept and are no answer the run itself says why."""
    if answer.sufficiency is None:
        return say("chat.declined_why")
    return sentence(one_line(answer.because))


def _folds(shown: Shown, say: Say) -> str:
    """What can be unfolded: the verdicts, what the check changed, and the steps."""
    summary = shown.summary
    folds = [_verdicts(summary, say), _changes(summary, say)]
    steps = steps_html(shown.events, say)
    folds.append(_fold("steps", say("chat.how_found"), steps) if steps else "")
    return f'<div class="v-folds">{"".join(folds)}</div>'


def _fold(kind: str, title: str, inside: str) -> str:
    return (
        f'<details class="v-fold v-fold-{kind}"><summary>{safe(title)}</summary>'
        f'<div class="v-fold-body">{inside}</div></details>'
    )


def _verdicts(summary: Summary, say: Say) -> str:
    verdicts = summary.answer.verdicts if summary.answer else ()
    if not verdicts:
        return ""
    held = sum(verdict.ruling == "supported" for verdict in verdicts)
    if not summary.asked.check:
        title = say("chat.claims_unchecked", count=len(verdicts))
    else:
        title = say("chat.claims", held=held, count=len(verdicts))
    rows = "".join(_verdict(verdict, say) for verdict in verdicts)
    return _fold("claims", title, f'<ul class="v-verdicts">{rows}</ul>')


def _verdict(verdict: Verdict, say: Say) -> str:
    why = one_line(verdict.because, 200)
    reasons = [why] if why else []
    if verdict.ruling != "unchecked":
        reasons.append(say("chat.sure", share=f"{verdict.confidence:.0%}"))
    none = Cites("", {}, {}, say)
    return (
        f'<li><span class="v-pill v-{verdict.ruling}">{ruling(verdict.ruling, say)}</span>'
        f'<span class="v-said">{cited(" ".join(verdict.claim.text.split()), none)}'
        f'<span class="v-where">{safe(" · ".join(reasons))}</span></span></li>'
    )


def ruling(kind: Ruling, say: Say) -> str:
    """Return sign and word of a ruling."""
    return f'<span aria-hidden="true">{RULINGS[kind]}</span> {safe(say(f"chat.{kind}"))}'


def _changes(summary: Summary, say: Say) -> str:
    """Draft and shown answer, word by word. The draft is only ever told beside its answer."""
    draft, answer = summary.draft, summary.answer
    if draft is None or answer is None or not summary.asked.check:
        return ""
    if " ".join(draft.split()) == " ".join(answer.text.split()):
        return f'<p class="v-stood">{safe(say("chat.stood"))}</p>'
    told = f'<div class="v-diff">{diff_html(draft, answer.text)}</div>'
    legend = f'<p class="v-where">{safe(say("chat.diff_legend"))}</p>'
    doubts = "".join(_verdict(v, say) for v in summary.doubts if v.ruling != "supported")
    listed = f'<ul class="v-verdicts">{doubts}</ul>' if doubts else ""
    return _fold("changes", say("chat.changed"), legend + told + listed)


def footer(summary: Summary, say: Say, runs: str = RUNS) -> str:
    """Return outcome, policy, model, tokens, seconds and the way to the run."""
    facts = [
        say(
            "chat.outcome_declined" if summary.outcome == "declined" else f"chat.{summary.outcome}"
        ),
        *([] if summary.asked.check else [say("chat.not_checked")]),
        say(f"chat.policy_{summary.asked.policy}")
        if summary.asked.policy in ("guided", "model")
        else summary.asked.policy,
        summary.asked.model or say("chat.no_model"),
        say("chat.tokens", count=f"{summary.anew + summary.written:,}"),
        say("chat.seconds", seconds=f"{summary.seconds:.1f}"),
    ]
    told = "".join(f"<span>{flat(fact, 60)}</span>" for fact in facts)
    to = safe(runs + quote(summary.run, safe=""))
    link = f'<a href="{to}">{safe(say("chat.run"))}</a>' if runs else ""
    return f'<footer class="v-foot">{told}{link}</footer>'
