"""What is done to documents of the library: removing them or a whole folder, and their tags."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from retrieval.scope import below
from ui.chat.context import Context
from ui.chat.documents import forget_documents
from ui.chat.library_parts import Folder, folders, identity, places, tags
from ui.chat.pages_parts import tell
from ui.escape import markdown, one_line
from ui.house_port import Item, given
from ui.uploads import forget

_LEAVING = "library.leaving"
"""What the dialog asks about, documents or a folder: it stays open however often the page is
drawn."""

_NAMED = 8


def ticked_part(context: Context, state: Item, documents: Sequence[Item]) -> None:
    """Draw what can be done with the documents that are ticked."""
    say, count = context.say, len(documents)
    with st.container(horizontal=True):
        if st.button(
            say("library.remove", count=count),
            disabled=not count,
            key="library.remove",
            icon=":material/delete:",
        ):
            st.session_state[_LEAVING] = list(documents)
        if count:
            with st.popover(say("library.tag_title", count=count), icon=":material/sell:"):
                _tag(context, state, documents)


def folder_part(context: Context, state: Item) -> None:
    """Let a whole folder be removed, where there is one of several documents."""
    say, found = context.say, folders(state["documents"])
    if found:
        several = len({folder.collection for folder in found}) > 1
        with st.expander(say("library.folder_title"), icon=":material/folder_delete:"):
            st.write(say("library.folder_what"))
            chosen = st.selectbox(
                say("library.folder"),
                found,
                index=None,
                placeholder=say("library.folder_choose"),
                format_func=lambda folder: _label(folder, several),
                key="library.folder",
            )
            if st.button(
                say("library.folder_remove"), disabled=chosen is None, key="library.folder_remove"
            ):
                st.session_state[_LEAVING] = chosen


def leaving_part(context: Context, state: Item) -> None:
    """Ask before anything is removed, in a dialog that names what will go."""
    say, leaving = context.say, st.session_state.get(_LEAVING)
    if not leaving:
        return

    @st.dialog(say("library.remove_title"), on_dismiss=_stay)
    def ask() -> None:
        documents = _documents(leaving, state)
        if isinstance(leaving, Folder):
            st.markdown(f"**{markdown(one_line(leaving.path, 200))}**")
        for document in documents[:_NAMED]:
            st.markdown(f"- {markdown(one_line(str(document['title']), 120))}")
        if len(documents) > _NAMED:
            st.caption(say("library.remove_more", count=len(documents) - _NAMED))
        st.write(say("library.remove_what"))
        keep, go = st.columns(2)
        if keep.button(say("library.remove_no"), key="library.keep", width="stretch"):
            _stay()
            context.again()
        if go.button(say("library.remove_yes"), key="library.go", type="primary", width="stretch"):
            with context.guarded():
                _remove(context, leaving, documents)
                _stay()
                tell(say("library.removed", count=len(documents)))
                context.again()

    ask()


def _label(folder: Folder, several: bool) -> str:
    home = f" · {one_line(folder.collection, 40)}" if several else ""
    return f"{one_line(folder.path, 120)} ({folder.documents}){home}"


def _documents(leaving: "Folder | list[Item]", state: Item) -> list[Item]:
    if isinstance(leaving, Folder):
        return [one for one in state["documents"] if leaving.holds(one)]
    return leaving


def _stay() -> None:
    st.session_state.pop(_LEAVING, None)


def _remove(context: Context, leaving: "Folder | list[Item]", documents: Sequence[Item]) -> None:
    """Take out what was asked about, and delete the copies of what was uploaded."""
    if isinstance(leaving, Folder):
        context.call("remove", source=leaving.path, collection=leaving.collection)
    for document in documents:
        for source in places(document):
            if not isinstance(leaving, Folder):
                context.call("remove", source=source, collection=identity(document)[1])
            if not isinstance(leaving, Folder) or below(source, leaving.path):
                forget(context.home, Path(source))
    forget_documents()


def _tag(context: Context, state: Item, documents: Sequence[Item]) -> None:
    """Let the ticked documents be given tags, and have some taken."""
    say = context.say
    held = sorted({str(tag) for document in documents for tag in document.get("tags", ())})
    add = st.multiselect(
        say("library.tag_add"),
        tags(state),
        accept_new_options=True,
        placeholder=say("library.no_tags"),
        help=say("library.tags_help"),
        key="library.tag_add",
        select_all=False,
    )
    drop = (
        st.multiselect(
            say("library.tag_drop"),
            held,
            placeholder=say("library.no_tags"),
            key="library.tag_drop",
            select_all=False,
        )
        if held
        else []
    )
    if st.button(say("library.tag_do"), disabled=not (add or drop), key="library.tag_do"):
        with context.guarded():
            named = given(add=list(add) or None, drop=list(drop) or None)
            for document in documents:
                for source in places(document):
                    context.call("tag", source=source, collection=identity(document)[1], **named)
            tell(say("library.tagged", count=len(documents)))
            context.again()
