"""Somebody's own text is checked as it stands: claims, quotes, verdicts, and no rewriting."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from agents import view
from agents.actions import Open, Search
from agents.codec import dump, load
from agents.events import (
    Acted,
    Answer,
    Answered,
    Asked,
    Claimed,
    Drafted,
    Event,
    Judged,
    Limits,
    Prompted,
    Quoted,
    Refused,
    Revised,
    Stopped,
)
from agents.kit import Kit
from agents.loop import run
from agents.replay import policy_for, replay
from agents.sayings import language_of
from agents.verifying import CLAIMS, ClaimPolicy, queries

TEXT = (
    "The weir at Aldmoor was finished in 1887 [7]. The engineer of the weir was Otto Prinz. "
    "The apple fair of Tarn is held every October."
)
WIDE = Limits(steps=400, quoted_characters=40_000)


def checked(kit: Kit, text: str, **options: Any) -> list[Event]:
    asked = Asked(text, task="verify", style="prose", limits=WIDE, language=language_of(text))
    events: list[Event] = [replace(asked, **options)]
    for _ in run(events, kit, ClaimPolicy()):
        pass
    return events


def shown(events: Sequence[Event]) -> Answer:
    last = events[-1]
    assert isinstance(last, Answered), events[-3:]
    return last.answer


@pytest.fixture
def kit(scripted: Callable[..., Kit]) -> Kit:
    return scripted()


def test_every_claim_gets_its_verdict_and_the_text_stays(kit: Kit) -> None:
    events = checked(kit, TEXT)
    answer = shown(events)
    assert answer.text == TEXT and answer.form == "prose" and answer.outcome == "partial"
    rulings = [verdict.ruling for verdict in answer.verdicts]
    assert rulings[0] == rulings[2] == "supported" and rulings[1] in ("contradicted", "unsupported")
    for verdict in answer.verdicts:
        claim = verdict.claim
        assert TEXT[claim.start : claim.end] == claim.text
        assert (
            set(claim.cites) <= {quote.number for quote in answer.quotes} and 7 not in claim.cites
        )
    quoted = " ".join(quote.text for quote in answer.quotes)
    assert "1887" in quoted and "Clara Voss" in quoted and "October" in quoted
    assert "2" in answer.because and "3" in answer.because


def test_nothing_is_asked_of_a_model_and_nothing_is_written(kit: Kit) -> None:
    events = checked(kit, TEXT)
    assert not any(isinstance(event, Prompted | Drafted | Revised | Refused) for event in events)
    assert [event.query for event in view.searches(events)] == queries(TEXT)
    assert {event.round for event in events if isinstance(event, Claimed | Judged)} == {0}
    assert view.stopped(events) == Stopped("finished")


def test_a_text_that_holds_is_answered(kit: Kit) -> None:
    answer = shown(checked(kit, "The weir at Aldmoor was finished in 1887."))
    assert (answer.outcome, answer.because) == ("answered", "")


@pytest.mark.parametrize("text", ["Quarks zigzag merrily.", "Quarks zigzag. Gluons wobble."])
def test_without_a_quote_nothing_is_checked(text: str, kit: Kit) -> None:
    events = checked(kit, text)
    answer = shown(events)
    assert answer.outcome == "declined" and not answer.quotes and answer.because
    assert {verdict.ruling for verdict in answer.verdicts} == {"unchecked"}
    assert all(verdict.because and verdict.confidence == 0 for verdict in answer.verdicts)
    assert view.stopped(events) == Stopped("finished") and replay(events).equal


def test_a_claim_of_which_nothing_was_found_is_unchecked(kit: Kit) -> None:
    answer = shown(checked(kit, "The weir at Aldmoor was finished in 1887. Quarks zigzag merrily."))
    assert [verdict.ruling for verdict in answer.verdicts] == ["supported", "unchecked"]
    assert answer.outcome == "partial"


def test_the_same_sentence_serves_many_claims(kit: Kit) -> None:
    text = " ".join(f"The weir at Aldmoor was finished in {1880 + n}." for n in range(8))
    events = checked(kit, text)
    assert not any(isinstance(event, Refused) for event in events)
    assert len(view.searches(events)) == 8
    answer = shown(events)
    assert [v.ruling for v in answer.verdicts].count("supported") == 1
    assert answer.verdicts[7].ruling == "supported" and replay(events).equal


def test_of_a_long_text_the_first_claims_are_checked(kit: Kit) -> None:
    text = " ".join(f"The mill number {n} stood by the weir [1]." for n in range(CLAIMS + 3))
    events = checked(kit, text)
    answer = shown(events)
    assert len(answer.verdicts) == CLAIMS + 3 and len(view.searches(events)) == CLAIMS
    assert all(v.ruling == "unchecked" and v.because for v in answer.verdicts[CLAIMS:])
    assert str(CLAIMS) in answer.because and str(CLAIMS + 3) in answer.because
    assert answer.outcome == "partial" and replay(events).equal


def test_a_source_that_fails_leaves_claims_unchecked(kit: Kit, shelf: Any) -> None:
    shelf.broken = True
    events = checked(kit, TEXT)
    assert shown(events).outcome == "declined" and replay(events).equal


def test_a_check_that_runs_out_says_so(kit: Kit) -> None:
    answer = shown(checked(kit, TEXT, limits=replace(WIDE, steps=3)))
    assert answer.outcome == "partial" and "steps" in answer.because


@pytest.mark.parametrize("look", range(1, 16))
def test_a_check_that_is_stopped_ends_and_replays(look: int, kit: Kit, hand: Any) -> None:
    hand.stop_at = look
    events = checked(kit, TEXT)
    assert events[-1] == Stopped("cancelled") or isinstance(events[-1], Answered)
    assert replay(events).equal


def test_a_check_replays_from_its_stored_form(kit: Kit) -> None:
    events = checked(kit, TEXT)
    again = [load(dump(event)) for event in events]
    assert again == events and replay(again).equal
    assert isinstance(policy_for(view.asked(events)), ClaimPolicy)
    for length in range(1, len(events)):
        assert replay(events[:length]).equal


@pytest.mark.parametrize("kind", [Acted, Quoted, Claimed, Judged, Answered])
def test_a_changed_check_is_named_by_the_replay(kind: type, kit: Kit) -> None:
    events = checked(kit, TEXT)
    at = next(n for n, event in enumerate(events) if isinstance(event, kind))
    changes: dict[type, Any] = {
        Acted: {"action": Search("other words")},
        Quoted: {"text": "other words"},
        Claimed: {"round": 1},
        Judged: {"round": 1},
        Answered: {"answer": replace(shown(events), outcome="answered")},
    }
    other = [*events[:at], replace(events[at], **changes[kind]), *events[at + 1 :]]
    assert (replay(other).equal, replay(other).step) == (False, at)


def test_a_page_is_opened_for_every_claim(kit: Kit) -> None:
    events = checked(kit, TEXT)
    opened = [act for act in view.actions(events) if isinstance(act, Open)]
    assert len(opened) >= len(view.searches(events))


def test_a_chinese_text_is_spoken_of_in_chinese(kit: Kit) -> None:
    answer = shown(checked(kit, "夸克总是乱跑。胶子总是摇晃。"))
    assert language_of(answer.because) == "zh"
    assert all(language_of(verdict.because) == "zh" for verdict in answer.verdicts)
