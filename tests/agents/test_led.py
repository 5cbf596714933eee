"""Prose of a model that was taught to write leads in the quotes, which stand below it verbatim."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pytest

from agents import answering, compose, view
from agents.claims import split
from agents.compose import style_for
from agents.drafting import SHORT_TOKENS
from agents.events import Answer, Asked, Drafted, Event, Prompted, Quoted
from agents.kit import Kit
from agents.loop import run
from agents.models.base import (
    Cancel,
    ContextOverflow,
    Message,
    Model,
    ModelLost,
    Piece,
    Reply,
    Sampling,
)
from agents.policy import ModelPolicy
from agents.replay import replay

QUESTION = "Who was the engineer of the weir at Aldmoor?"
BROWSED = ("search engineer weir Aldmoor", "open 1", "quote 1", "quote 3", "finish")
RIGHT = "The engineer of the weir was Clara Voss [2]."
WRONG = "The engineer of the weir was Otto Lind [2]."
OTHER = "The weir at Aldmoor was finished in 1887 [1]."
PICK = "Clara Voss [2]."
CHOSEN = "Clara Voss"
"""What the model picks when it is asked for a phrase."""
POOR = "Aldmoor"
"""A phrase that does not answer who somebody was."""


def answered(
    kit: Kit, check: bool = True, question: str = QUESTION, picks: bool = True, best_of: int = 1
) -> tuple[list[Event], Answer]:
    events: list[Event] = [
        Asked(question, policy="model", style="led", check=check, picks=picks, best_of=best_of)
    ]
    for _ in run(events, kit, ModelPolicy()):
        pass
    shown = view.answered(events)
    assert shown is not None
    return events, shown.answer


@pytest.mark.parametrize("check", [True, False])
def test_the_quotes_stand_below_the_prose_the_cited_one_first(
    scripted: Callable[..., Kit], check: bool
) -> None:
    events, answer = answered(scripted(*BROWSED, RIGHT, CHOSEN), check)
    head, below = answer.text.split("\n\n")
    assert head == f"{PICK} {RIGHT}" and answer.form == "prose"
    first, second = (quote.text for quote in answer.quotes)
    assert below == f"“{second}” [2]\n“{first}” [1]"
    assert compose.lead(answer.text) == head
    drafted = next(event for event in events if isinstance(event, Drafted))
    assert drafted.text == answer.text
    assert replay(events).equal


def test_each_quote_has_a_verdict_at_its_place(scripted: Callable[..., Kit]) -> None:
    _, answer = answered(scripted(*BROWSED, RIGHT, CHOSEN))
    claims = [verdict.claim for verdict in answer.verdicts]
    assert claims == list(split(answer.text))
    head = len(compose.lead(answer.text))
    below = [verdict for verdict in answer.verdicts if verdict.claim.start >= head]
    assert len(below) == 2
    for verdict in below:
        quote = answer.quotes[verdict.claim.cites[0] - 1]
        assert verdict.ruling == "supported"
        assert answer.text[verdict.claim.start : verdict.claim.end].startswith(f"“{quote.text}”")


@pytest.mark.parametrize("written", [WRONG, OTHER])
def test_prose_that_is_not_likely_to_answer_gives_way_to_the_quotes(
    scripted: Callable[..., Kit], written: str
) -> None:
    events, answer = answered(scripted(*BROWSED, written, POOR))
    assert answer.form == "quotes" and answer.text.startswith("“")
    assert answer.text.count("“") == 2
    drafted = next(event for event in events if isinstance(event, Drafted))
    assert drafted.text == answer.text
    assert replay(events).equal


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Clara Voss [2].", "Clara Voss [2]."),
        ("The weir has fourteen gates [2].", ""),
        ("By Clara Voss did the weir get an engineer [2].", ""),
        ("The engineer was Clara Vosse [2].", ""),
    ],
)
def test_a_phrase_is_held_in_whole_words_and_not_said_twice(text: str, said: str) -> None:
    quotes = (
        Quoted(1, "a", "a", "a", "The weir was finished in 1887.", 0, 30),
        Quoted(2, "b", "b", "b", "The engineer of the weir was Clara Voss.", 0, 40),
    )
    draft = compose.draft(text, QUESTION, quotes, "led")
    assert draft == (compose.led(said, quotes) if said else compose.quotes_answer(quotes))


@pytest.mark.parametrize("written", [WRONG, OTHER])
def test_a_likely_pick_stands_where_the_prose_does_not_lead(
    scripted: Callable[..., Kit], written: str
) -> None:
    events, answer = answered(scripted(*BROWSED, written, CHOSEN))
    head, below = answer.text.split("\n\n")
    assert head == PICK and answer.form == "prose" and below.count("“") == 2
    assert replay(events).equal


def test_prose_that_leads_is_preferred_to_a_pick_that_it_does_not_hold(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(answering, "LIKELY", 0.15)
    quotes = (
        Quoted(1, "a", "a", "a", "The engineer of the weir at Aldmoor was Clara Voss.", 0, 50),
        Quoted(2, "b", "b", "b", "The engineer of the weir at Aldmoor was Otto Lind.", 0, 50),
    )
    said = "The engineer at Aldmoor was Clara Voss [1]."
    both = [compose.draft(said, QUESTION, quotes, "led", pick) for pick in ("", "Otto Lind")]
    assert both[0] == both[1]
    other = compose.draft("The weir is wet [1].", QUESTION, quotes, "led", "Otto Lind")
    held = compose.pickable(QUESTION, quotes)
    assert held and compose.lead(other) == "Otto Lind [2]."


class Failing:
    """A model that writes, but comes to no phrase: it is lost, overflows or is cut off."""

    def __init__(self, model: Model, how: Exception | None) -> None:
        self._model, self._how = model, how
        self.name, self.capabilities = model.name, model.capabilities

    def reply(
        self, messages: Sequence[Message], sampling: Sampling, cancel: Cancel | None = None
    ) -> Iterator[Piece | Reply]:
        if sampling.max_tokens != SHORT_TOKENS:
            yield from self._model.reply(messages, sampling, cancel)
        elif self._how is not None:
            raise self._how
        else:
            yield Reply("Clara", "cancelled")

    def close(self) -> None:
        self._model.close()


@pytest.mark.parametrize("how", [ModelLost("gone"), ContextOverflow("full"), None])
@pytest.mark.parametrize("written", [RIGHT, OTHER])
@pytest.mark.parametrize("best_of", [1, 2])
def test_a_pick_that_comes_to_no_end_takes_nothing_away(
    scripted: Callable[..., Kit], how: Exception | None, written: str, best_of: int
) -> None:
    kit = scripted(*BROWSED, written, written)
    kit = replace(kit, model=Failing(kit.model, how))
    events, answer = answered(kit, best_of=best_of)
    _, without = answered(scripted(*BROWSED, written), picks=False)
    assert answer.text == without.text and view.stopped(events) == view.stopped(events[:-1])
    assert answer.outcome == without.outcome
    assert replay(events).equal


def test_a_run_that_asks_for_no_pick_is_written_as_before(scripted: Callable[..., Kit]) -> None:
    events, answer = answered(scripted(*BROWSED, RIGHT), picks=False)
    assert compose.lead(answer.text) == f"{PICK} {RIGHT}" and replay(events).equal


def test_no_pick_is_asked_for_where_nothing_is_likely(scripted: Callable[..., Kit]) -> None:
    question = "Who was not the engineer of the weir at Aldmoor?"
    kit = scripted(*BROWSED, OTHER)
    events, answer = answered(kit, question=question)
    assert not compose.pickable(question, view.quotes(events))
    assert answer.form == "quotes"
    wrote = [e for e in events if isinstance(e, Prompted) and e.phase == "write"]
    assert [e.template for e in wrote] == [compose.PROSE]


def test_a_rewrite_leads_on_the_same_terms(scripted: Callable[..., Kit]) -> None:
    quotes = (Quoted(1, "b", "b", "b", "The engineer of the weir was Clara Voss.", 0, 40),)
    right = "The engineer of the weir was Clara Voss [1]."
    assert compose.rewritten(right, QUESTION, quotes, "led") == compose.led(right, quotes)
    other = compose.rewritten("The weir was drawn [1].", QUESTION, quotes, "led")
    assert other == compose.quotes_answer(quotes)
    assert compose.rewritten(right, QUESTION, quotes, "prose") == right


def test_of_drafts_that_lead_and_one_that_gave_way_a_leading_one_is_chosen(
    scripted: Callable[..., Kit],
) -> None:
    events: list[Event] = [Asked(QUESTION, policy="model", style="led", best_of=3, picks=True)]
    kit = scripted(*BROWSED, RIGHT, "Weirs are wet [1].", RIGHT, CHOSEN)
    for _ in run(events, kit, ModelPolicy()):
        pass
    shown = view.answered(events)
    assert shown is not None and compose.lead(shown.answer.text) == f"{PICK} {RIGHT}"
    assert shown.answer.outcome == "answered"
    assert replay(events).equal


def test_a_quote_that_stands_in_the_text_is_not_repeated(scripted: Callable[..., Kit]) -> None:
    _, answer = answered(scripted(*BROWSED, RIGHT, CHOSEN))
    assert compose.led(answer.text, answer.quotes) == answer.text


def test_an_able_model_writes_freely_a_taught_one_leads_another_copies() -> None:
    assert style_for(True, True) == style_for(True) == "prose"
    assert style_for(False, True) == "led"
    assert style_for(False, True, "zh") == "short"
    assert style_for(False) == "short"
