"""The style sheet of the page, and the settings of Streamlit's own colours and shapes."""

import json
from functools import cache
from pathlib import Path

import streamlit as st

from ui.chat.server import UPLOAD_MEGABYTES
from ui.words import Say

SHEET = Path(__file__).with_name("chat.css")

THEME: dict[str, object] = {
    "theme_light_primaryColor": "#2f5d50",
    "theme_light_backgroundColor": "#fcfcfa",
    "theme_light_secondaryBackgroundColor": "#f1f2ee",
    "theme_light_textColor": "#1d2522",
    "theme_light_borderColor": "#dfe2db",
    "theme_light_linkColor": "#1f6b56",
    "theme_light_sidebar_backgroundColor": "#f4f5f1",
    "theme_light_sidebar_secondaryBackgroundColor": "#e9ebe5",
    "theme_dark_primaryColor": "#7fc4ad",
    "theme_dark_backgroundColor": "#141816",
    "theme_dark_secondaryBackgroundColor": "#1f2523",
    "theme_dark_textColor": "#e7ebe8",
    "theme_dark_borderColor": "#303835",
    "theme_dark_linkColor": "#8fd3bc",
    "theme_dark_sidebar_backgroundColor": "#191e1c",
    "theme_dark_sidebar_secondaryBackgroundColor": "#252c29",
    "theme_baseRadius": "0.6rem",
    "theme_showWidgetBorder": True,
    "theme_showSidebarBorder": True,
}
"""A calm green on paper, and its counterpart by night; contrasts are at least 4.5 to 1."""


@cache
def sheet() -> str:
    """Return the style sheet's text."""
    return SHEET.read_text("utf-8")


def put_on(say: Say) -> None:
    """Give the page its style sheet, with the words that Streamlit has in English alone; nothing
    is loaded from elsewhere."""
    choose = json.dumps(say("common.choose_files"), ensure_ascii=False)
    most = json.dumps(say("common.each_file", size=UPLOAD_MEGABYTES), ensure_ascii=False)
    words = f":root {{ --v-choose-files: {choose}; --v-each-file: {most}; }}"
    st.html(f"<style>{words}\n{sheet()}</style>")
