"""Repairs of a draft: each kind of repair, their order, and that no round makes an answer worse."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents import view
from agents.citing import recite
from agents.claims import split
from agents.dropping import failing
from agents.events import (
    Acted,
    Answered,
    Asked,
    Claim,
    Drafted,
    Event,
    Judged,
    Limits,
    Revised,
    Ruling,
    Verdict,
)
from agents.kit import Kit
from agents.loop import run
from agents.policy import ModelPolicy
from agents.replay import replay
from agents.revising import Version
from retrieval.documents import Document

QUESTION = "Who was the engineer of the weir at Aldmoor?"
GATES = ("search weir gate rebuilt", "open 1", "quote 1", "quote 2", "finish")
BROWSED = ("search engineer weir Aldmoor", "open 1", "quote 3", "quote 1", "finish")
ENGINEER = "The engineer of the weir was Clara Voss [1]."


@pytest.fixture
def gates(shelf: Any) -> None:
    """A page on the weir whose sentences differ in their facts alone."""
    north = "The north gate of the weir was rebuilt in 1901."
    south = "The south gate of the weir was rebuilt in 1925."
    shelf.documents = [Document("gates.md", "gates", f"{north} {south}")]


def told(kit: Kit, rounds: int = 2) -> list[Event]:
    asked = Asked(QUESTION, policy="model", style="prose", limits=Limits(rewrites=rounds))
    events: list[Event] = [asked]
    for _ in run(events, kit, ModelPolicy()):
        pass
    return events


def repairs(events: Sequence[Event]) -> list[str]:
    return [event.how for event in events if isinstance(event, Revised)]


def shown(events: Sequence[Event]) -> str:
    answered = events[-1]
    assert isinstance(answered, Answered)
    assert not failing(answered.answer.verdicts)
    return answered.answer.text


def test_a_claim_is_pointed_to_the_quote_that_carries_it(
    scripted: Callable[..., Kit], gates: None
) -> None:
    events = told(scripted(*GATES, "The south gate of the weir was rebuilt in 1925 [1]."))
    assert repairs(events) == ["cite"]
    assert shown(events) == "The south gate of the weir was rebuilt in 1925 [2]."
    assert view.answered(events).answer.outcome == "answered"  # type: ignore[union-attr]


def test_what_the_quotes_lack_is_looked_for_once(scripted: Callable[..., Kit]) -> None:
    fair = "The apple fair of Tarn is held every October [1]."
    events = told(scripted(*BROWSED, f"{ENGINEER} {fair}"))
    drafted = next(i for i, event in enumerate(events) if isinstance(event, Drafted))
    assert any(isinstance(event, Acted) for event in events[drafted:])
    third = view.quotes(events)[2]
    assert third.title == "fair" and "October" in third.text
    assert repairs(events) == ["cite"]
    assert shown(events) == f"{ENGINEER} {fair.replace('[1]', '[3]')}"
    assert replay(events).equal


def test_the_order_of_repairs_ends_with_dropping(scripted: Callable[..., Kit]) -> None:
    wrong = "The weir was painted blue by Otto Lind [2]."
    events = told(scripted(*BROWSED, *[f"{ENGINEER} {wrong}"] * 3))
    assert repairs(events)[0] == "rewrite" and "drop" in repairs(events)
    text = shown(events)
    assert text.startswith(ENGINEER) and "Otto" not in text
    assert replay(events).equal


def test_a_dropped_claim_leaves_its_quote_in_its_place(scripted: Callable[..., Kit]) -> None:
    wrong = "The weir at Aldmoor was finished in 1920 [2]."
    events = told(scripted(*BROWSED, *[f"{ENGINEER} {wrong}"] * 3))
    assert repairs(events)[-2:] == ["drop", "quote"]
    assert "“The weir at Aldmoor was finished in 1887.” [2]" in shown(events)
    assert view.answered(events).answer.outcome == "partial"  # type: ignore[union-attr]


def test_a_rewrite_that_is_worse_is_not_taken(scripted: Callable[..., Kit]) -> None:
    draft = f"{ENGINEER} The weir was painted blue by Otto Lind [2]."
    worse = "Otto Lind drew it [1]. Otto Lind paid for it [1]. Otto Lind lives there [2]."
    events = told(scripted(*BROWSED, draft, worse, worse))
    assert shown(events).startswith(ENGINEER) and "Otto" not in shown(events)


def test_rounds_end_where_nothing_gets_better(scripted: Callable[..., Kit]) -> None:
    draft = f"{ENGINEER} The weir was painted blue by Otto Lind [2]."
    events = told(scripted(*BROWSED, *[draft] * 9), rounds=5)
    assert repairs(events).count("rewrite") == 1


def test_no_round_means_that_what_fails_is_dropped(scripted: Callable[..., Kit]) -> None:
    draft = f"{ENGINEER} The weir was painted blue by Otto Lind [2]."
    events = told(scripted(*BROWSED, draft), rounds=0)
    assert repairs(events)[0] == "drop"


def test_trials_of_other_quotes_are_no_verdicts(scripted: Callable[..., Kit], gates: None) -> None:
    events = told(scripted(*GATES, "The south gate of the weir was rebuilt in 1925 [1]."))
    judged = [event for event in events if isinstance(event, Judged)]
    assert [(event.round, event.verdict.ruling) for event in judged] == [
        (0, "contradicted"), (1, "supported"),
    ]  # fmt: skip


def test_a_stop_while_evidence_is_looked_for_shows_nothing(
    scripted: Callable[..., Kit], hand: Any
) -> None:
    kit = scripted(*BROWSED, f"{ENGINEER} The apple fair of Tarn is held every October [1].")
    events: list[Event] = [Asked(QUESTION, policy="model", style="prose")]
    for event in run(events, kit, ModelPolicy()):
        if isinstance(event, Acted) and any(isinstance(e, Drafted) for e in events):
            hand.stopped = True
    assert view.answered(events) is None and view.state(events) == "stopped"


def test_marks_on_which_others_lean_stay() -> None:
    text = "The weir is old, and it was finished in 1887 [1]. It is grey [1]."
    claims = split(text)
    assert recite(text, claims, {claims[1].start: 2}).count("[1]") == 2
    assert recite(text, claims, {claims[-1].start: 2}).endswith("It is grey [2].")


@given(st.lists(st.sampled_from(["A b [1].", "C d e [2][3].", "F g.", "H, i [1]"]), min_size=1))
def test_reciting_changes_marks_alone(parts: list[str]) -> None:
    text = " ".join(parts)
    claims = split(text)
    made = recite(text, claims, {claim.start: 7 for claim in claims})
    bare = str.maketrans("", "", " [].0123456789")
    assert made.translate(bare) == text.translate(bare)
    assert all(7 in claim.cites for claim in split(made))


def test_worth_prefers_fewer_failing_claims_then_more_supported() -> None:
    def version(*rulings: Ruling) -> Version:
        claim = Claim("x", 0, 1, (1,))
        return Version("x", tuple(Verdict(claim, ruling, "test", 1.0) for ruling in rulings))

    ranked = [
        version("supported", "supported"),
        version("supported", "unchecked"),
        version("supported", "supported", "supported", "unsupported"),
        version("unchecked"),
        version("unsupported", "contradicted"),
    ]
    assert sorted(ranked, key=lambda one: one.worth, reverse=True) == ranked


def test_what_was_looked_up_in_vain_is_not_shown(scripted: Callable[..., Kit]) -> None:
    vain = "Some people say nothing at all about any of it."
    events = told(scripted(*BROWSED, *[vain] * 3))
    answered = view.answered(events)
    assert answered is not None and answered.answer.form == "quotes"
    assert [quote.title for quote in answered.answer.quotes] == ["weir", "weir"]
    assert len(view.quotes(events)) == 2, "few words of the claim are no evidence"
