"""The files that a conversation can be kept as, made when one is asked for."""

import time
from collections.abc import Callable, Sequence

import streamlit as st

from ui.chat.context import Context
from ui.chat.marking import marks
from ui.chat.reading import shown
from ui.chat.style import sheet
from ui.chat.tree import Talk, Turn
from ui.talk_exports import Said, as_bibtex, as_data, as_markdown, as_page, file_name


def exports(context: Context, talk: Talk) -> None:
    """Draw a button for each kind of file; what is exported is the path that is shown."""
    say = context.say
    found = _said(context, talk.path())
    if not found:
        st.caption(say("chat.nothing_to_export"))
        return
    for suffix, mime, make in _kinds(context, talk, found):
        st.download_button(
            say(f"chat.export_{suffix}"),
            make,
            file_name(talk.title, suffix),
            mime,
            key=f"export-{suffix}",
            on_click="ignore",
            width="stretch",
        )


def _said(context: Context, path: Sequence[Turn]) -> list[Said]:
    given = marks(context, path)
    found = []
    for turn in path:
        if turn.ended and (one := shown(context, turn)):
            mark = given.get(turn.run) or {}
            edited = mark["text"] if mark.get("mark") == "edit" else None
            found.append(Said(turn.question, one, edited))
    return found


def _kinds(
    context: Context, talk: Talk, found: list[Said]
) -> list[tuple[str, str, Callable[[], str]]]:
    title, language, say = talk.title, context.language, context.say
    return [
        ("md", "text/markdown", lambda: as_markdown(title, found)),
        ("html", "text/html", lambda: as_page(title, found, sheet(), language, say)),
        ("json", "application/json", lambda: as_data(title, found)),
        ("bib", "application/x-bibtex", lambda: as_bibtex(found, time.time())),
    ]
