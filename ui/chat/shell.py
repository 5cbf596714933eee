"""What stands around every page: its address, its language, and the way to the others."""

import os
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import streamlit as st

from app.wire import EngineFault
from retrieval.errors import UserError
from ui.chat.context import Context
from ui.chat.script import attend
from ui.chat.style import put_on
from ui.escape import html as safe
from ui.house_port import House
from ui.html_blocks import fault
from ui.words import LANGUAGES, prefer, speaker

PAGES = {
    "chat": ":material/forum:",
    "library": ":material/local_library:",
    "runs": ":material/manage_search:",
    "compare": ":material/compare_arrows:",
}
"""The pages and the icons of their links. They must not be icons of the pages themselves, nor of
the site: those are fetched by the browser from a server on the internet."""

ICON = Path(__file__).with_name("icon.svg")


def show(door: Callable[[], House], home: Path, wanted: str = "auto") -> None:
    """Draw the page that the address names. `wanted` is the language of the settings."""
    language = _language(wanted)
    say = speaker(language)
    st.set_page_config(page_title="Vouch", page_icon=str(ICON), layout="centered")
    put_on(say)
    try:
        with st.spinner(say("common.waking"), show_time=False):
            house = door()
    except (UserError, EngineFault, OSError) as error:
        cure = error.cure if isinstance(error, UserError) else ""
        what = error.what if isinstance(error, UserError) else str(error)
        st.html(fault(say("common.wrong"), what, cure))
        st.button(say("common.try_again"), key="door", type="primary")
        return
    context = Context(house, say, language, home, _session())
    attend(language, f"{st.context.url} {st.query_params.get('c')}")
    pages = _pages(context)
    here = st.navigation(list(pages.values()), position="hidden")
    _beside(context, pages)
    here.run()
    with st.sidebar:
        _choose_language(context)


def _session() -> str:
    session: str = st.session_state.setdefault("session", os.urandom(8).hex())
    return session


def _language(wanted: str) -> str:
    """Return the language that was chosen here, else that of the settings or of the browser."""
    for asked in (st.session_state.get("language"), st.query_params.get("lang"), wanted):
        if asked in LANGUAGES:
            return str(asked)
    return prefer(st.context.locale or st.context.headers.get("Accept-Language") or "en")


def _pages(context: Context) -> dict[str, Any]:
    """Return the pages that there are by name; the conversation comes first."""
    pages = {}
    for name in PAGES:
        module = f"ui.chat.{name}_page"
        if find_spec(module) is None:
            continue
        draw = import_module(module).show
        title = context.say(f"common.page_{name}")
        first = name == "chat"
        pages[name] = st.Page(_drawn(draw, context), title=title, url_path=name, default=first)
    return pages


def _drawn(draw: Callable[[Context], None], context: Context) -> Callable[[], None]:
    def page() -> None:
        draw(context)

    return page


def _beside(context: Context, pages: Mapping[str, Any]) -> None:
    """Draw the name and the way to the other pages."""
    with st.sidebar:
        st.html(
            f'<div class="v-brand"><span class="v-brand-name">Vouch</span>'
            f'<span class="v-brand-says">{safe(context.say("common.says"))}</span></div>'
        )
        with st.container(key="pages", gap=None):
            for name, page in pages.items():
                st.page_link(page, icon=PAGES[name], query_params=context.kept())


def _choose_language(context: Context) -> None:
    languages = list(LANGUAGES)

    def keep() -> None:
        st.query_params["lang"] = st.session_state["language"]

    st.selectbox(
        context.say("common.language"),
        languages,
        index=languages.index(context.language),
        format_func=lambda language: LANGUAGES[language],
        key="language",
        on_change=keep,
    )
