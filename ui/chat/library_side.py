"""Beside the conversation: which documents are asked, and adding more of them by drop."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ui.chat.context import Context
from ui.chat.documents import documents, web
from ui.chat.library_work import begin
from ui.chat.scope import KINDS
from ui.escape import markdown, one_line
from ui.uploads import keep
from ui.words import Say

MOST = 500
"""Sources that can be chosen one by one; in a larger library collections must do."""


def sources_side(context: Context, top: DeltaGenerator) -> None:
    """Draw the choice of collections and documents that the next question goes to; what goes
    wrong is said at the page's `top`."""
    say = context.say
    with context.guarded(top):
        found, open = documents(context), web(context)
        if len(found) < 2 and not open:
            return
        names = sorted({str(document["collection"] or "default") for document in found})
        tags = sorted({str(tag) for document in found for tag in document.get("tags") or ()})
        with st.expander(_title(say, open), icon=":material/filter_alt:", key="from"):
            if open:
                _where(say)
            if len(names) > 1:
                _choose(say, "collections", say("chat.collections"), names)
            if tags:
                _choose(say, "tags", say("chat.tags"), tags)
            if 1 < len(found) <= MOST:
                titles = {
                    str(d["source"]): one_line(str(d["title"] or d["source"]), 60) for d in found
                }
                label = say("chat.documents")
                _choose(say, "sources", label, list(titles), lambda one: titles.get(one, one))


def _choose(
    say: Say,
    kind: str,
    label: str,
    names: list[str],
    written: Callable[[str], str] = lambda name: name,
) -> None:
    """Draw the choice of some of these names; none of them means all."""
    st.multiselect(
        label,
        names,
        key=kind,
        placeholder=say("chat.all"),
        format_func=written,
        # All of them are asked already; whoever chose every tag would lose what has none.
        select_all=False,
    )


def _title(say: Say, open: bool) -> str:
    """Say what the next question goes to; nothing but documents where the web is not `open`."""
    chosen = sum(len(st.session_state.get(kind) or ()) for kind in KINDS)
    where = st.session_state.get("reach") if open else "library"
    if where == "web":
        return say("chat.from_web")
    if chosen:
        return say("chat.from_some", count=chosen)
    return say("chat.from_all" if where == "library" else "chat.from_all_web")


def _where(say: Say) -> None:
    st.segmented_control(
        say("chat.where"),
        ["library", "web", "both"],
        key="reach",
        format_func=lambda where: say(f"chat.where_{where}"),
        help=markdown(say("chat.where_help")),
        width="stretch",
    )


def upload_side(context: Context) -> None:
    """Draw the place to drop files on."""
    with st.expander(context.say("chat.add_documents"), icon=":material/upload_file:", key="add"):
        upload(context, "side")


def upload(context: Context, place: str) -> None:
    """Take dropped files: they are kept below the home, and adding them begins at once."""
    number = f"uploads-{place}"
    key = f"{number}-{st.session_state.get(number, 0)}"

    def take() -> None:
        dropped: Sequence[Any] = st.session_state.get(key) or ()
        if dropped:
            with context.guarded():
                paths = [str(keep(context.home, f.name, f.getvalue())) for f in dropped]
                begin("add", paths=paths)
            # A fresh key empties the field.
            st.session_state[number] = st.session_state.get(number, 0) + 1

    say = context.say
    st.file_uploader(
        say("chat.drop"),
        accept_multiple_files=True,
        key=key,
        on_change=take,
        help=markdown(say("chat.drop_help")),
    )
