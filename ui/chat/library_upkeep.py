"""The tab that looks after the library: how it is searched, and whether it is sound."""

import streamlit as st

from ui.chat.context import Context
from ui.chat.library_parts import details
from ui.chat.library_work import begin
from ui.escape import markdown
from ui.house_port import Item


def upkeep_tab(context: Context, state: Item) -> None:
    """Draw what there is to know and to do, each with what it is good for."""
    say = context.say
    st.caption("  \n".join(markdown(fact) for fact in details(state, say)))
    for name, call in (("verify", "library.verify"), ("reindex", "reindex")):
        with st.container(border=True):
            st.write(say(f"library.{name}_what"))
            if st.button(say(f"library.{name}"), key=f"library.{name}"):
                begin(call)
                context.again()
