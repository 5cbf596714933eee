"""The loop: whole runs with scripted models, from question to checked answer."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from agents import view
from agents.actions import Finish, Open, QuoteLines, Search
from agents.desk import locate
from agents.events import (
    Acted,
    Answered,
    Asked,
    Drafted,
    Event,
    Limits,
    Quoted,
    Refused,
    Slipped,
    Stopped,
    Token,
    Working,
)
from agents.guided import GuidedPolicy
from agents.kit import Kit
from agents.loop import run
from agents.models.base import (
    Cancel,
    Capabilities,
    ContextOverflow,
    Message,
    Model,
    ModelLost,
    Piece,
    Reply,
    Sampling,
)
from agents.models.scripted import ScriptedModel
from agents.policy import ModelPolicy
from agents.replay import replay

QUESTION = "Who was the engineer of the weir at Aldmoor?"
BROWSING = ("search engineer weir Aldmoor", "open 1", "quote 3", "finish")
ANSWER = "The engineer of the weir was Clara Voss [1]."


def go(kit: Kit, asked: Asked | None = None, guided: bool = False) -> list[Event]:
    """Run to the end and return the stored events."""
    events: list[Event] = [asked or Asked(QUESTION, policy="model", style="prose")]
    for _ in run(events, kit, GuidedPolicy() if guided else ModelPolicy()):
        pass
    return events


def answer(events: Sequence[Event]) -> Answered:
    last = events[-1]
    assert isinstance(last, Answered)
    return last


def test_a_model_browses_quotes_and_answers(scripted: Callable[..., Kit]) -> None:
    events = go(scripted(*BROWSING, ANSWER))
    assert view.actions(events) == (
        Search("engineer weir Aldmoor"),
        Open(1),
        QuoteLines(3, 3),
        Finish(),
    )
    shown = answer(events).answer
    assert shown.outcome == "answered" and shown.form == "prose"
    assert "Clara Voss [1]" in shown.text
    assert [verdict.ruling for verdict in shown.verdicts] == ["supported"]


def test_every_quote_is_an_exact_substring_of_an_opened_page(scripted: Callable[..., Kit]) -> None:
    events = go(scripted(*BROWSING, ANSWER))
    pages = {page.document: page.text for page in view.opened(events)}
    for quote in view.quotes(events):
        assert pages[quote.document][quote.start : quote.end] == quote.text


def test_a_malformed_reply_is_a_turn_that_the_model_reads(
    make_kit: Callable[[Model], Kit],
) -> None:
    model = ScriptedModel(["I would search", *BROWSING, ANSWER])
    events = go(make_kit(model))
    slips = [event for event in events if isinstance(event, Slipped)]
    assert len(slips) == 1
    assert slips[0].why in model.prompts[1][-1].content
    assert answer(events).answer.outcome == "answered"


def test_slips_have_a_budget_of_their_own(scripted: Callable[..., Kit]) -> None:
    asked = Asked(QUESTION, policy="model", limits=Limits(slips=2))
    events = go(scripted("hm", "hmm", "hmmm"), asked)
    stopped = view.stopped(events)
    assert stopped is not None and stopped.reason == "slips"
    assert answer(events).answer.outcome == "declined"


def test_an_illegal_action_is_refused_and_read(make_kit: Callable[[Model], Kit]) -> None:
    model = ScriptedModel(["open 7", *BROWSING, ANSWER])
    events = go(make_kit(model))
    refusals = [event for event in events if isinstance(event, Refused)]
    assert len(refusals) == 1
    assert refusals[0].why in model.prompts[1][-1].content


def test_a_search_is_kept_to_what_was_asked_for(scripted: Callable[..., Kit], shelf: Any) -> None:
    scope = {"collections": ("rivers",), "sources": ("/docs",), "tags": ("draft", "old")}
    go(scripted(*BROWSING, ANSWER), Asked(QUESTION, policy="model", **scope))
    assert shelf.scopes and set(shelf.scopes) == {tuple(scope.values())}


def test_what_the_sources_raise_becomes_an_observation(
    scripted: Callable[..., Kit], shelf: Any
) -> None:
    shelf.broken = True
    events = go(scripted("search weir", "search mill", "finish"))
    assert any(isinstance(e, Refused) and "fell down" in e.why for e in events)
    assert answer(events).answer.outcome == "declined"


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Limits(steps=2), "steps"),
        (Limits(tokens=1), "tokens"),
        (Limits(quoted_characters=5), "quotes"),
    ],
)
def test_limits_end_browsing(limits: Limits, reason: str, scripted: Callable[..., Kit]) -> None:
    events = go(scripted(*BROWSING, ANSWER), Asked(QUESTION, policy="model", limits=limits))
    stopped = view.stopped(events)
    assert stopped is not None and stopped.reason == reason
    assert isinstance(events[-1], Answered)


def test_time_ends_browsing_and_the_quotes_so_far_are_used(
    scripted: Callable[..., Kit], hand: Any
) -> None:
    kit = scripted(*BROWSING, ANSWER)
    events: list[Event] = [Asked(QUESTION, policy="model", style="prose")]
    for event in run(events, kit, ModelPolicy()):
        if isinstance(event, Quoted):
            hand.now = 1e9
    stopped = view.stopped(events)
    assert stopped is not None and stopped.reason == "seconds"
    assert view.quotes(events) and isinstance(events[-1], Answered)


def test_what_was_searched_is_not_searched_again(scripted: Callable[..., Kit]) -> None:
    lines = ("search weir", "search  WEIR", "open 1", "quote 3", "finish", ANSWER)
    events = go(scripted(*lines))
    assert len(view.searches(events)) == 1
    assert sum(isinstance(event, Refused) for event in events) == 1


def test_a_reply_is_cut_off_when_time_is_over_and_the_quotes_are_shown(
    make_kit: Callable[[Model], Kit], hand: Any
) -> None:
    def late(messages: Sequence[Message], sampling: Sampling) -> str:
        hand.now = 1e9
        return ANSWER

    events: list[Event] = [Asked(QUESTION)]
    kit = replace(make_kit(ScriptedModel(late)), seconds=300.0)
    for _ in run(events, kit, GuidedPolicy()):
        pass
    shown = answer(events).answer
    assert shown.form == "quotes" and shown.outcome == "partial"
    assert Stopped("seconds") in events and replay(events).equal


def test_what_no_judge_decides_makes_the_answer_partial(scripted: Callable[..., Kit]) -> None:
    german = "Der Ingenieur des Wehrs war ein Mann aus dem Norden [1]."
    shown = answer(go(scripted(*BROWSING, german, german))).answer
    rulings = {verdict.ruling for verdict in shown.verdicts}
    assert shown.outcome == "partial"
    assert rulings == {"unchecked"} or german not in shown.text


def test_going_round_in_circles_ends_browsing(scripted: Callable[..., Kit]) -> None:
    circle = ["open 1", "back"] * 5
    events = go(scripted("search weir", *circle), Asked(QUESTION, policy="model"))
    stopped = view.stopped(events)
    assert stopped is not None and stopped.reason == "repeating"


@pytest.mark.parametrize("look", range(1, 14))
def test_a_stop_at_any_moment_ends_the_run_without_an_answer_or_with_a_whole_one(
    look: int, scripted: Callable[..., Kit], hand: Any
) -> None:
    hand.stop_at = look
    events = go(scripted(*BROWSING, ANSWER))
    last = events[-1]
    assert isinstance(last, Answered) or last == Stopped("cancelled")
    if look == 1:
        assert last == Stopped("cancelled") and len(events) == 2


class _Failing:
    """A model that fails at its n-th call."""

    name = "failing"
    capabilities = Capabilities(8192, "gbnf")

    def __init__(self, replies: Sequence[str], at: int, error: Exception) -> None:
        self._inner = ScriptedModel(list(replies))
        self._left, self._error = at, error

    def reply(
        self, messages: Sequence[Message], sampling: Sampling, cancel: Cancel | None = None
    ) -> Iterator[Piece | Reply]:
        self._left -= 1
        if self._left == 0:
            raise self._error
        yield from self._inner.reply(messages, sampling, cancel)

    def close(self) -> None:
        """Nothing is held."""


@pytest.mark.parametrize("at", range(1, 6))
@pytest.mark.parametrize(
    ("error", "reason"),
    [(ModelLost("the worker died"), "model lost"), (ContextOverflow("too long"), "context")],
)
def test_a_lost_model_ends_the_turn_with_its_reason_and_the_quotes(
    at: int, error: Exception, reason: str, make_kit: Callable[[Model], Kit]
) -> None:
    events = go(make_kit(_Failing([*BROWSING, ANSWER], at, error)))
    assert any(isinstance(event, Stopped) and event.reason == reason for event in events)
    shown = answer(events).answer
    if view.quotes(events):
        assert shown.outcome == "partial" and "Clara Voss" in shown.text
    else:
        assert shown.outcome == "declined"


def test_claims_that_fail_twice_are_dropped_and_the_rest_is_shown(
    scripted: Callable[..., Kit],
) -> None:
    draft = "The engineer was Clara Voss [1]. The weir cost 9000 pounds [1]."
    events = go(scripted(*BROWSING, draft, draft))
    shown = answer(events).answer
    assert "9000" not in shown.text and "Clara Voss" in shown.text
    assert shown.outcome == "partial"
    assert any(isinstance(e, Drafted) and "9000" in e.text for e in events)


def test_a_rewrite_with_the_verdicts_in_hand_is_checked_again(
    make_kit: Callable[[Model], Kit],
) -> None:
    model = ScriptedModel([*BROWSING, "It cost 9000 pounds [1].", ANSWER])
    events = go(make_kit(model))
    assert "9000" in model.prompts[-1][-1].content and "unsupported" in str(model.prompts[-1])
    shown = answer(events).answer
    assert shown.outcome == "answered" and "Clara Voss" in shown.text


def test_if_nothing_survives_the_quotes_are_the_answer(scripted: Callable[..., Kit]) -> None:
    events = go(scripted(*BROWSING, "It cost 9000 pounds [1].", "It cost 8000 pounds [1]."))
    shown = answer(events).answer
    assert shown.form == "quotes" and "Clara Voss" in shown.text
    assert "9000" not in shown.text and "8000" not in shown.text


def test_without_any_source_it_declines_and_says_what_it_looked_for(
    scripted: Callable[..., Kit],
) -> None:
    events = go(scripted("search zebra crossings", "search zebras", "finish"))
    shown = answer(events).answer
    assert shown.outcome == "declined" and shown.form == "none"
    assert "zebra crossings" in shown.text and "zebras" in shown.text


def test_without_the_check_every_claim_is_shown_as_unchecked(
    scripted: Callable[..., Kit],
) -> None:
    asked = Asked(QUESTION, policy="model", style="prose", check=False)
    shown = answer(go(scripted(*BROWSING, ANSWER), asked)).answer
    assert {verdict.ruling for verdict in shown.verdicts} == {"unchecked"}


def test_the_guided_policy_needs_no_model_to_browse(scripted: Callable[..., Kit]) -> None:
    events = go(scripted("Clara Voss"), Asked(QUESTION), guided=True)
    assert any("Clara Voss" in quote.text for quote in view.quotes(events))
    shown = answer(events).answer
    assert shown.text.startswith("Clara Voss [")
    assert not [event for event in events if isinstance(event, Refused | Slipped)]


def test_transient_events_are_yielded_and_not_kept(scripted: Callable[..., Kit]) -> None:
    events: list[Event] = [Asked(QUESTION)]
    told = list(run(events, scripted("Clara Voss"), GuidedPolicy()))
    assert any(isinstance(event, Token) for event in told)
    assert any(isinstance(event, Working) for event in told)
    assert not any(isinstance(event, Token | Working) for event in events)
    assert [event for event in told if not isinstance(event, Token | Working)] == events[1:]


def test_steps_cover_browsing_without_gap_or_overlap(scripted: Callable[..., Kit]) -> None:
    events = go(scripted("hm", *BROWSING, ANSWER))
    spans = list(view.steps(events))
    assert spans[0][0] == 1
    assert all(left[1] == right[0] for left, right in pairwise(spans))
    assert isinstance(events[spans[-1][1]], Stopped)
    acts = [event for event in events if isinstance(event, Acted | Slipped)]
    assert len(spans) == len(acts) == 5


@pytest.mark.parametrize(
    ("text", "wanted", "after", "place"),
    [
        ("An  old\nMill. an old mill", "an old mill", 0, (0, 12)),
        ("An  old\nMill. an old mill", "AN OLD MILL", 3, (14, 25)),
        ("only once", "once", 9, (5, 9)),
        ("nothing", "here", 0, None),
        ("nothing", " ", 0, None),
    ],
)
def test_text_is_found_ignoring_case_and_white_space(
    text: str, wanted: str, after: int, place: tuple[int, int] | None
) -> None:
    assert locate(text, wanted, after) == place
