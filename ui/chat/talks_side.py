"""The list of conversations beside the page."""

from datetime import UTC, date, datetime

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ui.chat.asking import leave
from ui.chat.context import FACE, Context
from ui.escape import html as safe
from ui.escape import markdown, one_line
from ui.house_port import Item

LISTED = 60
"""Conversations that are listed, the last changed first."""

AT_ONCE = 15
"""So many are listed before the rest is asked for."""


def new_talk(context: Context, current: str | None) -> None:
    """Draw the button for a new conversation."""
    st.button(
        context.say("chat.new"),
        key="new",
        icon=":material/add:",
        width="stretch",
        on_click=_open,
        args=(None,),
        disabled=current is None,
    )


def talks_side(context: Context, current: str | None, top: DeltaGenerator) -> None:
    """List the conversations, the newest first; what goes wrong is said at the page's `top`."""
    say = context.say
    with context.guarded(top):
        told = context.call("conversations", by=context.by, face=FACE, limit=LISTED)
        lines = told["conversations"]
        if not lines:
            return
        with st.container(key="talks", gap=None):
            day = ""
            for line in lines if st.session_state.get("all-talks") else lines[:AT_ONCE]:
                named = _day(line, context)
                if named != day:
                    st.html(f'<p class="v-day">{safe(named)}</p>')
                    day = named
                _line(line, current)
        if len(lines) > AT_ONCE:
            st.toggle(say("chat.all_talks"), key="all-talks")


def _line(line: Item, current: str | None) -> None:
    here = line["id"] == current
    st.button(
        markdown(one_line(str(line["title"]), 60)),
        key=f"talk-{'here-' if here else ''}{line['id']}",
        type="tertiary",
        width="stretch",
        on_click=_open,
        args=(line["id"],),
    )


def _day(line: Item, context: Context) -> str:
    """Name the day on which a conversation was last changed."""
    changed = datetime.fromtimestamp(float(line["updated"]), UTC).astimezone().date()
    days = (date.today() - changed).days
    if days <= 1:
        return context.say("chat.today" if days <= 0 else "chat.yesterday")
    return context.say("chat.earlier")


def _open(id: str | None) -> None:
    leave()
    if id is None:
        st.query_params.pop("c", None)
    else:
        st.query_params["c"] = id
