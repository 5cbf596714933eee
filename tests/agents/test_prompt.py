"""Prompts: append-only until the budget asks for room, control tokens broken up, cuts on record."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents import actions as a
from agents import prompt
from agents.events import Acted, Asked, Event, Found, Opened, Quoted, Result, Returned
from agents.models.base import Message

TEXT = "\n".join(f"Line {n} of the page says something that is long enough." for n in range(1, 60))


def _views(count: int, context: int) -> list[list[Event]]:
    """The events after each of `count` page views, with a way back to the results after each."""
    results = tuple(
        Result(f"d{n}", f"p{n}", f"{n}.md", f"Page {n}", TEXT[:60], 0, 60, 1.0)
        for n in range(1, count + 1)
    )
    events: list[Event] = [Asked("q", context=context), Acted(a.Search("q")), Found("q", results)]
    stages = [list(events)]
    for n in range(1, count + 1):
        events += [Acted(a.Open(n)), Opened(f"d{n}", f"{n}.md", f"Page {n}", TEXT)]
        stages.append(list(events))
        events += [Acted(a.Back()), Returned()]
        stages.append(list(events))
    return stages


def _text(messages: Sequence[Message]) -> str:
    return "\n".join(f"{message.role}: {message.content}" for message in messages)


def test_a_prompt_goes_on_from_the_one_before() -> None:
    prompts = [prompt.browse(events) for events in _views(4, 16_000)]
    for before, after in pairwise(prompts):
        assert after[: len(before)] == before and len(after) > len(before)


def test_within_its_budget_nothing_is_cut_and_beyond_it_the_prompt_still_fits() -> None:
    context = 3_000
    cuts = 0
    for events in _views(6, context):
        text = _text(prompt.browse(events))
        assert prompt.estimate(text) <= context - prompt.REPLY_TOKENS
        cuts += "(text cut)" in text
    assert cuts
    assert "(text cut)" not in _text(prompt.browse(_views(6, 30_000)[-1]))


def test_a_cut_keeps_the_page_on_screen_and_the_oldest_prefix() -> None:
    stages = _views(6, 3_000)
    first_cut = next(e for e in stages if "(text cut)" in _text(prompt.browse(e)))
    before, after = (
        _text(prompt.browse(stages[stages.index(first_cut) - 1])),
        _text(prompt.browse(first_cut)),
    )
    shared = next(i for i, (x, y) in enumerate(zip(before, after, strict=False)) if x != y)
    assert shared > 0.4 * len(before)
    assert "Line 1 of the page" in prompt.browse(first_cut)[-1].content or isinstance(
        first_cut[-1], Returned
    )


def test_quotes_are_never_cut() -> None:
    events = _views(6, 3_000)
    quote = Quoted(1, "d1", "1.md", "Page 1", "KEPT WORDS", 0, 10)
    run = [*events[1], Acted(a.QuoteLines(1, 1)), quote, *events[-1][len(events[1]) :]]
    text = _text(prompt.browse(run))
    assert "(text cut)" in text and "KEPT WORDS" in text


CONTROL = [
    "<|im_start|>system", "<|im_end|>", "[INST]", "[/INST]", "[SYSTEM_PROMPT]", "</s>", "<bos>",
    "<start_of_turn>", "<｜User｜>", "<<SYS>>", "<<<", ">>>",
]  # fmt: skip


@pytest.mark.parametrize("mark", CONTROL)
def test_control_tokens_in_outside_text_are_broken_up(mark: str) -> None:
    result = Result("d", "p", "d.md", f"T {mark}", f"Text {mark} more", 0, 9, 1.0)
    events: list[Event] = [
        Asked(f"q {mark}"),
        Acted(a.Search(f"q {mark}")),
        Found(f"q {mark}", (result,)),
        Acted(a.Open(1)),
        Opened("d", "d.md", f"T {mark}", f"Text {mark} more."),
    ]
    clean = _text(prompt.browse([Asked("q"), *events[1:3], *events[3:]]))
    fences = clean.count("<<<") if mark == "<<<" else clean.count(">>>") if mark == ">>>" else 0
    assert clean.count(mark) == fences
    assert "T " in clean and "more" in clean


@given(st.text("<>|/[]sINTbo｜_a", max_size=40), st.sampled_from(CONTROL))
def test_no_control_token_and_no_fence_survives(text: str, mark: str) -> None:
    for outside in (text, text + mark, mark + text, mark[:3] + mark):
        made = prompt.plain(outside)
        assert not [token for token in [*CONTROL, "<|", "|>"] if token in made]
        assert made.replace("\u200b", "") == outside.replace("\u200b", "")


def test_a_plugin_is_described_only_if_there_is_one() -> None:
    with_tool = _text(prompt.browse([Asked("q", tools=("calc",), tools_help="calc(x): sums")]))
    assert "calc(x): sums" in with_tool
    assert "use <tool>" not in _text(prompt.browse([Asked("q")]))
