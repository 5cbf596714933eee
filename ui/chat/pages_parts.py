"""What the library, runs and compare pages share: headings, styles, and what is told once."""

from pathlib import Path

import streamlit as st

from ui.escape import html as safe
from ui.escape import markdown

STYLES = Path(__file__).with_name("pages.css")
_TOLD = "pages.told"


def heading(title: str, intro: str) -> None:
    """Draw a page's title and one sentence about it."""
    st.html(STYLES)
    told = f'<h1>{safe(title)}</h1><p class="vt-where">{safe(intro)}</p>'
    st.html(f'<header class="vt-head">{told}</header>')


def tell(said: str) -> None:
    """Keep a sentence for the next time that a page is drawn."""
    st.session_state[_TOLD] = said


def notice() -> None:
    """Draw what was told, once."""
    said = st.session_state.pop(_TOLD, None)
    if said:
        st.success(markdown(str(said)), icon=":material/check:")
