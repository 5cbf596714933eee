"""One turn on the page: the question, then its answer, its work, or why there is none."""

from collections.abc import Sequence

import streamlit as st

from agents.events import Event
from ui.chat.asking import ask_again, begin, fault_of
from ui.chat.context import Context
from ui.chat.marking import Mark, actions, edited
from ui.chat.reading import shown
from ui.chat.switching import switcher
from ui.chat.tree import Talk, Turn
from ui.chat.watching import news, watch
from ui.escape import html as safe
from ui.html import answer_html
from ui.html_steps import steps_html


def draw(context: Context, talk: Talk, turn: Turn, mark: Mark | None) -> None:
    """Draw a turn, whatever its state."""
    with st.container(key=f"turn-{turn.id}"), context.guarded():
        _question(context, talk, turn)
        if not turn.ended and _working(context, turn):
            watch(context, turn)
            return
        # The run may have ended between the look at the row and the look at the job.
        now, events = (turn, []) if turn.ended else news(context, turn.id)
        found = shown(context, now) if now.ended else None
        if found is None:
            _interrupted(context, talk, now, events)
            return
        st.html(answer_html(found, context.say, context.runs()))
        edited(context, mark)
        actions(context, talk, now, found, mark)


def _working(context: Context, turn: Turn) -> bool:
    job = context.house.job(turn.id)
    return job is not None and job["state"] != "ended"


def _question(context: Context, talk: Talk, turn: Turn) -> None:
    say = context.say
    label = safe(say("chat.question"))
    about = ", ".join(turn.collections + turn.sources)
    only = f'<p class="v-only">{safe(say("chat.only_from", names=about))}</p>' if about else ""
    st.html(
        f'<section class="v-question" aria-label="{label}"><p>{safe(turn.question)}</p>{only}'
        "</section>"
    )
    editing = f"asking-{turn.id}"
    with st.container(
        horizontal=True,
        horizontal_alignment="right",
        vertical_alignment="center",
        key=f"question-{turn.id}",
    ):
        switcher(context, talk, turn)
        st.button(
            say("chat.edit_question"),
            key=f"rephrase-{turn.id}",
            icon=":material/edit:",
            type="tertiary",
            on_click=_toggle,
            args=(editing,),
        )
    if st.session_state.get(editing):
        _rephrase(context, talk, turn, editing)


def _rephrase(context: Context, talk: Talk, turn: Turn, editing: str) -> None:
    say = context.say
    written = f"question-text-{turn.id}"

    def ask() -> None:
        ask_again(talk, turn, str(st.session_state[written]))
        st.session_state[editing] = False

    with st.form(f"rephrase-form-{turn.id}"):
        st.text_area(say("chat.your_question"), turn.question, key=written, height=90)
        with st.container(horizontal=True):
            st.form_submit_button(say("chat.ask_this"), type="primary", on_click=ask)
            st.form_submit_button(say("chat.cancel"), on_click=_toggle, args=(editing,))


def _interrupted(context: Context, talk: Talk, turn: Turn, events: Sequence[Event]) -> None:
    """Say that nobody works on the turn any more, show how far it came, and offer it again."""
    say = context.say
    fault = fault_of(context, turn.id)
    if fault is not None:
        context.show(fault)
    else:
        st.html(
            f'<div class="v-box v-quiet" role="status"><p class="v-box-title">'
            f"{safe(say('chat.was_interrupted'))}</p><p>{safe(say('chat.interrupted_why'))}</p></div>"
        )
    if steps := steps_html(events, say):
        st.html(steps)
    st.button(
        say("chat.ask_again"),
        key=f"again-{turn.id}",
        icon=":material/refresh:",
        type="primary",
        on_click=_again,
        args=(context, talk, turn),
    )


def _again(context: Context, talk: Talk, turn: Turn) -> None:
    """A turn that never began is begun; one that was cut off is asked anew beside it."""
    if turn.state == "new" and fault_of(context, turn.id) is None:
        with context.guarded():
            begin(context, turn.id)
    else:
        ask_again(talk, turn)


def _toggle(key: str) -> None:
    st.session_state[key] = not st.session_state.get(key)
