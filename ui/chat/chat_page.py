"""The conversation page: it reads what the engine keeps, and holds no answer of its own."""

from collections.abc import Sequence

import streamlit as st

from ui.chat.answering import draw
from ui.chat.asking import PENDING, Pending, arrive, follow_up, hand_in
from ui.chat.context import Context
from ui.chat.documents import web
from ui.chat.heading import heading
from ui.chat.library_side import sources_side, upload_side
from ui.chat.library_work import under_way
from ui.chat.marking import marks
from ui.chat.scope import EVERYWHERE, Scope, chosen
from ui.chat.talks_side import new_talk, talks_side
from ui.chat.tree import Talk, Turn, read_talk
from ui.chat.welcome import welcome
from ui.escape import html as safe

QUESTION_CAP = 4_000
"""Characters of a question at most; long texts belong into the library."""


def show(context: Context) -> None:
    """Draw the page; every fault of the house is one box, and what can be drawn is."""
    talk: Talk | None = None
    top = st.container()
    arrive()
    with context.guarded():
        hand_in(context)
    _left_behind(context)
    with context.guarded():
        talk = _current(context)
    with st.sidebar:
        new_talk(context, st.query_params.get("c"))
        # They stand above the list, which grows.
        sources_side(context, top)
        upload_side(context)
        talks_side(context, st.query_params.get("c"), top)
    under_way(context)
    busy = False
    if talk is not None:
        with context.guarded():
            busy = _conversation(context, talk)
    elif "c" not in st.query_params and PENDING not in st.session_state:
        welcome(context)
    _box(context, talk, busy)
    if said := st.session_state.pop("toast", None):
        st.toast(said, icon=":material/check:")


def _current(context: Context) -> Talk | None:
    """Return the conversation that the address names."""
    id = st.query_params.get("c")
    if not id:
        return None
    return read_talk(context.call("conversation", id=id))


def _conversation(context: Context, talk: Talk) -> bool:
    """Draw the shown path; True while its last turn is being worked on."""
    heading(context, talk)
    path = talk.path()
    given = marks(context, path)
    for turn in path:
        draw(context, talk, turn, given.get(turn.run))
    return _busy(context, path)


def _busy(context: Context, path: Sequence[Turn]) -> bool:
    if not path or path[-1].ended:
        return False
    job = context.house.job(path[-1].id)
    return job is not None and job["state"] != "ended"


def _left_behind(context: Context) -> None:
    """Offer a question that could not be handed in once more, in its own words."""
    pending: Pending | None = st.session_state.get(PENDING)
    if pending is None:
        return
    say = context.say
    st.html(f'<section class="v-question"><p>{safe(pending.question)}</p></section>')
    with st.container(horizontal=True):
        st.button(say("chat.try_again"), key="retry", type="primary", icon=":material/refresh:")
        st.button(say("chat.drop_question"), key="drop", on_click=_drop)


def _drop() -> None:
    st.session_state.pop(PENDING, None)


def _ask_box(context: Context, scope: Scope) -> str:
    """Name the words of the empty box: what is kept to some documents is not told the web."""
    outward = scope.reach in ("web", "both") or scope == EVERYWHERE
    with context.guarded():
        return "chat.ask_box_web" if outward and web(context) else "chat.ask_box"
    return "chat.ask_box"


def _box(context: Context, talk: Talk | None, busy: bool) -> None:
    say = context.say

    def ask() -> None:
        follow_up(str(st.session_state["ask"] or ""), talk)

    scope = chosen()
    named = [*scope.collections, *scope.sources, *scope.tags]
    named += [say(f"chat.where_{scope.reach}")] if scope.reach else []
    if named:
        with st.bottom:
            st.html(f'<p class="v-only">{safe(say("chat.only_from", names=", ".join(named)))}</p>')
    asking = "chat.follow_box" if talk else _ask_box(context, scope)
    place = "chat.working_box" if busy else asking
    st.chat_input(say(place), key="ask", max_chars=QUESTION_CAP, disabled=busy, on_submit=ask)
