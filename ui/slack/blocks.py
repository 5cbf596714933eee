"""What the bot posts, as pure values: a run's summary becomes messages of Block Kit."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from agents.asked import Language
from agents.events import Answer, Quoted, Verdict
from agents.noting import notes
from ui.escape import one_line
from ui.lines import counted
from ui.render import SIGNS
from ui.slack.pieces import pieces, shortened
from ui.slack.words import escape
from ui.summary import Summary

Block = dict[str, Any]

BLOCKS, CHARACTERS = 45, 11_000
"""Most blocks of a message, and most characters in them; Slack takes 50 blocks, and refuses more
than 13,200 characters (https://github.com/slackapi/bolt-js/issues/2509)."""

FALLBACK = 3000
"""Characters of a message's `text`, which notifications show; an edit takes 4,000."""

SOURCES = 12
STOP, QUOTES, CHANGES, UP, DOWN = (
    f"vouch_{name}" for name in ("stop", "quotes", "changes", "up", "down")
)
"""The buttons."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its text for notifications, escaped, and its blocks."""

    text: str
    blocks: list[Block] = field(default_factory=list)


def sentence(text: str, head: str = "") -> Message:
    """Return a message that says one thing; outside text in it is escaped here."""
    said = shortened(escape(one_line(text)), FALLBACK)
    return Message(said, [*_head(head), section(said)])


def working(key: str, lines: Sequence[str], head: str = "") -> Message:
    """Return the placeholder: the newest of the steps so far, and a button that stops the work."""
    said = [f"• {escape(one_line(line, 150))}" for line in lines]
    stop = actions([button("Stop", STOP, key)], "vouch_working")
    return Message("Working on it …", [*_head(head), section("\n".join(said) or "…"), stop])


def reply(summary: Summary, typed: str = "", head: str = "") -> list[Message]:
    """Return the messages of a run's end, in order; one unless the answer is long.

    `typed` is the question as it was asked: where another one was answered, that is shown. `head`
    is text of Slack's markup that the first message begins with.
    """
    shown = summary.answer
    if shown is None:
        return [sentence(ending(summary), head)]
    blocks = _head(head)
    if typed and _folded(summary.asked.question) != _folded(typed):
        understood = one_line(summary.asked.question, 300)
        blocks.append(context(f"Understood as: {escape(understood)}"))
    blocks += [section(piece) for piece in pieces(marked(shown))]
    last = [context(note) for note in (*_notes(shown, summary.asked.language), _tally(summary))]
    return _messages(blocks, [*last, _buttons(summary)])


def ending(summary: Summary) -> str:
    """Say why a run has no answer."""
    reason = summary.stopped.reason if summary.stopped else "interrupted"
    if reason == "cancelled":
        return "Stopped. Nothing was answered."
    if reason == "interrupted":
        return "The work on this was interrupted. Please ask again."
    return f"No answer: {summary.because}"


def marked(shown: Answer) -> str:
    """Return the answer's text, escaped, with the sign of its verdict behind every claim."""
    parts: list[str] = []
    at = 0
    for verdict in sorted(shown.verdicts, key=lambda verdict: verdict.claim.end):
        claim = verdict.claim
        if shown.text[claim.start : claim.end] != claim.text or claim.end < at:
            return escape(shown.text) + "\n\n" + "\n".join(map(_claim, shown.verdicts))
        parts += [escape(shown.text[at : claim.end]), _sign(verdict)]
        at = claim.end
    return "".join([*parts, escape(shown.text[at:])]) or "(no words)"


def _sign(verdict: Verdict) -> str:
    sign = SIGNS[verdict.ruling][0]
    return f" {sign[0]}" if verdict.ruling == "supported" else f" ({sign})"


def _claim(verdict: Verdict) -> str:
    return f"{SIGNS[verdict.ruling][0]}: {escape(one_line(verdict.claim.text))}"


def place(quote: Quoted) -> str:
    """Say where a quote stands, in plain text: title, page, heading. A file's folder is left out:
    it would tell of the machine."""
    name = quote.source.rstrip("/").rpartition("/")[2]
    parts = [one_line(quote.title or name or "untitled", 120)]
    if quote.page is not None:
        parts.append(f"page {quote.page}")
    if quote.heading and quote.heading != quote.title:
        parts.append(one_line(quote.heading, 80))
    return ", ".join(parts)


def _notes(shown: Answer, language: Language) -> Iterator[str]:
    if shown.form == "quotes":
        yield "These are the best quotes, not the model's own words."
    if shown.because:
        yield f"{shown.outcome}: {escape(one_line(shown.because, 500))}"
    yield from (escape(one_line(note, 500)) for note in notes(shown, language))
    lines = [f"[{quote.number}] {escape(place(quote))}" for quote in shown.quotes[:SOURCES]]
    if lines and shown.outcome == "declined":
        lines.insert(0, "What came closest, no answer:")
    if len(shown.quotes) > SOURCES:
        lines.append(f"and {len(shown.quotes) - SOURCES} more")
    if lines:
        yield shortened("\n".join(lines), FALLBACK)


def _tally(summary: Summary) -> str:
    """Return the outcome, what the check found, model and time on one line."""
    rulings = [verdict.ruling for verdict in summary.answer.verdicts] if summary.answer else []
    facts = [f"*{summary.outcome}*"]
    if not summary.asked.check:
        facts.append("not checked")
    elif rulings:
        held = [f"{SIGNS[r][0]} {rulings.count(r)}" for r in SIGNS if r in rulings]
        facts.append(f"{counted(len(rulings), 'claim')}: {', '.join(held)}")
    model = escape(one_line(summary.asked.model, 80))
    return " · ".join([*facts, model or "no model", f"{summary.seconds:.1f} s"])


def _buttons(summary: Summary) -> Block:
    shown = summary.answer
    buttons = []
    if shown is not None and shown.quotes:
        buttons.append(button("Quotes", QUOTES, summary.run))
    if summary.draft is not None and summary.asked.check:
        buttons.append(button("What the check changed", CHANGES, summary.run))
    buttons.append(button("👍", UP, summary.run, "This answer is good"))
    buttons.append(button("👎", DOWN, summary.run, "This answer is not good"))
    return actions(buttons, "vouch_answer")


def _messages(blocks: Sequence[Block], last: Sequence[Block]) -> list[Message]:
    """Pack blocks into messages; those of `last` stay together at the end."""
    groups: list[list[Block]] = [[]]
    for group in [*([block] for block in blocks), list(last)]:
        now = groups[-1]
        full = len(now) + len(group) > BLOCKS or weight([*now, *group]) > CHARACTERS
        if now and full:
            groups.append([])
        groups[-1].extend(group)
    return [Message(_fallback(group), group) for group in groups]


def weight(value: Any) -> int:
    """Count the characters of every text in blocks."""
    match value:
        case {"text": str(text)}:
            return len(text)
        case dict():
            return sum(map(weight, value.values()))
        case list():
            return sum(map(weight, value))
        case _:
            return 0


def _fallback(blocks: Sequence[Block]) -> str:
    texts = [block["text"]["text"] for block in blocks if block["type"] == "section"]
    return shortened("\n".join(texts) or "The sources of the answer", FALLBACK)


def section(text: str) -> Block:
    """Return a block of text in Slack's markup, in which addresses do not become links."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def context(text: str) -> Block:
    """Return a block of small text in Slack's markup."""
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text, "verbatim": True}]}


def actions(buttons: list[Block], name: str) -> Block:
    """Return a row of buttons."""
    return {"type": "actions", "block_id": name, "elements": buttons}


def button(label: str, action: str, value: str, said: str = "") -> Block:
    """Return a button; `said` is what a screen reader says instead of the label."""
    text = {"type": "plain_text", "text": label, "emoji": True}
    spoken = {"accessibility_label": said} if said else {}
    return {"type": "button", "text": text, "action_id": action, "value": value, **spoken}


def _head(head: str) -> list[Block]:
    return [section(head)] if head else []


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
