"""The runs page: every question that was asked, and all that led to its answer."""

import hashlib
from collections.abc import Sequence
from typing import Any

import streamlit as st

from ui.chat.beside_parts import beside_tab
from ui.chat.context import Context
from ui.chat.pages_parts import heading
from ui.chat.reading import excerpt
from ui.chat.reading_parts import entries_of
from ui.chat.replay_parts import export_button, replay_button, replayed
from ui.chat.runs_parts import COLUMNS, matching, table, zone
from ui.escape import markdown
from ui.house_port import Item
from ui.html import Shown, answer_html
from ui.html_blocks import empty, flat
from ui.html_cites import Excerpt
from ui.html_diff import diff_html
from ui.html_trace import trace_html
from ui.html_verdict import outcome_html, policy_word, verdict_html, verdicts_html
from ui.summary import Summary, summarize
from ui.trace import trace
from ui.words import Say

LIMIT = 200
"""How many runs are listed."""

CHOSEN = "run"
"""The page's query parameter: a run's page has an address of its own."""

_ROUND = "runs.round"


def show(context: Context) -> None:
    """Draw the list, and below it the run that was chosen."""
    say = context.say
    heading(say("runs.title"), say("runs.intro"))
    with context.guarded():
        runs = context.call("runs", limit=LIMIT)["runs"]
        if not runs:
            st.html(empty(say("runs.empty_title"), say("runs.empty")))
            return
        _list(context, runs)
        chosen = st.query_params.get(CHOSEN)
        if not chosen:
            return
    with context.guarded():
        _run(context, chosen, runs)


def _list(context: Context, runs: Sequence[Item]) -> None:
    say = context.say
    found = matching(runs, st.text_input(say("runs.filter"), key="runs.filter"))
    if not found:
        st.info(say("runs.none_match"))
        return
    ids = [str(run["id"]) for run in found]
    # A selection is kept by row number, so a table of other rows must be another table.
    shown = hashlib.sha256(repr((ids, st.session_state.get(_ROUND, 0))).encode()).hexdigest()[:16]
    key = f"runs.table.{shown}"
    st.dataframe(
        table(found, say, zone(st.context.timezone)),
        hide_index=True,
        height=min(36 * len(found) + 38, 182 if CHOSEN in st.query_params else 320),
        column_config=_columns(say),
        key=key,
        on_select=lambda: _choose(ids, st.session_state[key]["selection"]["rows"]),
        selection_mode="single-row",
        alt=say("runs.table"),
    )
    st.caption(say("runs.table_help"))


def _columns(say: Say) -> dict[str, Any]:
    named: dict[str, Any] = {name: say(f"runs.col_{name}") for name in COLUMNS}
    seconds = st.column_config.NumberColumn(say("runs.col_seconds"), format="%.1f")
    return {**named, "seconds": seconds}


def _choose(ids: Sequence[str], rows: Sequence[int]) -> None:
    if rows and rows[0] < len(ids):
        st.query_params[CHOSEN] = ids[rows[0]]
    else:
        st.query_params.pop(CHOSEN, None)


def _close() -> None:
    st.query_params.pop(CHOSEN, None)
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1


def _run(context: Context, run: str, runs: Sequence[Item]) -> None:
    say = context.say
    entries = entries_of(context, run)
    summary = summarize(entries)
    st.html(_head(summary, say))
    _actions(context, summary, runs)
    names = ("answer", "steps", "changes", "beside", "text")
    labels = [say(f"runs.tab_{name}") for name in names]
    answer, steps, changes, other, text = st.tabs(labels, key="runs.tabs")
    with answer:
        events = tuple(entry.event for entry in entries)
        st.html(
            answer_html(Shown(summary, events, _excerpts(context, summary)), say, context.runs())
        )
    with steps:
        st.html(trace_html(entries, say))
    with changes:
        _changes(context, summary)
    with other, context.guarded():
        beside_tab(context, entries, runs)
    with text:
        st.code("\n".join(line.text for line in trace(entries)), language=None, wrap_lines=True)


def _excerpts(context: Context, summary: Summary) -> dict[int, Excerpt]:
    quotes = summary.answer.quotes if summary.answer else ()
    found = {quote.number: excerpt(context, summary.run, quote) for quote in quotes}
    return {number: one for number, one in found.items() if one is not None}


def _head(summary: Summary, say: Say) -> str:
    facts = say(
        "runs.facts",
        policy=policy_word(summary.asked.policy, say),
        model=summary.asked.model or say("runs.no_model"),
        seconds=f"{summary.seconds:.1f}",
        steps=summary.steps,
        read=f"{summary.read:,}",
        written=f"{summary.written:,}",
    )
    run = f'<code class="vt-where">{flat(summary.run)}</code>'
    return (
        f'<header class="vt-head vt-run"><h2>{flat(summary.asked.question, 400)}</h2>'
        f'<p class="vt-facts">{outcome_html(summary.outcome, say)} '
        f'<span class="vt-where">{flat(facts)}</span> {run}</p></header>'
    )


def _actions(context: Context, summary: Summary, runs: Sequence[Item]) -> None:
    say = context.say
    parent = next((run.get("parent") for run in runs if run["id"] == summary.run), None)
    with st.container(horizontal=True):
        replay_button(context, summary.run)
        export_button(context, summary)
        st.button(say("runs.close"), key="runs.close", icon=":material/close:", on_click=_close)
    if parent:
        st.caption(markdown(say("runs.fork_of", run=str(parent))))
    # A container stands here always, so that what comes below is not drawn as something new.
    with st.container():
        replayed(context, summary.run)


def _changes(context: Context, summary: Summary) -> None:
    """Draw draft and final answer as one text, then the verdicts on both."""
    say, answer = context.say, summary.answer
    if not summary.asked.check:
        st.info(say("runs.not_checked"))
    if answer is None or summary.draft is None:
        st.caption(say("runs.no_draft"))
    elif " ".join(summary.draft.split()) == " ".join(answer.text.split()):
        st.success(say("runs.stood"), icon=":material/check:")
    else:
        st.caption(say("runs.change_note"))
        st.html(f'<p class="v-diff">{diff_html(summary.draft, answer.text)}</p>')
    if summary.doubts and answer is not None:
        st.markdown(f"**{say('runs.draft')}**")
        st.html("".join(verdict_html(verdict, say) for verdict in summary.doubts))
    if answer is not None:
        st.markdown(f"**{say('runs.final')}**")
        st.html(verdicts_html(answer, say) or f"<p>{flat(say('runs.no_claims'))}</p>")
