"""The tab that adds to the library: files dropped, paths named, their collection and tags."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from retrieval.errors import UserError
from ui.chat.context import Context
from ui.chat.library_parts import collections, tags
from ui.chat.library_work import begin
from ui.chat.pages_parts import tell
from ui.escape import one_line
from ui.house_port import Item, given
from ui.uploads import keep, safe_name

_FORM = "library.form"


def add_tab(context: Context, state: Item) -> None:
    """Take files dropped and paths named, and begin to add them."""
    say, form = context.say, int(st.session_state.get(_FORM, 0))
    dropped = st.file_uploader(
        say("library.drop"),
        accept_multiple_files=True,
        help=say("library.drop_help"),
        key=f"library.drop.{form}",
    )
    typed = st.text_area(
        say("library.paths"),
        placeholder=say("library.paths_example"),
        help=say("library.paths_help"),
        height=80,
        key=f"library.paths.{form}",
    )
    left, right = st.columns(2)
    with left:
        collection = _collection(context, state, form)
    with right:
        chosen = _tags(context, state, form)
    if st.button(say("library.add"), key="library.add", type="primary", icon=":material/add:"):
        with context.guarded():
            paths = _paths(context, typed.splitlines())
            paths += _kept(context, dropped)
            if not paths:
                raise UserError(say("library.nothing_given"))
            begin("add", **given(paths=paths, collection=collection, tags=chosen or None))
            # Fresh keys empty the fields; the files dropped are kept by now.
            st.session_state[_FORM] = form + 1
            context.again()


def _collection(context: Context, state: Item, form: int) -> str:
    names = [str(line["name"]) for line in collections(state)] or ["default"]
    chosen = st.selectbox(
        context.say("library.collection"),
        names,
        index=names.index("default") if "default" in names else 0,
        accept_new_options=True,
        help=context.say("library.collection_help"),
        key=f"library.collection.{form}",
    )
    return str(chosen or "default").strip()


def _tags(context: Context, state: Item, form: int) -> list[str]:
    chosen = st.multiselect(
        context.say("library.tags"),
        tags(state),
        accept_new_options=True,
        placeholder=context.say("library.no_tags"),
        help=context.say("library.tags_help"),
        key=f"library.tags.{form}",
        select_all=False,
    )
    return [str(tag).strip() for tag in chosen]


def _kept(context: Context, dropped: Sequence[Any]) -> list[str]:
    paths = [(file.name, keep(context.home, file.name, file.getvalue())) for file in dropped]
    other = [path.name for name, path in paths if path.name != safe_name(name)]
    if other:
        tell(context.say("library.copies", name=", ".join(other)))
    return [str(path) for _, path in paths]


def _paths(context: Context, typed: Sequence[str]) -> list[str]:
    """Return the paths that were typed; `UserError` for one that is not there."""
    paths = [Path(line.strip()).expanduser() for line in typed if line.strip()]
    for path in paths:
        if not path.is_absolute() or not path.exists():
            said = context.say("library.missing", path=one_line(str(path)))
            raise UserError(said, cure=context.say("library.missing_cure"))
    return [str(path) for path in paths]
