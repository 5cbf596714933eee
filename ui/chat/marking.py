"""What a person says of an answer: thumbs with reasons, a better text, and asking it anew."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from app.feedback.marks import TAGS_DOWN, TAGS_UP
from ui.chat.asking import ask_again
from ui.chat.context import FACE, Context
from ui.chat.tree import Talk, Turn
from ui.html import Shown
from ui.talk_exports import edited_html

Mark = Mapping[str, Any]


def marks(context: Context, turns: Sequence[Turn]) -> Mapping[str, Mark]:
    """Return this person's last mark on each of the turns, by the name of the run."""
    runs = [turn.run for turn in turns if turn.ended]
    if not runs:
        return {}
    found: Mapping[str, Mark] = context.call("feedback.of", runs=runs, by=context.by)["marks"]
    return found


def edited(context: Context, mark: Mark | None) -> None:
    """Draw the text that the person put in the answer's place."""
    if mark and mark["mark"] == "edit":
        st.html(edited_html(mark["text"], context.say))


def actions(context: Context, talk: Talk, turn: Turn, shown: Shown, mark: Mark | None) -> None:
    """Draw the row below an answer, and the form that one of its buttons opened."""
    say = context.say
    given = mark["mark"] if mark else "none"
    with st.container(horizontal=True, key=f"actions-{turn.id}", gap="small"):
        _thumb(context, turn, "up", given)
        _thumb(context, turn, "down", given)
        if shown.summary.outcome in ("answered", "partial"):
            _button(say("chat.edit"), f"edit-{turn.id}", "edit_note", _open, turn.id, "edit")
        _button(say("chat.again"), f"regenerate-{turn.id}", "refresh", ask_again, talk, turn)
    match st.session_state.get(f"form-{turn.id}"):
        case "edit":
            _edit(context, turn, shown, mark)
        case "up" | "down" as which:
            _reasons(context, turn, which, mark)


def _button(label: str, key: str, icon: str, does: Any, *values: Any, chosen: bool = False) -> None:
    st.button(
        label,
        key=key,
        icon=f":material/{icon}:",
        type="primary" if chosen else "tertiary",
        on_click=does,
        args=values,
    )


def _thumb(context: Context, turn: Turn, which: str, given: str) -> None:
    """One thumb; pressing the one that is given takes it back."""
    taken = given == which
    label = context.say(f"chat.{which}_given" if taken else f"chat.{which}")
    _button(
        label,
        f"{which}-{turn.id}",
        f"thumb_{which}",
        _vote,
        context,
        turn,
        "none" if taken else which,
        chosen=taken,
    )


def _vote(context: Context, turn: Turn, mark: str) -> None:
    if keep(context, turn, mark):
        _open(turn.id, None if mark == "none" else mark)


def keep(context: Context, turn: Turn, mark: str, **more: Any) -> bool:
    """Keep a mark; False if the house could not, which the page then says."""
    id = os.urandom(16).hex()
    with context.guarded():
        who = {"by": context.by, "face": FACE}
        context.call("feedback.add", id=id, run=turn.run, mark=mark, **who, **more)
        return True
    return False


def _open(turn: str, form: str | None) -> None:
    st.session_state[f"form-{turn}"] = form


def _reasons(context: Context, turn: Turn, which: str, mark: Mark | None) -> None:
    say = context.say
    tags, comment = f"tags-{which}-{turn.id}", f"comment-{turn.id}"

    def save() -> None:
        said = {"tags": list(st.session_state[tags]), "comment": st.session_state[comment]}
        if keep(context, turn, which, **said):
            _open(turn.id, None)
            st.session_state["toast"] = say("chat.thanks")

    with st.form(f"reasons-{turn.id}"):
        st.pills(
            say(f"chat.why_{which}"),
            TAGS_UP if which == "up" else TAGS_DOWN,
            selection_mode="multi",
            default=list(mark["tags"]) if mark and mark["mark"] == which else None,
            format_func=lambda tag: say(f"chat.tag_{tag.replace(' ', '_').replace('-', '_')}"),
            key=tags,
        )
        st.text_input(say("chat.comment"), key=comment, max_chars=4000)
        with st.container(horizontal=True):
            st.form_submit_button(say("chat.send"), type="primary", on_click=save)
            st.form_submit_button(say("chat.not_now"), on_click=_open, args=(turn.id, None))


def _edit(context: Context, turn: Turn, shown: Shown, mark: Mark | None) -> None:
    say = context.say
    answer = shown.summary.answer
    before = mark["text"] if mark and mark["mark"] == "edit" else answer.text if answer else ""
    written = f"text-{turn.id}"

    def save() -> None:
        if keep(context, turn, "edit", text=str(st.session_state[written]), tags=[]):
            _open(turn.id, None)
            st.session_state["toast"] = say("chat.kept")

    with st.form(f"edit-form-{turn.id}"):
        st.text_area(say("chat.better"), before, key=written, height=200, max_chars=40_000)
        with st.container(horizontal=True):
            st.form_submit_button(say("chat.save"), type="primary", on_click=save)
            st.form_submit_button(say("chat.cancel"), on_click=_open, args=(turn.id, None))
