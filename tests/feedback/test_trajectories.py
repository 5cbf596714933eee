"""Runs as demonstrations: legal steps alone, prompts as they were read, from runs held good."""

import pytest

from agents import compose
from agents.actions import Finish, Open, QuoteLines, Scroll, Search
from agents.events import Acted, Asked, Found, Opened, Refused, Result, Slipped, Stopped
from app.feedback.cases import case
from app.feedback.marks import Mark
from app.feedback.selection import select_steps, steps
from app.feedback.trajectories import trajectory
from app.store.evidence import answered

CLARA = "The engineer of the weir was Clara Voss [1]."
PAGE = "The weir was finished in 1887. The engineer of the weir was Clara Voss."
RESULT = Result("d", "p", "s.md", "weir", PAGE, 0, len(PAGE), 1.0)
ASKED = Asked("Who was the engineer?", policy="model", model="m", style="prose")


@pytest.fixture
def run(make_events, quoted):
    """The events of a run with these between the question and the quote."""

    def make(*between, final: str = CLARA, **values):
        start = [ASKED, Acted(Search("weir")), Found("weir", (RESULT,)), Acted(Open(1))]
        page = [Opened("d", "s.md", "weir", PAGE), *between, Acted(QuoteLines(2, 2)), quoted()]
        return [*start, *page, Acted(Finish()), Stopped("finished"),
                *make_events(final, quotes=(), **values)[1:]]  # fmt: skip

    return make


def told(events) -> list[str]:
    made = case("r", events)
    assert made is not None
    return [step.line for step in trajectory(made, events, "ann")]


LINES = ["search weir", "open 1", "quote 2", "finish", CLARA]


def test_every_step_is_told_with_the_answer_last(run) -> None:
    assert told(run()) == LINES


@pytest.mark.parametrize(
    "bad",
    [
        (Slipped("scroll sideways", "write an action"),),
        (Acted(Scroll("up")), Refused("scrolling up is not possible now")),
        (Acted(Search("gates")), Refused("the library failed", failed=True)),
        (Acted(Open(7)),),
    ],
)
def test_a_step_that_was_malformed_illegal_or_refused_is_left_out(run, bad) -> None:
    assert told(run(*bad)) == LINES


def test_an_answer_of_quotes_is_no_demonstration(run, quoted) -> None:
    alone = compose.quotes_answer((quoted(),))
    assert told(run(final=alone, form="quotes")) == LINES[:-1]


def test_a_checked_text_of_a_person_is_none(run) -> None:
    events = run()
    events[0] = Asked(CLARA, task="verify", style="prose")
    assert told(events) == []


def test_the_prompts_are_those_that_the_model_read(bench) -> None:
    name = bench.ask(CLARA)
    cases, _ = answered(bench.database)
    events = [entry.event for entry in bench.journal.entries(name)]
    found = steps(cases, [], lambda run: events, "answered")
    assert [step.line for step in found] == [
        "search engineer weir Aldmoor", "open 1", "quote 2", "finish", CLARA
    ]  # fmt: skip
    assert [step.messages for step in found] == list(bench.model.prompts)


def test_runs_are_taken_that_somebody_held_good_and_nobody_bad(make_case, make_events) -> None:
    names = ("good", "disputed", "edited", "bad", "silent")
    cases = {name: make_case(name, CLARA) for name in names}
    marks = [Mark("1", name, "up", by="ann") for name in names[:3]]
    marks += [Mark("2", "disputed", "down", by="bob"), Mark("3", "bad", "down", by="bob")]
    marks += [Mark("4", "edited", "edit", text="Clara.", by="bob")]
    found = steps(cases, marks, lambda run: make_events(CLARA), "up")
    assert {step.run for step in found} == {"good"} and {step.by for step in found} == {"ann"}
    every = steps(cases, marks, lambda run: make_events(CLARA), "answered")
    assert {step.run for step in every} == set(names)
    assert len(select_steps(every).examples) == 1, "the same step of five runs is told once"
