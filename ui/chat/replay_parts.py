"""Replaying a run and taking it along as a file."""

import streamlit as st

from ui.chat.context import Context
from ui.escape import markdown, one_line
from ui.house_port import Item
from ui.summary import Summary

_REPLAYED = "runs.replayed"
_PREPARED = "runs.prepared"


def replay_button(context: Context, run: str) -> None:
    """Offer to compute a run again; what came of it stands until another run is replayed."""
    say = context.say
    pressed = st.button(
        say("runs.replay"),
        help=say("runs.replay_help"),
        key="runs.replay",
        icon=":material/replay:",
    )
    if pressed:
        st.session_state.pop(_REPLAYED, None)
        with context.guarded(), st.spinner(say("runs.replaying")):
            st.session_state[_REPLAYED] = (run, context.call("replay", run=run))


def replayed(context: Context, run: str) -> None:
    """Draw what the replay of a run came to, if it was replayed."""
    told = st.session_state.get(_REPLAYED)
    if told is None or told[0] != run:
        return
    said, good = verdict_of(told[1], context)
    if good:
        st.success(said, icon=":material/verified:")
    else:
        st.error(said, icon=":material/warning:")


def verdict_of(result: Item, context: Context) -> tuple[str, bool]:
    """Return what a replay came to as markdown, and whether the record held."""
    say, because = context.say, one_line(str(result.get("because") or ""), 300)
    if not result.get("equal"):
        return markdown(say("runs.parted", step=result.get("step"), because=because)), False
    if because:
        return markdown(say("runs.same_cut", because=because)), True
    shown = str(result.get("hash") or "")[:16]
    hashed = f" {say('runs.same_hash', hash=shown)}" if shown else ""
    return markdown(say("runs.same") + hashed), True


def export_button(context: Context, summary: Summary) -> None:
    """Offer a run as a file. It is made when asked for: a long run is many megabytes."""
    say, run = context.say, summary.run
    if st.session_state.get(_PREPARED, ("", b""))[0] != run:
        pressed = st.button(
            say("runs.prepare"),
            help=say("runs.export_help"),
            key="runs.prepare",
            icon=":material/download:",
        )
        if not pressed:
            return
        with context.guarded():
            st.session_state[_PREPARED] = (run, exported(context, run))
            context.again()
        return
    st.download_button(
        say("runs.export"),
        data=st.session_state[_PREPARED][1],
        file_name=f"vouch-{run}.jsonl",
        mime="application/jsonl",
        key="runs.export",
        icon=":material/download:",
        on_click="ignore",
    )


def exported(context: Context, run: str) -> bytes:
    """Return a run as JSON lines; `UserError` for one that holds a draft and no answer."""
    pieces = [item["piece"] for item in context.stream("export", run=run) if "piece" in item]
    return "".join(pieces).encode()
