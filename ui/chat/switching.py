"""Between answers to one prompt: "2 of 3", and the way to the one before and after."""

import streamlit as st

from ui.chat.context import Context
from ui.chat.tree import Talk, Turn


def switcher(context: Context, talk: Talk, turn: Turn) -> None:
    """Draw where a turn stands among its siblings, if it has any."""
    siblings = talk.siblings(turn)
    if len(siblings) < 2:
        return
    at = siblings.index(turn)
    say = context.say
    _step(context, talk, siblings[at - 1] if at else None, f"prev-{turn.id}", "previous")
    st.caption(say("chat.of", number=at + 1, count=len(siblings)), width="content")
    following = siblings[at + 1] if at + 1 < len(siblings) else None
    _step(context, talk, following, f"next-{turn.id}", "next")


def _step(context: Context, talk: Talk, to: Turn | None, key: str, where: str) -> None:
    icon = ":material/chevron_left:" if where == "previous" else ":material/chevron_right:"
    st.button(
        context.say(f"chat.{where}"),
        key=key,
        icon=icon,
        type="tertiary",
        disabled=to is None,
        on_click=_show,
        args=(context, talk, to),
    )


def _show(context: Context, talk: Talk, turn: Turn | None) -> None:
    if turn is not None:
        with context.guarded():
            context.call("conversation.leaf", id=talk.id, turn=talk.tip(turn).id)
