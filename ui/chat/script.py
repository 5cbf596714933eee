"""The page's own script: what neither Streamlit nor a style sheet can do.

It tells the browser the language of the page, which screen readers go by, and on a phone closes
the side, which would stay in front of what was just opened in it. It holds no text of others.
"""

import hashlib
from functools import cache
from pathlib import Path

import streamlit as st

SCRIPT = Path(__file__).with_name("page.js")


@cache
def script() -> str:
    """Return the script's text."""
    return SCRIPT.read_text("utf-8")


def attend(language: str, address: str) -> None:
    """Run the script, once for each language and address; neither is part of its text."""
    # The address is anybody's words; its digest is letters and digits.
    place = hashlib.sha256(address.encode("utf-8", "replace")).hexdigest()[:16]
    tag = f'<script data-language="{language}" data-place="{place}">{script()}</script>'
    st.html(tag, unsafe_allow_javascript=True)
