"""The search tester: what a question would find, before any answer is written."""

import streamlit as st

from ui.chat.context import Context
from ui.chat.library_parts import collections, tags
from ui.house_port import Item
from ui.html_blocks import empty
from ui.html_hits import hits_html

SIZES = (5, 10, 20, 50)


def search_tab(context: Context, state: Item) -> None:
    """Search as a run does, and draw the hits with the words of the query marked."""
    say = context.say
    wide, narrow = st.columns([4, 1])
    query = wide.text_input(
        say("library.query"), help=say("library.query_help"), key="library.query"
    ).strip()
    many = narrow.selectbox(say("library.how_many"), SIZES, index=1, key="library.how_many")
    scope = _scope(context, state)
    if not query:
        st.caption(say("library.search_empty"))
        return
    with st.spinner(say("library.searching")):
        hits = context.call("search", query=query, k=many, **scope)["hits"]
    if not hits:
        st.html(empty(say("library.no_hits"), say("library.no_hits_cure")))
        return
    st.caption(say("library.passages", count=len(hits)))
    st.html(hits_html(hits, query, say))


def _scope(context: Context, state: Item) -> Item:
    """Let collections and tags be chosen, where there is a choice; none chosen means all."""
    say = context.say
    kinds = {"collections": [str(c["name"]) for c in collections(state)], "tags": tags(state)}
    offered = {kind: names for kind, names in kinds.items() if len(names) > (kind != "tags")}
    if not offered:
        return {}
    chosen = {
        kind: place.multiselect(
            say(f"library.{kind}"),
            names,
            placeholder=say(f"library.all_{kind}"),
            key=f"library.search_{kind}",
            select_all=False,
        )
        for place, (kind, names) in zip(st.columns(len(offered)), offered.items(), strict=True)
    }
    return {kind: names for kind, names in chosen.items() if names}
