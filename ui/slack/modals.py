"""The windows that buttons open: quotes in full, what the check changed, reasons of a thumb."""

import json
from collections.abc import Sequence
from typing import Any

from agents.events import Quoted
from app.feedback.marks import TAGS_DOWN
from ui.escape import clean
from ui.render import changes
from ui.slack.blocks import Block, context, place, section
from ui.slack.pieces import packed, pieces, shortened
from ui.slack.words import escape, link
from ui.summary import Summary

View = dict[str, Any]

REASONS, TAGS, WORDS = "vouch_reasons", "vouch_tags", "vouch_words"
"""The callback of the window that asks for reasons, and its two fields."""

BLOCKS = 90
"""Most blocks of a window; Slack takes 100."""

COMMENT = 2000
QUOTE = 6000
"""Characters of a quote that are shown; Vouch keeps whole passages, not pages."""


def quotes(summary: Summary) -> View:
    """Return the window that shows each quote word for word, and where it stands."""
    shown = summary.answer.quotes if summary.answer else ()
    blocks = [block for quote in shown for block in _quote(quote)]
    return _window("Quotes", blocks or [section("There are no quotes.")])


def what_changed(summary: Summary) -> View:
    """Return the window that shows what the self-check took away and put in."""
    lines = [escape(line.text) for line in changes(summary)]
    texts = list(packed(lines)) or ["There was no draft to check."]
    return _window("What the check changed", [section(text) for text in texts])


def reasons(run: str, channel: str, root: str) -> View:
    """Return the window that asks why an answer is not good; run, channel and thread go along."""
    options = [{"text": _plain(tag), "value": tag} for tag in TAGS_DOWN]
    ticks = {"type": "checkboxes", "action_id": TAGS, "options": options}
    words = {
        "type": "plain_text_input",
        "action_id": WORDS,
        "multiline": True,
        "max_length": COMMENT,
    }
    blocks = [_input("What is wrong?", TAGS, ticks), _input("In your words", WORDS, words)]
    view = _window("Not a good answer", blocks)
    return view | {
        "callback_id": REASONS,
        "private_metadata": json.dumps([run, channel, root]),
        "submit": _plain("Send"),
        "close": _plain("Cancel"),
    }


def about(view: View) -> tuple[str, str, str]:
    """Return the run, channel and thread that went along with the window of `reasons`."""
    run, channel, root = json.loads(view["private_metadata"])
    return run, channel, root


def told(view: View) -> tuple[list[str], str]:
    """Return the reasons and the comment that were written into the window of `reasons`."""
    values = view["state"]["values"]
    ticked = values.get(TAGS, {}).get(TAGS, {}).get("selected_options") or []
    comment = values.get(WORDS, {}).get(WORDS, {}).get("value") or ""
    return [option["value"] for option in ticked], comment


def _quote(quote: Quoted) -> list[Block]:
    """The words are plain text, which Slack shows without reading any markup in them."""
    words = shortened(clean(quote.text), QUOTE)
    blocks: list[Block] = [section(f"*[{quote.number}]*")]
    blocks += [{"type": "section", "text": _plain(piece)} for piece in pieces(words)]
    where = place(quote)
    named = link(where, quote.source) if _is_web(quote.source) else escape(where)
    return [*blocks, context(f"{named}, characters {quote.start}-{quote.end}")]


def _is_web(source: str) -> bool:
    return source.startswith(("http://", "https://"))


def _window(title: str, blocks: Sequence[Block]) -> View:
    shown = list(blocks)
    if len(shown) > BLOCKS:
        shown = [*shown[:BLOCKS], context("The rest does not fit; see the run on the machine.")]
    return {"type": "modal", "title": _plain(title), "close": _plain("Close"), "blocks": shown}


def _input(label: str, name: str, element: Block) -> Block:
    return {
        "type": "input",
        "block_id": name,
        "label": _plain(label),
        "element": element,
        "optional": True,
    }


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": False}
