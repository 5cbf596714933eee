"""The compare page, after WebGPT's form: two answers to one question, judged without their names.

Nakano et al. 2021, appendix C: claims that the quotes do not support are marked on each side, then
the answers are compared on five points with ties.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace

import streamlit as st

from agents.dropping import is_evidence
from agents.events import Answer, Verdict
from agents.view import answered, asked
from ui.chat.context import FACE, Context
from ui.chat.pages_parts import heading, notice, tell
from ui.chat.reading_parts import entries_of
from ui.chat.scales_parts import keys, ready, scale, scores
from ui.escape import markdown, one_line
from ui.html_blocks import empty, flat
from ui.html_cites import cites_of
from ui.html_text import text_html

SIDES = ("left", "right")

_PAIR = "compare.pair"
_COUNT = "compare.count"
_SKIPPED = "compare.skipped"


@dataclass(frozen=True, slots=True)
class Side:
    """One answer of a pair; its model is told only after the vote."""

    run: str
    model: str
    answer: Answer | None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two answers on show. `id` is made when they are first shown: one showing, one vote."""

    id: str
    prompt: str
    order: str
    left: Side
    right: Side

    @property
    def sides(self) -> Mapping[str, Side]:
        """The sides by their names."""
        return {"left": self.left, "right": self.right}


def show(context: Context) -> None:
    """Draw the next pair, or that there is none."""
    say = context.say
    heading(say("compare.title"), say("compare.intro"))
    notice()
    with context.guarded():
        pair = st.session_state.get(_PAIR) or _next(context)
        if pair is None:
            voted = st.session_state.get(_COUNT) or st.session_state.get(_SKIPPED)
            title = say("compare.done_title" if voted else "compare.empty_title")
            st.html(empty(title, say("compare.empty")))
        else:
            st.session_state[_PAIR] = pair
            _pair(context, pair)
    count = int(st.session_state.get(_COUNT, 0))
    if count:
        st.caption(say("compare.count", count=count))


def _next(context: Context) -> Pair | None:
    skipped = list(st.session_state.get(_SKIPPED, []))
    found = context.call("compare.next", by=context.by, skip=skipped or None)
    if not found:
        return None
    return Pair(
        id=os.urandom(12).hex(),
        prompt=str(found["prompt"]),
        order=str(found["order"]),
        left=_side(context, str(found["left"])),
        right=_side(context, str(found["right"])),
    )


def _side(context: Context, run: str) -> Side:
    events = [entry.event for entry in entries_of(context, run)]
    shown = answered(events)
    return Side(run, asked(events).model, shown.answer if shown else None)


def _pair(context: Context, pair: Pair) -> None:
    say = context.say
    question = markdown(one_line(pair.prompt, 600))
    st.markdown(f"**{say('compare.question')}**  \n{question}")
    columns = dict(zip(SIDES, st.columns(2, gap="large"), strict=True))
    unsupported: dict[str, list[int]] = {}
    for name, side in pair.sides.items():
        with columns[name]:
            unsupported[name] = _shown(context, pair, name, side)
    st.divider()
    for name in ("core", "coherence", "overall"):
        scale(context, name, pair.id)
    keys(context, pair.id)
    with st.container(horizontal=True):
        _submit(context, pair, unsupported)
        _skip(context, pair)


def _shown(context: Context, pair: Pair, name: str, side: Side) -> list[int]:
    """Draw an answer with its quotes; return the numbers of the claims that were ticked."""
    say = context.say
    st.markdown(f"##### {say(f'compare.{name}')}")
    if side.answer is None:
        st.caption(say("compare.no_answer"))
        return []
    # Without its verdicts: what the check held of an answer must not lead who judges it.
    bare = replace(side.answer, verdicts=())
    marks = cites_of(f"{pair.id}-{name}", bare.quotes, {}, say)
    label = flat(say(f"compare.{name}"))
    st.html(
        f'<article class="v-answer" aria-label="{label}">'
        f"{text_html(bare, marks, say)}{marks.popovers()}</article>"
    )
    if bare.quotes:
        with st.expander(say("compare.quotes", count=len(bare.quotes))):
            st.html(marks.sources())
    return _claims(context, pair, name, side.answer)


def _claims(context: Context, pair: Pair, name: str, answer: Answer) -> list[int]:
    say = context.say
    own = [
        (n, v) for n, v in enumerate(answer.verdicts, 1) if not is_evidence(answer.text, v.claim)
    ]
    if not own:
        st.caption(say("compare.no_claims"))
        return []
    st.caption(say("compare.unsupported"))
    return [number for number, verdict in own if _ticked(pair, name, number, verdict)]


def _ticked(pair: Pair, name: str, number: int, verdict: Verdict) -> bool:
    said = markdown(one_line(verdict.claim.text, 400))
    return st.checkbox(said, key=f"compare.{name}.{number}.{pair.id}")


def _submit(context: Context, pair: Pair, unsupported: Mapping[str, list[int]]) -> None:
    say, complete = context.say, ready(pair.id)
    pressed = st.button(
        say("compare.submit"),
        key=f"compare.submit.{pair.id}",
        type="primary",
        disabled=not complete,
        help=None if complete else say("compare.unrated"),
        shortcut="Ctrl+Enter",
    )
    if pressed and complete:
        context.call(
            "compare.add",
            id=pair.id,
            left=pair.left.run,
            right=pair.right.run,
            order=pair.order,
            unsupported=dict(unsupported),
            by=context.by,
            face=FACE,
            **scores(pair.id),
        )
        st.session_state[_COUNT] = int(st.session_state.get(_COUNT, 0)) + 1
        tell(f"{say('compare.stored')} {_reveal(context, pair)}")
        _drop(context)


def _reveal(context: Context, pair: Pair) -> str:
    nameless = context.say("compare.unknown_model")
    left, right = (one_line(side.model, 80) or nameless for side in pair.sides.values())
    return context.say("compare.reveal", left=left, right=right)


def _skip(context: Context, pair: Pair) -> None:
    if st.button(context.say("compare.skip"), key=f"compare.skip.{pair.id}", shortcut="S"):
        skipped = list(st.session_state.get(_SKIPPED, []))
        st.session_state[_SKIPPED] = [*skipped, [pair.left.run, pair.right.run]]
        _drop(context)


def _drop(context: Context) -> None:
    st.session_state.pop(_PAIR, None)
    context.again()
