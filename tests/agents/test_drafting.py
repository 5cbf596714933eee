"""Best of n: several drafts over one prompt, of which the judges choose one."""

from collections.abc import Callable, Sequence

import pytest

from agents import view
from agents.drafting import WARM, agreement
from agents.events import Answered, Asked, Drafted, Event, Judged, Prompted, Replied
from agents.kit import Kit
from agents.loop import run
from agents.models.base import Model, Sampling
from agents.models.scripted import ScriptedModel
from agents.policy import ModelPolicy
from agents.replay import replay

QUESTION = "Who was the engineer of the weir at Aldmoor?"
BROWSED = ("search engineer weir Aldmoor", "open 1", "quote 3", "quote 1", "finish")
RIGHT = "The engineer of the weir was Clara Voss [1]."
WRONG = "The engineer of the weir was Otto Lind [1]."
OTHER = "The weir at Aldmoor was finished in 1887 [2]."


def told(kit: Kit, best_of: int, check: bool = True) -> list[Event]:
    asked = Asked(QUESTION, policy="model", style="prose", best_of=best_of, check=check)
    events: list[Event] = [asked]
    for _ in run(events, kit, ModelPolicy()):
        pass
    return events


def drafted(events: Sequence[Event]) -> Drafted:
    (one,) = [event for event in events if isinstance(event, Drafted)]
    return one


def test_the_draft_that_the_judges_like_best_goes_on(scripted: Callable[..., Kit]) -> None:
    events = told(scripted(*BROWSED, WRONG, RIGHT, f"{RIGHT} {OTHER}"), 3)
    one = drafted(events)
    assert (one.text, one.of) == (f"{RIGHT} {OTHER}", 3)
    answered = events[-1]
    assert isinstance(answered, Answered) and "Otto" not in answered.answer.text
    assert replay(events).equal


def test_all_are_written_over_one_prompt_the_first_greedily(
    make_kit: Callable[[Model], Kit],
) -> None:
    model = ScriptedModel([*BROWSED, RIGHT, RIGHT, RIGHT, RIGHT])
    events = told(make_kit(model), 4)
    writing = [e for e in events if isinstance(e, Prompted) and e.phase == "write"]
    assert len(writing) == 1
    at = events.index(writing[0])
    assert all(isinstance(event, Replied) for event in events[at + 1 : at + 5])
    drawn: Sequence[Sampling] = model.samplings[-4:]
    assert [(s.temperature, s.seed) for s in drawn] == [(0.0, 0), *((WARM, n) for n in (1, 2, 3))]


def test_of_equals_the_one_that_most_say_is_taken(scripted: Callable[..., Kit]) -> None:
    events = told(scripted(*BROWSED, OTHER, RIGHT, RIGHT), 3)
    assert drafted(events) == Drafted(RIGHT, 3, 0.5)


def test_without_the_check_the_drafts_vote(scripted: Callable[..., Kit]) -> None:
    events = told(scripted(*BROWSED, OTHER, RIGHT, RIGHT), 3, check=False)
    assert drafted(events).text == RIGHT


def test_drafts_that_disagree_make_the_answer_partial(scripted: Callable[..., Kit]) -> None:
    events = told(scripted(*BROWSED, WRONG, OTHER, RIGHT, WRONG), 4)
    answered = view.answered(events)
    assert answered is not None and answered.answer.outcome == "partial"
    assert drafted(events).agreement == 0.0


def test_judging_the_drafts_leaves_no_verdicts_of_those_not_chosen(
    scripted: Callable[..., Kit],
) -> None:
    events = told(scripted(*BROWSED, WRONG, RIGHT), 2)
    said = [event.verdict.claim.text for event in events if isinstance(event, Judged)]
    assert said == [RIGHT]


def test_a_stop_while_drafts_are_written_shows_none(
    scripted: Callable[..., Kit], hand: "pytest.FixtureRequest"
) -> None:
    kit = scripted(*BROWSED, RIGHT, RIGHT)
    events: list[Event] = [Asked(QUESTION, policy="model", style="prose", best_of=2)]
    for event in run(events, kit, ModelPolicy()):
        if isinstance(event, Prompted) and event.phase == "write":
            hand.stopped = True  # type: ignore[attr-defined]
    assert view.answered(events) is None and view.state(events) == "stopped"


@pytest.mark.parametrize(
    ("text", "others", "share"),
    [
        (RIGHT, [], 1.0),
        (RIGHT, [RIGHT, WRONG], 0.5),
        (RIGHT, [f"{RIGHT} {OTHER}"], 1.0),
        (f"{RIGHT} {OTHER}", [RIGHT], 0.0),
        (RIGHT, [WRONG], 0.0),
    ],
)
def test_agreement_is_the_share_of_others_that_say_the_same(
    text: str, others: list[str], share: float
) -> None:
    assert agreement(text, [text, *others]) == share
