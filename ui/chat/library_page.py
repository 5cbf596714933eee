"""The library page: what questions are answered from, what is added to it and taken out of it."""

import hashlib
from collections.abc import Sequence
from typing import Any

import streamlit as st

from ui.chat.adding_parts import add_tab
from ui.chat.collections_parts import collections_tab
from ui.chat.context import Context
from ui.chat.library_changes import folder_part, leaving_part, ticked_part
from ui.chat.library_parts import COLUMNS, collections, facts, identity, matching, table, tags
from ui.chat.library_upkeep import upkeep_tab
from ui.chat.library_work import under_way
from ui.chat.pages_parts import heading, notice
from ui.chat.search_parts import search_tab
from ui.escape import markdown
from ui.house_port import Item
from ui.html_blocks import empty
from ui.words import Say


def show(context: Context) -> None:
    """Draw the page; a fault of the house is one box, and the rest of the page stands."""
    say = context.say
    heading(say("library.title"), say("library.intro"))
    # They always stand here, so that what comes below is not drawn as something new.
    with st.container():
        notice()
    with st.container():
        under_way(context)
    with context.guarded():
        state = context.call("library")
        if state["documents"]:
            _full(context, state)
        else:
            st.html(empty(say("library.empty_title"), say("library.empty")))
            add_tab(context, state)


def _full(context: Context, state: Item) -> None:
    say = context.say
    st.caption(" · ".join(markdown(fact) for fact in facts(state, say)))
    names = ("documents", "add", "collections", "search", "upkeep")
    drawn = (_documents_tab, add_tab, collections_tab, search_tab, upkeep_tab)
    tabs = st.tabs([say(f"library.tab_{name}") for name in names], key="library.tabs")
    for tab, draw in zip(tabs, drawn, strict=True):
        with tab, context.guarded():
            draw(context, state)


def _documents_tab(context: Context, state: Item) -> None:
    documents = _filtered(context, state)
    if not documents:
        st.info(context.say("library.none_match"))
    else:
        ticked = _table(context, documents)
        ticked_part(context, state, [documents[row] for row in ticked])
    folder_part(context, state)
    leaving_part(context, state)


def _filtered(context: Context, state: Item) -> list[Item]:
    """Draw the filters, those alone that have a choice, and return what they leave."""
    kinds = {"collection": [str(line["name"]) for line in collections(state)], "tag": tags(state)}
    offered = {kind: names for kind, names in kinds.items() if len(names) > (kind != "tag")}
    wide, *narrow = st.columns([3, *(2 for _ in offered)])
    words = wide.text_input(context.say("library.filter"), key="library.filter")
    chosen = dict.fromkeys(kinds, "")
    for place, (kind, names) in zip(narrow, offered.items(), strict=True):
        with place:
            chosen[kind] = _choice(context, kind, names)
    return matching(state["documents"], words, chosen["collection"], chosen["tag"])


def _choice(context: Context, kind: str, names: Sequence[str]) -> str:
    every = context.say(f"library.all_{kind}s")
    return st.selectbox(
        context.say(f"library.{kind}"),
        ["", *names],
        format_func=lambda name: name or every,
        key=f"library.filter_{kind}",
    )


def _table(context: Context, documents: Sequence[Item]) -> list[int]:
    """Draw the documents and return the numbers of the rows that are ticked."""
    say = context.say
    # A selection is kept by row number, so a table of other rows must be another table.
    shown = hashlib.sha256(repr([identity(d) for d in documents]).encode()).hexdigest()[:16]
    state = st.dataframe(
        table(documents),
        hide_index=True,
        column_config=_columns(say),
        key=f"library.table.{shown}",
        on_select="rerun",
        selection_mode="multi-row",
        alt=say("library.table"),
    )
    st.caption(say("library.table_help"))
    return [row for row in state["selection"]["rows"] if row < len(documents)]


def _columns(say: Say) -> dict[str, Any]:
    named: dict[str, Any] = {name: say(f"library.col_{name}") for name in COLUMNS}
    size = st.column_config.NumberColumn(say("library.col_characters"), format="localized")
    return {**named, "characters": size}
