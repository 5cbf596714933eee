"""The library page: what questions are answered from, what is added to it and taken out of it."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from ui.chat.adding_parts import add_tab, reindex_part, under_way
from ui.chat.collections_parts import collections_tab
from ui.chat.context import Context
from ui.chat.documents import forget_documents
from ui.chat.library_parts import COLUMNS, facts, matching, table
from ui.chat.pages_parts import heading, notice, tell
from ui.chat.search_parts import search_tab
from ui.escape import markdown, one_line
from ui.house_port import Item
from ui.html_blocks import empty
from ui.uploads import forget
from ui.words import Say

_LEAVING = "library.leaving"
"""The documents that the dialog asks about: it stays open however often the page is drawn."""


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
    names = ("documents", "add", "collections", "search")
    drawn = (_documents_tab, add_tab, collections_tab, search_tab)
    tabs = st.tabs([say(f"library.tab_{name}") for name in names], key="library.tabs")
    for tab, draw in zip(tabs, drawn, strict=True):
        with tab, context.guarded():
            draw(context, state)


def _documents_tab(context: Context, state: Item) -> None:
    say = context.say
    documents = _filtered(context, state["documents"])
    if not documents:
        st.info(say("library.none_match"))
    else:
        ticked = _table(context, documents)
        label = say("library.remove", count=len(ticked))
        if st.button(label, disabled=not ticked, key="library.remove", icon=":material/delete:"):
            st.session_state[_LEAVING] = [documents[row] for row in ticked]
        if st.session_state.get(_LEAVING):
            _confirm(context, st.session_state[_LEAVING])
    reindex_part(context)


def _filtered(context: Context, documents: Sequence[Item]) -> list[Item]:
    say = context.say
    names = sorted({str(document.get("collection", "default")) for document in documents})
    wide, narrow = st.columns([3, 2])
    words = wide.text_input(say("library.filter"), key="library.filter")
    chosen = narrow.selectbox(
        say("library.collection"),
        ["", *names],
        format_func=lambda name: name or say("library.all_collections"),
        key="library.filter_collection",
    )
    return matching(documents, words, chosen or None)


def _table(context: Context, documents: Sequence[Item]) -> list[int]:
    """Draw the documents and return the numbers of the rows that are ticked."""
    say = context.say
    # A selection is kept by row number, so a table of other rows must be another table.
    shown = hashlib.sha256(repr([_identity(d) for d in documents]).encode()).hexdigest()[:16]
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


def _identity(document: Item) -> tuple[str, str]:
    return str(document["source"]), str(document.get("collection", "default"))


def _confirm(context: Context, documents: Sequence[Item]) -> None:
    """Ask before anything is removed, in a dialog that names what will go."""
    say = context.say

    @st.dialog(say("library.remove_title"), on_dismiss=_stay)
    def ask() -> None:
        for document in documents[:8]:
            st.markdown(f"- {markdown(one_line(str(document['title']), 120))}")
        if len(documents) > 8:
            st.caption(say("library.remove_more", count=len(documents) - 8))
        st.write(say("library.remove_what"))
        keep, go = st.columns(2)
        if keep.button(say("library.remove_no"), key="library.keep", width="stretch"):
            _stay()
            context.again()
        if go.button(say("library.remove_yes"), key="library.go", type="primary", width="stretch"):
            with context.guarded():
                _remove(context, documents)
                _stay()
                tell(say("library.removed", count=len(documents)))
                context.again()

    ask()


def _stay() -> None:
    st.session_state.pop(_LEAVING, None)


def _remove(context: Context, documents: Sequence[Item]) -> None:
    for document in documents:
        source, collection = _identity(document)
        context.call("remove", source=source, collection=collection)
        forget(context.home, Path(source))
    forget_documents()
