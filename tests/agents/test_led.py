"""Prose of a model that was taught to write leads in the quotes, which stand below it verbatim."""

from collections.abc import Callable

import pytest

from agents import compose, view
from agents.claims import split
from agents.compose import style_for
from agents.events import Answer, Asked, Drafted, Event
from agents.kit import Kit
from agents.loop import run
from agents.policy import ModelPolicy
from agents.replay import replay

QUESTION = "Who was the engineer of the weir at Aldmoor?"
BROWSED = ("search engineer weir Aldmoor", "open 1", "quote 1", "quote 3", "finish")
RIGHT = "The engineer of the weir was Clara Voss [2]."
WRONG = "The engineer of the weir was Otto Lind [2]."
OTHER = "The weir at Aldmoor was finished in 1887 [1]."
PICK = "Clara Voss [2]."


def answered(kit: Kit, check: bool = True, question: str = QUESTION) -> tuple[list[Event], Answer]:
    events: list[Event] = [Asked(question, policy="model", style="led", check=check)]
    for _ in run(events, kit, ModelPolicy()):
        pass
    shown = view.answered(events)
    assert shown is not None
    return events, shown.answer


@pytest.mark.parametrize("check", [True, False])
def test_the_quotes_stand_below_the_prose_the_cited_one_first(
    scripted: Callable[..., Kit], check: bool
) -> None:
    events, answer = answered(scripted(*BROWSED, RIGHT), check)
    head, below = answer.text.split("\n\n")
    assert head == f"{PICK} {RIGHT}" and answer.form == "prose"
    first, second = (quote.text for quote in answer.quotes)
    assert below == f"“{second}” [2]\n“{first}” [1]"
    assert compose.lead(answer.text) == head
    drafted = next(event for event in events if isinstance(event, Drafted))
    assert drafted.text == head
    assert replay(events).equal


def test_each_quote_has_a_verdict_at_its_place(scripted: Callable[..., Kit]) -> None:
    _, answer = answered(scripted(*BROWSED, RIGHT))
    claims = [verdict.claim for verdict in answer.verdicts]
    assert claims == list(split(answer.text))
    head = len(compose.lead(answer.text))
    assert {v.judge == "verbatim" for v in answer.verdicts if v.claim.start < head} == {False}
    below = [verdict for verdict in answer.verdicts if verdict.claim.start >= head]
    assert len(below) == 2
    for verdict in below:
        quote = answer.quotes[verdict.claim.cites[0] - 1]
        assert (verdict.ruling, verdict.judge) == ("supported", "verbatim")
        assert answer.text[verdict.claim.start : verdict.claim.end].startswith(f"“{quote.text}”")


@pytest.mark.parametrize("written", [WRONG, OTHER])
def test_prose_that_is_not_likely_to_answer_gives_way_to_the_likeliest_phrase(
    scripted: Callable[..., Kit], written: str
) -> None:
    events, answer = answered(scripted(*BROWSED, written))
    assert compose.lead(answer.text) == PICK
    assert answer.text.count("“") == 2
    assert replay(events).equal


def test_where_no_phrase_is_likely_either_the_quotes_stand_alone(
    scripted: Callable[..., Kit],
) -> None:
    question = QUESTION.replace("was", "was not")
    events, answer = answered(scripted(*BROWSED, OTHER), question=question)
    assert answer.form == "quotes" and answer.text.startswith("“")
    drafted = next(event for event in events if isinstance(event, Drafted))
    assert drafted.text == answer.text


def test_a_quote_that_stands_in_the_text_is_not_repeated(scripted: Callable[..., Kit]) -> None:
    _, answer = answered(scripted(*BROWSED, RIGHT))
    assert compose.led(answer.text, answer.quotes) == answer.text


def test_an_able_model_writes_freely_a_taught_one_leads_another_copies() -> None:
    assert style_for(True, True) == style_for(True) == "prose"
    assert style_for(False, True) == "led"
    assert style_for(False, True, "zh") == "short"
    assert style_for(False) == "short"
