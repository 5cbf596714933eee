"""What the page shows before the first question: what it does, and questions to begin with."""

import streamlit as st

from ui.chat.asking import follow_up
from ui.chat.context import Context
from ui.chat.documents import away, documents, web
from ui.chat.library_side import upload
from ui.escape import html as safe
from ui.escape import markdown, one_line

EXAMPLES = 3


def welcome(context: Context) -> None:
    """Draw the greeting, and what to do next: add documents, or ask about them."""
    say = context.say
    with context.guarded(), st.container(key="welcome"):
        found, open = documents(context), web(context)
        empty = say("chat.welcome_web_empty") if open else say("chat.welcome_empty")
        filled = say("chat.welcome_web") if open else say("chat.welcome")
        text = filled if found else empty
        st.html(
            f'<section class="v-welcome"><h1>{safe(say("chat.welcome_title"))}</h1>'
            f"<p>{safe(text)}</p></section>"
        )
        if not found:
            with st.container(key="first-drop"):
                upload(context, "first")
            return
        with st.container(key="examples"):
            for number, question in enumerate(_questions(context), start=1):
                st.button(
                    markdown(question),
                    key=f"example-{number}",
                    icon=":material/chat_bubble:",
                    width="stretch",
                    on_click=follow_up,
                    args=(question, None),
                )
        kept = "chat.promise_words" if open else "chat.promise_local"
        # A model elsewhere is told passages: then nothing is promised of where they stay.
        promises = ["chat.promise_quotes", "chat.promise_checked"]
        promises = promises if away(context) else [kept, *promises]
        told = "".join(f"<li>{safe(say(promise))}</li>" for promise in promises)
        st.html(f'<ul class="v-promises">{told}</ul>')


def _questions(context: Context) -> list[str]:
    """Return questions that are made of titles, each another way."""
    titles = dict.fromkeys(one_line(str(d["title"]), 60) for d in documents(context) if d["title"])
    return [
        context.say(f"chat.example_{number}", title=title)
        for number, title in enumerate(list(titles)[:EXAMPLES], start=1)
    ]
