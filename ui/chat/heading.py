"""The head of a conversation: its title, and renaming, exporting and deleting it."""

import streamlit as st

from ui.chat.asking import leave
from ui.chat.context import Context
from ui.chat.exporting import exports
from ui.chat.tree import Talk
from ui.escape import html as safe
from ui.escape import one_line

_MENU = "manage"


def heading(context: Context, talk: Talk) -> None:
    """Draw the title with its menu."""
    say = context.say
    with st.container(horizontal=True, key="talk-head", vertical_alignment="center"):
        st.html(f'<h1 class="v-title">{safe(one_line(talk.title, 90))}</h1>', width="stretch")
        with st.popover(
            say("chat.export"), type="tertiary", icon=":material/download:", key="export"
        ):
            exports(context, talk)
        with st.popover(
            say("chat.manage"),
            type="tertiary",
            icon=":material/more_horiz:",
            key=_MENU,
            on_change="rerun",
        ):
            _rename(context, talk)
            _delete(context, talk)


def _rename(context: Context, talk: Talk) -> None:
    say = context.say

    def save() -> None:
        title = str(st.session_state["title"]).strip()
        if title and title != talk.title:
            with context.guarded():
                context.call("conversation.rename", id=talk.id, title=title)
        _close()

    with st.form("rename", border=False):
        st.text_input(say("chat.title"), talk.title, key="title", max_chars=80)
        st.form_submit_button(say("chat.rename"), on_click=save)


def _delete(context: Context, talk: Talk) -> None:
    say = context.say

    def delete() -> None:
        with context.guarded():
            context.call("conversation.delete", id=talk.id)
            st.query_params.pop("c", None)
            leave()
            st.session_state["toast"] = say("chat.deleted")

    @st.dialog(say("chat.delete_title"))
    def confirm() -> None:
        st.write(say("chat.delete_what"))
        with st.container(horizontal=True):
            yes = say("chat.delete_yes")
            if st.button(yes, key="delete-yes", type="primary", on_click=delete):
                context.again()
            if st.button(say("chat.delete_no"), key="delete-no"):
                context.again()

    # An open menu would lie over the dialog.
    if st.button(say("chat.delete"), key="delete", icon=":material/delete:", on_click=_close):
        confirm()


def _close() -> None:
    """Close the menu, in a callback."""
    st.session_state[_MENU] = False
