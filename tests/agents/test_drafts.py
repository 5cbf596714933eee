"""Drafts of best of n are told again from the events: all of them, as the judges ruled on them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from agents.asked import Style
from agents.drafts import Draft, drafts
from agents.dropping import failing
from agents.events import Asked, Drafted, Event, Measured, Replied
from agents.kit import Kit
from agents.loop import run
from agents.models.base import Model
from agents.models.scripted import ScriptedModel
from agents.policy import ModelPolicy

QUESTION = "Who was the engineer of the weir at Aldmoor?"
BROWSED = ("search engineer weir Aldmoor", "open 1", "quote 3", "quote 1", "finish")
RIGHT = "The engineer of the weir was Clara Voss [1]."
WRONG = "The engineer of the weir was Otto Lind [1]."
NEAR = "Clara Voss designed the weir and its gates [1]."


class Reader:
    """A verifier that holds what names Clara to be carried."""

    name, scripts = "reader", ("latin",)

    def entailments(self, pairs: Sequence[tuple[str, str]]) -> Iterator[tuple[float, float]]:
        return iter([(0.9, 0.01) if "Clara" in claim else (0.01, 0.9) for _, claim in pairs])


def told(kit: Kit, style: Style = "prose", best_of: int = 3, check: bool = True) -> list[Event]:
    verifier = kit.verifier.name if kit.verifier else ""
    reads = kit.verifier.scripts if kit.verifier else ()
    asked = Asked(QUESTION, policy="model", style=style, best_of=best_of, check=check)
    events: list[Event] = [replace(asked, verifier=verifier, reads=reads)]
    for _ in run(events, kit, ModelPolicy()):
        pass
    return events


def fails(made: Sequence[Draft]) -> dict[str, bool]:
    return {one.reply: bool(failing(one.verdicts)) for one in made}


def test_every_different_draft_is_told_with_its_rulings(scripted: Callable[..., Kit]) -> None:
    made = drafts(told(scripted(*BROWSED, WRONG, RIGHT, WRONG)))
    assert fails(made) == {WRONG: True, RIGHT: False}
    assert [one.text for one in made] == [WRONG, RIGHT]


def test_scores_of_embedder_and_verifier_are_those_of_the_record(
    make_kit: Callable[[Model], Kit],
) -> None:
    kit = replace(make_kit(ScriptedModel([*BROWSED, WRONG, NEAR, RIGHT])), verifier=Reader())
    events = told(kit)
    assert fails(drafts(events)) == {WRONG: True, NEAR: False, RIGHT: False}
    assert {event.what for event in events if isinstance(event, Measured)} >= {"check", "verify"}
    lost = [event for event in events if not isinstance(event, Measured)]
    assert len(drafts(lost)) == 3 and not any(one.verdicts for one in drafts(lost))


def test_what_a_weak_model_leads_in_is_told_with_what_it_picked(
    scripted: Callable[..., Kit],
) -> None:
    events = told(scripted(*BROWSED, "Weirs are wet [1].", RIGHT, RIGHT, "Clara Voss"), "led")
    made = drafts(events)
    (chosen,) = [event for event in events if isinstance(event, Drafted)]
    assert [one.reply for one in made] == ["Weirs are wet [1].", RIGHT]
    assert chosen.text in {one.text for one in made}
    assert all("“" in one.text for one in made)


def test_one_draft_alone_is_none_of_several(scripted: Callable[..., Kit]) -> None:
    assert drafts(told(scripted(*BROWSED, RIGHT), best_of=1)) == ()
    assert drafts([Asked(QUESTION)]) == ()


def test_drafts_that_voted_have_no_rulings(scripted: Callable[..., Kit]) -> None:
    made = drafts(told(scripted(*BROWSED, WRONG, RIGHT, RIGHT), check=False))
    assert [(one.reply, one.verdicts) for one in made] == [(WRONG, ()), (RIGHT, ())]


def test_a_choice_that_is_not_made_again_tells_nothing(scripted: Callable[..., Kit]) -> None:
    events = told(scripted(*BROWSED, WRONG, RIGHT, RIGHT))
    changed = [replace(e, text=NEAR) if isinstance(e, Replied) and e.text == RIGHT else e
               for e in events]  # fmt: skip
    assert drafts(events) and drafts(changed) == ()
