"""A question at work: its steps as they happen, its place in the queue, and the stop button."""

import time

import streamlit as st

from agents.events import Event, Stopped
from ui.chat.context import Context
from ui.chat.tree import Turn, read_turn
from ui.escape import html as safe
from ui.house_port import Item, read_entries
from ui.html import rephrased_html
from ui.html_steps import steps_html, working
from ui.words import Say

SECONDS = 0.7
"""Between two looks at the engine."""

SOON = 4
"""Seconds after which a run that has not begun is waiting for its model."""


def watch(context: Context, turn: Turn) -> None:
    """Draw a turn at work; the whole page is drawn again once when it has ended."""
    st.fragment(_look, run_every=SECONDS)(context, turn)


def _look(context: Context, turn: Turn) -> None:
    context = context.fresh()
    with context.guarded():
        # First the job, then the rows: a run that ends in between is then seen as ended.
        job = context.house.job(turn.id)
        if job is not None and job["state"] == "waiting":
            # Nothing is written before its turn comes: those in the queue cost one short look.
            _draw(context, turn, [], job)
            return
        now, events = news(context, turn.id)
        if now.ended or job is None or job["state"] == "ended":
            context.again()
        _draw(context, now, events, job)


def news(context: Context, turn: str) -> tuple[Turn, list[Event]]:
    """Return a turn and its events, of which only those not seen before are fetched."""
    seen: list[Item] = st.session_state.setdefault(f"seen-{turn}", [])
    now = fetch(context, turn, seen)
    return now, [entry.event for entry in read_entries(seen)]


def fetch(context: Context, turn: str, seen: list[Item]) -> Turn:
    """Put the entries of a turn that are not among those seen behind them; return the turn."""
    told: Item = {"more": True}
    while told.get("more"):
        after = seen[-1]["seq"] if seen else None
        told = context.call("turn", turn=turn, after=after)
        seen += told["entries"]
    return read_turn(told["turn"])


def _draw(context: Context, turn: Turn, events: list[Event], job: Item) -> None:
    say = context.say
    seconds = max(0, int(time.time() - turn.at))
    line = doing(job, events, say, seconds)
    told = steps_html(events, say, line)
    st.html(
        f'<div class="v-live" aria-busy="true">{rephrased_html(events, say)}{told}'
        f'<p class="v-elapsed" role="timer">{safe(say("chat.elapsed", seconds=seconds))}</p></div>'
    )
    stopping = f"stopping-{turn.id}"
    st.button(
        say("chat.stopping" if st.session_state.get(stopping) else "chat.stop"),
        key=f"stop-{turn.id}",
        icon=":material/stop_circle:",
        disabled=bool(st.session_state.get(stopping)),
        on_click=_stop,
        args=(context, turn.id, stopping),
    )


def doing(job: Item, events: list[Event], say: Say, seconds: int = 0) -> str:
    """Say what a job does now: its place in the queue, or its phase. `seconds` is for how long."""
    if job["state"] == "waiting":
        return say("chat.waiting", count=job["place"])
    phase = job.get("working")
    written = any(isinstance(event, Stopped) for event in events)
    if phase and written:
        return working(str(phase.get("phase")), int(phase.get("count") or 0), say)
    if events:
        return say("chat.thinking")
    return say("chat.starting" if seconds < SOON else "chat.loading")


def _stop(context: Context, turn: str, stopping: str) -> None:
    with context.guarded():
        context.house.stop(turn)
        st.session_state[stopping] = True
