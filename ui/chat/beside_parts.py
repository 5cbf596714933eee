"""Two runs side by side: what differs in their settings, steps and answers."""

from collections.abc import Sequence

import streamlit as st

from agents.events import Entry, Event
from agents.view import answered, asked
from ui.chat.context import Context
from ui.chat.reading_parts import entries_of
from ui.chat.runs_parts import beside, deeds, line, unlike, zone
from ui.house_port import Item
from ui.html_beside import beside_html, named_html
from ui.html_diff import diff_html


def beside_tab(context: Context, entries: Sequence[Entry], runs: Sequence[Item]) -> None:
    """Let another run be chosen, those of the same question first, and draw both."""
    say, run = context.say, entries[0].run
    others = {str(other["id"]): other for other in runs if other["id"] != run}
    if not others:
        st.caption(say("runs.beside_none"))
        return
    where, mine = zone(st.context.timezone), [entry.event for entry in entries]
    alike = asked(mine).question
    order = sorted(others, key=lambda id: str(others[id]["question"]) != alike)
    chosen = st.selectbox(
        say("runs.beside"),
        order,
        index=None,
        format_func=lambda id: line(others[id], where),
        placeholder=say("runs.beside_choose"),
        key=f"runs.beside.{run}",
    )
    if chosen:
        _both(context, mine, [entry.event for entry in entries_of(context, chosen)])


def _both(context: Context, mine: Sequence[Event], theirs: Sequence[Event]) -> None:
    say = context.say
    heads = (say("runs.this_run"), say("runs.that_run"))
    st.markdown(f"**{say('runs.settings_title')}**")
    rows = unlike(asked(mine), asked(theirs))
    _told(
        named_html(rows, (say("runs.setting"), *heads)) if rows else "", say("runs.settings_same")
    )
    st.markdown(f"**{say('runs.steps_title')}**")
    steps = list(beside(deeds(mine), deeds(theirs)))
    alike = all(equal for _, _, equal in steps)
    _told("" if alike else beside_html(steps, heads), say("runs.steps_same"))
    st.markdown(f"**{say('runs.answer_title')}**")
    one, other = _answer(mine), _answer(theirs)
    if one != other:
        st.caption(say("runs.change_note"))
    diff = f'<p class="v-diff">{diff_html(one, other)}</p>' if one != other else ""
    _told(diff, say("runs.answer_same"))


def _told(html: str, same: str) -> None:
    if html:
        st.html(html)
    else:
        st.caption(f"= {same}")


def _answer(events: Sequence[Event]) -> str:
    shown = answered(events)
    return shown.answer.text if shown else ""
