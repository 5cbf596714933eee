"""The verifier reads the likeliest answer before anything is written, and that counts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from agents import view
from agents.entailing import ENTAILED, entailed, reading
from agents.events import Answer, Asked, Event, Measured, Stopped
from agents.kit import Kit
from agents.loop import run
from agents.policy import ModelPolicy
from agents.replay import replay
from agents.sufficiency import sufficiency

QUESTION = "Who was the engineer of the weir at Aldmoor?"
BROWSING = ("search engineer weir Aldmoor", "open 1", "quote 3", "finish")


@dataclass
class Reader:
    """A verifier that is always as sure, and keeps what it was asked."""

    sure: float = 0.9
    name: str = "reader"
    scripts: tuple[str, ...] = ("latin",)
    seen: list[tuple[str, str]] = field(default_factory=list)

    def entailments(self, pairs: Sequence[tuple[str, str]]) -> list[tuple[float, float]]:
        self.seen += pairs
        return [(self.sure, 0.05) for _ in pairs]


def answered(kit: Kit, question: str = QUESTION, **told: object) -> tuple[list[Event], Answer]:
    asked = Asked(question, policy="model", verifier="reader", reads=("latin",))
    events: list[Event] = [replace(asked, **told)]  # type: ignore[arg-type]
    for _ in run(events, kit, ModelPolicy()):
        pass
    shown = view.answered(events)
    assert shown is not None
    return events, shown.answer


def measured(events: Sequence[Event]) -> list[int]:
    """Where the events hold what was read."""
    return [n for n, e in enumerate(events) if isinstance(e, Measured) and e.what == ENTAILED]


def test_the_quote_is_read_with_the_statement_that_its_likeliest_phrase_makes(
    scripted: Callable[..., Kit],
) -> None:
    reader = Reader()
    kit = replace(scripted(*BROWSING, "Clara Voss"), verifier=reader)
    events, answer = answered(kit, entailed=True)
    (at,) = measured(events)
    assert isinstance(events[at - 1], Stopped) and entailed(events) == 0.9
    evidence, statement = reader.seen[0]
    assert evidence == answer.quotes[0].text
    assert "Clara Voss" in statement and "engineer of the weir at Aldmoor" in statement
    assert replay(events).equal


def test_nobody_reads_unless_the_run_asks_for_it_in_a_language_that_phrases_know(
    scripted: Callable[..., Kit],
) -> None:
    kit = replace(scripted(*BROWSING, "Clara Voss"), verifier=Reader())
    events, _ = answered(kit)
    assert not measured(events) and replay(events).equal
    without, _ = answered(scripted(*BROWSING, "Clara Voss"), entailed=True)
    assert not measured(without)
    assert reading("大桥是哪一年开通的？", view.quotes(events)) == []
    assert reading(QUESTION, ()) == []


def test_a_quote_about_the_matter_that_does_not_answer_is_declined_by_who_asks_for_more(
    scripted: Callable[..., Kit],
) -> None:
    def asked(sure: float, strictness: float = 0.0) -> tuple[float, str]:
        kit = replace(scripted(*BROWSING, "Clara Voss"), verifier=Reader(sure))
        events, answer = answered(kit, entailed=True, strictness=strictness)
        return sufficiency(events).probability, answer.outcome

    low, high = asked(0.01)[0], asked(0.99)[0]
    between = (low + high) / 2
    assert asked(0.01, between) == (low, "declined")
    assert asked(0.99, between)[1] != "declined" and low < high
