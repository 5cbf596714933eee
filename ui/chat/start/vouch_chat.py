"""The script that Streamlit runs for each drawing of the page; `vouch chat` starts it.

It has a folder of its own because Streamlit puts a script's folder first on the module path.
"""

import json
import sys
from pathlib import Path

import streamlit as st

from ui.chat.shell import show
from ui.house_port import House


@st.cache_resource(show_spinner=False, max_entries=2)
def door(home: str, overrides: str, settings: float) -> House:
    """Return the door to the house; `settings` is when their file was last changed."""
    from app.door import open_house

    return open_house(home, json.loads(overrides))


def changed(home: Path) -> float:
    """Return when the settings of a home were last changed, 0 if never."""
    from app.settings_file import FILE

    path = home / FILE
    return path.stat().st_mtime if path.exists() else 0.0


def main() -> None:
    home, overrides, language = sys.argv[1:4]
    show(lambda: door(home, overrides, changed(Path(home))), Path(home), language)


main()
