"""The collections of the library: how much each holds, and which are private."""

import streamlit as st

from ui.chat.context import Context
from ui.chat.pages_parts import tell
from ui.escape import markdown, one_line
from ui.house_port import Item


def collections_tab(context: Context, state: Item) -> None:
    """List the collections, each with its switch."""
    say = context.say
    st.write(say("library.collections_intro"))
    st.caption(f":material/lock: {say('library.private_help')}")
    for line in context.call("collections")["collections"]:
        _line(context, line)
    st.caption(say("library.new_collection"))


def _line(context: Context, line: Item) -> None:
    say, name = context.say, str(line["name"])
    counts = [
        say("library.documents", count=int(line.get("documents", 0))),
        say("library.passages", count=int(line.get("passages", 0))),
    ]
    with st.container(border=True):
        wide, narrow = st.columns([3, 2], vertical_alignment="center")
        wide.markdown(f"**{markdown(one_line(name, 80))}**  \n{' · '.join(counts)}")
        private = narrow.toggle(
            markdown(say("library.private_of", name=one_line(name, 80))),
            value=bool(line["private"]),
            help=say("library.private_help"),
            key=f"library.private.{name}.{bool(line['private'])}",
        )
    if private != bool(line["private"]):
        context.call("collection.set", name=name, private=private)
        tell(say("library.now_private" if private else "library.now_open", name=one_line(name)))
        context.again()
