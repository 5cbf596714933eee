"""Asking: a question is kept as a turn before any work on it, and its job outlives the page."""

import os
from contextlib import closing
from dataclasses import dataclass

import streamlit as st

from ui.chat.context import FACE, Context, Fault
from ui.chat.scope import EVERYWHERE, Scope, chosen
from ui.chat.tree import Talk, Turn

PENDING = "pending"

ARRIVING = "arriving"
"""The conversation that the last question went to, until the browser's address names it."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A question that was submitted and is not known to be kept. `turn` names it for good, so that
    handing it in twice, after a rerun or a fault, keeps it once."""

    turn: str
    question: str
    conversation: str | None = None
    parent: str | None = None
    scope: Scope = EVERYWHERE


def submit(
    question: str,
    talk: Talk | None = None,
    parent: str | None = None,
    scope: Scope = EVERYWHERE,
) -> None:
    """Take a question; the next run of the page hands it in. For callbacks: it never fails."""
    words = question.strip()
    if words:
        conversation = talk.id if talk else None
        turn = os.urandom(16).hex()
        pending = Pending(turn, words, conversation, parent, scope)
        st.session_state[PENDING] = pending


def follow_up(question: str, talk: Talk | None) -> None:
    """Take a question that goes on from the end of the shown path, over the chosen sources."""
    submit(question, talk, talk.leaf if talk else None, chosen())


def ask_again(talk: Talk, turn: Turn, question: str | None = None) -> None:
    """Take a turn's question anew, or another in its place: a sibling of the turn."""
    words = turn.question if question is None else question
    scope = Scope(turn.collections, turn.sources, turn.tags, turn.reach)
    submit(words, talk, turn.parent, scope)


def hand_in(context: Context) -> None:
    """Keep the pending question and begin its job; a fault leaves it there, to try again."""
    pending: Pending | None = st.session_state.get(PENDING)
    if pending is None:
        return
    made = context.call(
        "turn.new",
        turn=pending.turn,
        conversation=pending.conversation,
        parent=pending.parent,
        question=pending.question,
        by=context.by,
        face=FACE,
        session=context.session,
        **pending.scope.params(),
    )
    begin(context, pending.turn)
    st.session_state[ARRIVING] = st.query_params["c"] = made["conversation"]
    del st.session_state[PENDING]


def arrive() -> None:
    """Go on to the conversation of the last question: whoever clicks before the browser heard of
    it sends the address of before, which would lead back."""
    arriving = st.session_state.get(ARRIVING)
    if arriving is not None and st.query_params.get("c") != arriving:
        st.query_params["c"] = arriving
    else:
        leave()


def leave() -> None:
    """Stay where the address leads; for callbacks too."""
    st.session_state.pop(ARRIVING, None)


def begin(context: Context, turn: str) -> None:
    """Begin the job of a turn and leave it to the engine; one that goes on is left as it is."""
    params = {"turn": turn, "session": context.session}
    with closing(context.house.call("turn.run", params, job=turn)) as stream:
        next(stream, None)


def fault_of(context: Context, turn: str) -> Fault | None:
    """Return why the job of a turn ended without an answer, if the engine still knows it."""
    from app.wire import EngineFault
    from retrieval.errors import UserError

    job = context.house.job(turn)
    if job is None or job["state"] != "ended":
        return None
    try:
        for _ in context.house.attach(turn):
            pass
    except (UserError, EngineFault) as error:
        return error
    return None
