"""The search tester: what a question would find, before any answer is written."""

import streamlit as st

from ui.chat.context import Context
from ui.house_port import Item
from ui.html_blocks import empty
from ui.html_hits import hits_html

SIZES = (5, 10, 20, 50)


def search_tab(context: Context, state: Item) -> None:
    """Search as a run does, and draw the hits with the words of the query marked."""
    say = context.say
    names = sorted({str(d.get("collection", "default")) for d in state["documents"]})
    wide, narrow = st.columns([4, 1])
    query = wide.text_input(
        say("library.query"), help=say("library.query_help"), key="library.query"
    ).strip()
    many = narrow.selectbox(say("library.how_many"), SIZES, index=1, key="library.how_many")
    chosen = _chosen(context, names)
    if not query:
        st.caption(say("library.search_empty"))
        return
    with st.spinner(say("library.searching")):
        hits = context.call("search", query=query, k=many, collections=chosen or None)["hits"]
    if not hits:
        st.html(empty(say("library.no_hits"), say("library.no_hits_cure")))
        return
    st.caption(say("library.passages", count=len(hits)))
    st.html(hits_html(hits, query, say))


def _chosen(context: Context, names: list[str]) -> list[str]:
    """Let the collections be chosen, where there is a choice; none chosen means all."""
    if len(names) < 2:
        return []
    say = context.say
    return st.multiselect(
        say("library.tab_collections"),
        names,
        placeholder=say("library.all_collections"),
        key="library.search_collections",
    )
