"""Best of n with a reward: it decides among drafts that fail equally little, and replays alone."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from agents.events import Asked, Drafted, Event, Measured, Quoted, Verdict
from agents.kit import RANKED, Kit
from agents.loop import run
from agents.policy import ModelPolicy
from agents.replay import replay

QUESTION = "Who was the engineer of the weir at Aldmoor?"
BROWSED = ("search engineer weir Aldmoor", "open 1", "quote 3", "quote 1", "finish")
RIGHT = "The engineer of the weir was Clara Voss [1]."
WRONG = "The engineer of the weir was Otto Lind [1]."
OTHER = "The weir at Aldmoor was finished in 1887 [2]."

Drafts = Sequence[tuple[str, Sequence[Verdict]]]


class Shortest:
    """A reward that likes short texts, and remembers what it was shown."""

    name = "shortest"

    def __init__(self) -> None:
        self.shown: list[tuple[str, int]] = []

    def rank(self, question: str, quotes: Sequence[Quoted], drafts: Drafts) -> Sequence[float]:
        assert question == QUESTION and quotes
        self.shown = [(text, len(verdicts)) for text, verdicts in drafts]
        return [-float(len(text)) for text, _ in drafts]


def told(kit: Kit, best_of: int, **asked: object) -> list[Event]:
    events: list[Event] = [
        Asked(QUESTION, policy="model", style="prose", best_of=best_of, **asked)  # type: ignore[arg-type]
    ]
    for _ in run(events, kit, ModelPolicy()):
        pass
    return events


def drafted(events: Sequence[Event]) -> Drafted:
    (one,) = [event for event in events if isinstance(event, Drafted)]
    return one


def ranked(events: Sequence[Event]) -> list[Measured]:
    return [e for e in events if isinstance(e, Measured) and e.what == RANKED]


def test_the_reward_decides_where_the_judges_let_all_stand(scripted: Callable[..., Kit]) -> None:
    both = f"{RIGHT} {OTHER}"
    alone = told(scripted(*BROWSED, both, RIGHT), 2)
    assert (drafted(alone).text, drafted(alone).ranker) == (both, "")
    ranker = Shortest()
    events = told(replace(scripted(*BROWSED, both, RIGHT), ranker=ranker), 2, ranker="shortest")
    assert ranker.shown == [(both, 2), (RIGHT, 1)]
    assert drafted(events) == Drafted(RIGHT, 2, 1.0, "shortest")
    (scores,) = ranked(events)
    assert scores.scores == (-float(len(both)), -float(len(RIGHT)))


def test_a_reward_never_puts_more_failing_claims_first(scripted: Callable[..., Kit]) -> None:
    right = f"{RIGHT} {OTHER}"
    kit = replace(scripted(*BROWSED, WRONG, right), ranker=Shortest())
    assert drafted(told(kit, 2, ranker="shortest")).text == right


def test_a_ranked_run_is_played_again_without_the_reward(scripted: Callable[..., Kit]) -> None:
    kit = replace(scripted(*BROWSED, f"{RIGHT} {OTHER}", RIGHT, RIGHT), ranker=Shortest())
    events = told(kit, 3, ranker="shortest")
    assert drafted(events).text == RIGHT and replay(events).equal
    at = events.index(ranked(events)[0])
    other = replace(ranked(events)[0], scores=(0.0, -1.0))
    assert replay([*events[:at], other, *events[at + 1 :]]).step == events.index(drafted(events))
    assert not replay([*events[:at], *events[at + 1 :]]).equal


def test_nothing_is_ranked_where_there_is_nothing_to_choose(scripted: Callable[..., Kit]) -> None:
    same = told(replace(scripted(*BROWSED, RIGHT, RIGHT), ranker=Shortest()), 2, ranker="shortest")
    assert not ranked(same) and drafted(same).ranker == "" and replay(same).equal
    kit = replace(scripted(*BROWSED, OTHER, RIGHT, RIGHT), ranker=Shortest())
    unchecked = told(kit, 3, ranker="shortest", check=False)
    assert not ranked(unchecked) and drafted(unchecked).text == RIGHT
