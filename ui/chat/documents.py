"""Which documents there are, as the conversation page names them."""

import streamlit as st

from ui.chat.context import Context
from ui.house_port import Item

SECONDS = 15.0
"""The list of documents may be so old: other faces add to the library too."""


@st.cache_data(ttl=SECONDS, max_entries=4, show_spinner=False)
def _documents(_context: Context, home: str) -> list[Item]:
    told = _context.call("library")
    kept = ("source", "title", "collection", "tags")
    return [{key: document.get(key, "") for key in kept} for document in told["documents"]]


@st.cache_data(ttl=SECONDS, max_entries=4, show_spinner=False)
def _reach(_context: Context, home: str) -> Item:
    return dict(_context.call("reach"))


def web(context: Context) -> bool:
    """Return whether questions may be looked up on the web."""
    return bool(_reach(context, str(context.home))["web"])


def away(context: Context) -> bool:
    """Return whether the language model, which reads passages, may be on another machine."""
    return bool(_reach(context, str(context.home)).get("away"))


def documents(context: Context) -> list[Item]:
    """Return source, title, collection and tags of every document, some seconds old at most."""
    return _documents(context, str(context.home))


def forget_documents() -> None:
    """Have the list read anew: something was added or removed."""
    _documents.clear()
