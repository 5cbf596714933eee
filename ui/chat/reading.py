"""Ended runs as the page shows them: read once, with the surroundings of their quotes."""

import streamlit as st

from agents.events import Quoted
from app.wire import EngineFault
from retrieval.errors import UserError
from ui.chat.context import Context
from ui.chat.tree import Turn
from ui.chat.watching import fetch
from ui.house_port import Item, read_entries
from ui.html import Shown
from ui.html_cites import Excerpt, first, last
from ui.summary import summarize

AROUND = 320
"""Characters of a page on each side of a quote."""

KEPT_SECONDS = 60.0
"""An ended run does not change, but what its owner takes out of the journal must not stay on
screens for long, nor a page of a quote be missing because one look at it failed."""


def shown(context: Context, turn: Turn) -> Shown | None:
    """Return an ended turn as it is shown; None if its run holds nothing."""
    return _shown(context, str(context.home), turn.id)


@st.cache_resource(max_entries=200, ttl=KEPT_SECONDS, show_spinner=False)
def _shown(_context: Context, home: str, turn: str) -> Shown | None:
    told: list[Item] = []
    fetch(_context, turn, told)
    entries = read_entries(told)
    if not entries:
        return None
    summary = summarize(entries)
    quotes = summary.answer.quotes if summary.answer else ()
    excerpts = {quote.number: excerpt(_context, summary.run, quote) for quote in quotes}
    found = {number: one for number, one in excerpts.items() if one is not None}
    return Shown(summary, tuple(entry.event for entry in entries), found)


def excerpt(context: Context, run: str, quote: Quoted) -> Excerpt | None:
    """Return a quote between its neighbours, from the journal's own copy of the page."""
    place = {"document": quote.document, "start": quote.start, "end": quote.end}
    try:
        page: Item = context.call("page", run=run, around=AROUND + 1, **place)
    except (UserError, EngineFault):
        return None
    before, after = last(page["before"], AROUND), first(page["after"], AROUND)
    return Excerpt(before, page["text"], after)
