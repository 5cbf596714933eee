"""Questions answered on five points, from "the left is much better" to "the right is"."""

import streamlit as st

from ui.chat.context import Context

SCALES = ("core", "coherence", "overall")
POINTS = {
    -2: "much_left",
    -1: "left_better",
    0: "tie",
    1: "right_better",
    2: "much_right",
}


def scale(context: Context, name: str, pair: str) -> None:
    """Draw one question; the one that the number keys answer is marked."""
    say, question = context.say, context.say(f"compare.{name}")
    st.radio(
        say("compare.now", question=question) if name == _current(pair) else question,
        list(POINTS),
        index=None,
        format_func=lambda point: say(f"compare.{POINTS[point]}"),
        horizontal=True,
        key=_key(name, pair),
    )


def keys(context: Context, pair: str) -> None:
    """Draw a button for each point, which the keys 1 to 5 press."""
    say, current = context.say, _current(pair)
    with st.container(horizontal=True, gap="small"):
        for number, (point, word) in enumerate(POINTS.items(), start=1):
            st.button(
                say(f"compare.{word}"),
                key=f"compare.key.{number}.{pair}",
                help=say("compare.key_help"),
                type="tertiary",
                shortcut=str(number),
                on_click=_answer,
                args=(current, pair, point),
            )
    st.caption(say("compare.keys"))


def ready(pair: str) -> bool:
    """True when every question is answered."""
    return all(st.session_state.get(_key(name, pair)) is not None for name in SCALES)


def scores(pair: str) -> dict[str, int]:
    """Return the answers, from -2 (left) to 2 (right)."""
    return {name: int(st.session_state[_key(name, pair)]) for name in SCALES}


def _current(pair: str) -> str:
    """Return the first question without an answer, else the last one."""
    unanswered = [name for name in SCALES if st.session_state.get(_key(name, pair)) is None]
    return (unanswered or [SCALES[-1]])[0]


def _answer(name: str, pair: str, point: int) -> None:
    st.session_state[_key(name, pair)] = point


def _key(name: str, pair: str) -> str:
    return f"compare.{name}.{pair}"
