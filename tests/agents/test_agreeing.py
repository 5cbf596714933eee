"""Agreement: what the other drafts say of a claim that no judge is sure of."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from agents import view
from agents.check.agreeing import disagreed, share
from agents.events import Answered, Asked, Claim, Event, Judged, Ruling, Verdict
from agents.kit import Kit
from agents.loop import run
from agents.policy import ModelPolicy
from agents.replay import replay

QUESTION = "Who was the engineer of the weir at Aldmoor?"
BROWSED = ("search engineer weir Aldmoor", "open 1", "quote 3", "quote 1", "finish")
RIGHT = "The engineer of the weir was Clara Voss [1]."
ODD = "The weir at Aldmoor was at last finished by local masons [2]."


class Unsure:
    """Reads everything as likelier carried than not."""

    name, scripts = "unsure", ()

    def entailments(self, pairs: Sequence[tuple[str, str]]) -> Sequence[tuple[float, float]]:
        return [(0.9, 0.05) for _ in pairs]


def verdict(sure: float = 0.6, ruling: Ruling = "supported", judge: str = "verifier") -> Verdict:
    claim = Claim("The engineer was Clara Voss [2].", 0, 32, (2,))
    return Verdict(claim, ruling, judge, sure, "", 2)


@pytest.mark.parametrize(
    ("drafts", "expected"),
    [
        (["The engineer was Clara Voss [1].", "Nobody knows."], 0.0),
        (["The engineer was Clara Voss [1]."] * 2 + ["Nobody knows."] * 2, 1 / 3),
        (["The engineer was Clara Voss, who drew gates [9]."] * 4, 1.0),
        (["The engineer was Otto Lind [2]."] * 4, 0.0),
    ],
)
def test_the_share_is_of_drafts_besides_its_own(drafts: list[str], expected: float) -> None:
    assert share(verdict().claim, drafts) == pytest.approx(expected)


SAY, DENY = "The engineer was Clara Voss [1].", "The engineer was Otto Lind [2]."


@pytest.mark.parametrize(
    ("found", "drafts", "taken"),
    [
        (verdict(), [SAY, SAY, DENY, DENY, DENY], True),
        (verdict(), [SAY, SAY, SAY, DENY, DENY], False),
        (verdict(), [SAY, DENY, DENY], False),
        (verdict(), ["It was Clara Voss who was the engineer [1].", DENY, DENY, DENY], False),
        (verdict(0.95), [SAY, DENY, DENY, DENY], False),
        (verdict(judge="containment"), [SAY, DENY, DENY, DENY], False),
        (verdict(judge="critic"), [SAY, DENY, DENY, DENY], False),
        (verdict(ruling="unsupported"), [SAY] * 5, False),
        (verdict(ruling="unchecked"), [SAY] * 5, False),
    ],
    ids=[
        "few say it",
        "half say it",
        "too few drafts",
        "rewritten",
        "sure",
        "facts",
        "critic",
        "refused",
        "unchecked",
    ],
)
def test_only_a_doubtful_support_that_few_say_is_taken_back(
    found: Verdict, drafts: list[str], taken: bool
) -> None:
    changed = list(disagreed([found], drafts))
    assert [one.claim for one in changed] == [found.claim] * taken
    assert {(one.ruling, one.judge) for one in changed} <= {("unsupported", "agreement")}


def told(kit: Kit, agreement: bool) -> list[Event]:
    asked = Asked(QUESTION, policy="model", style="prose", best_of=4, verifier="unsure")
    events: list[Event] = [replace(asked, agreement=agreement)]
    for _ in run(events, replace(kit, verifier=Unsure()), ModelPolicy()):
        pass
    return events


@pytest.mark.parametrize("agreement", [True, False])
def test_a_run_takes_back_what_one_draft_alone_says(
    scripted: Callable[..., Kit], agreement: bool
) -> None:
    both = f"{RIGHT} {ODD}"
    events = told(scripted(*BROWSED, both, RIGHT, RIGHT, RIGHT, *[RIGHT] * 4), agreement)
    assert view.drafts(events) == (both, RIGHT, RIGHT, RIGHT)
    answered = events[-1]
    assert isinstance(answered, Answered) and RIGHT in answered.answer.text
    assert (ODD in answered.answer.text) is not agreement
    judges = {event.verdict.judge for event in events if isinstance(event, Judged)}
    assert ("agreement" in judges) is agreement
    assert replay(events).equal
