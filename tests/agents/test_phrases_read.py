"""The verifier reads likely phrases as answers, and that decides which may stand before quotes."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from agents import compose, view
from agents.answering import CHOICES, LIKELY, likely
from agents.drafts import drafts
from agents.entailing import ENTAILED, entailed, likeliest, read, reading
from agents.events import Answer, Asked, Event, Measured, Quoted
from agents.guesses import Guess, guesses
from agents.kit import Kit
from agents.loop import run
from agents.phrases import Phrase
from agents.policy import ModelPolicy
from agents.replay import replay
from retrieval.documents import content_id

QUESTION = "Who was the engineer of the weir at Aldmoor?"
BROWSED = ("search engineer weir Aldmoor", "open 1", "quote 1", "quote 3", "finish")
OTHER = "The weir at Aldmoor was finished in 1887 [1]."
PICK = "Clara Voss"
QUOTES = (
    Quoted(1, "a", "a", "a", "The weir at Aldmoor was finished in 1887.", 0, 41),
    Quoted(2, "b", "b", "b", "The engineer of the weir was Clara Voss, who drew its gates.", 0, 60),
)


class Reader:
    """A verifier that is sure of statements that hold `carried`, and of no others."""

    name, scripts = "reader", ("latin",)

    def __init__(self, carried: str) -> None:
        self.carried = carried

    def entailments(self, pairs: Sequence[tuple[str, str]]) -> list[tuple[float, float]]:
        return [(0.97 if self.carried in said else 0.02, 0.01) for _, said in pairs]


def answered(
    scripted: Callable[..., Kit], carried: str, *replies: str, **told: object
) -> tuple[list[Event], Answer]:
    asked = Asked(
        QUESTION, policy="model", style="led", picks=True, verifier="reader", reads=("latin",),
        entailed=True, phrases=CHOICES, strictness=0.0, **told,  # type: ignore[arg-type]
    )  # fmt: skip
    events: list[Event] = [asked]
    kit = replace(scripted(*BROWSED, *replies), verifier=Reader(carried))
    for _ in run(events, kit, ModelPolicy()):
        pass
    shown = view.answered(events)
    assert shown is not None
    return events, shown.answer


def test_the_likeliest_phrase_is_read_first_and_those_to_choose_from_once() -> None:
    found = guesses(QUESTION, [quote.text for quote in QUOTES])
    several = likeliest(QUESTION, QUOTES, CHOICES)
    assert several[:1] == likeliest(QUESTION, QUOTES, 1) == list(found[:1])
    assert len(set(several)) == len(several) and CHOICES <= len(several) <= CHOICES + 1
    pairs = reading(QUESTION, QUOTES, CHOICES)
    assert pairs[:1] == reading(QUESTION, QUOTES)
    for one, (evidence, statement) in zip(several, pairs, strict=True):
        assert evidence == QUOTES[one.index].text and one.phrase.text in statement


def test_what_is_read_is_known_by_its_words_until_more_quotes_come(
    scripted: Callable[..., Kit],
) -> None:
    events, _ = answered(scripted, PICK, OTHER, PICK)
    known = read(events)
    assert known[PICK] == 0.97 and {v for k, v in known.items() if PICK not in k} == {0.02}
    assert entailed(events) == next(iter(known.values()))
    later = [*events, Quoted(3, "c", "c", "c", "Otto Lind was an engineer of weirs.", 0, 35)]
    assert read(later) == known
    (at,) = [n for n, e in enumerate(events) if isinstance(e, Measured) and e.what == ENTAILED]
    assert read(events[:at]) == {}


def test_a_pick_that_its_quote_does_not_carry_as_the_answer_is_not_shown(
    scripted: Callable[..., Kit],
) -> None:
    events, answer = answered(scripted, PICK, OTHER, PICK)
    assert compose.lead(answer.text) == f"{PICK} [2]." and replay(events).equal
    events, answer = answered(scripted, "nobody says this", OTHER)
    assert answer.form != "prose" and answer.text.startswith("“") and replay(events).equal


def test_only_the_likeliest_being_read_changes_nothing_of_what_is_shown(
    scripted: Callable[..., Kit],
) -> None:
    asked = Asked(QUESTION, policy="model", style="led", picks=True, verifier="reader",
                  reads=("latin",), entailed=True, strictness=0.0)  # fmt: skip
    events: list[Event] = [asked]
    kit = replace(scripted(*BROWSED, OTHER, PICK), verifier=Reader("nobody says this"))
    for _ in run(events, kit, ModelPolicy()):
        pass
    shown = view.answered(events)
    assert read(events) == {} and shown is not None
    assert compose.lead(shown.answer.text) == f"{PICK} [2]." and replay(events).equal


def test_the_drafts_of_such_a_run_are_told_again_as_they_were(scripted: Callable[..., Kit]) -> None:
    events, answer = answered(scripted, PICK, OTHER, OTHER, PICK, best_of=2)
    (one,) = drafts(events)
    assert one.text == answer.text and compose.lead(one.text) == f"{PICK} [2]."


DATED = (
    Quoted(1, "a", "a", "a", "The weir at Aldmoor was finished in 1887.", 0, 41),
    Quoted(2, "b", "b", "b", "The weir at Aldmoor was finished in May 1912.", 0, 45),
)


@pytest.mark.parametrize(
    ("read", "shown"),
    [
        ({"1887": 0.9, "1912": 0.9}, False),
        ({"1887": 0.9, "1912": 0.01}, True),
        ({"1887": 0.9}, True),
        ({"1887": 0.9, "in 1887": 0.9}, True),
    ],
    ids=["two answers", "the other is not carried", "it was not read", "the same in other words"],
)
def test_of_two_answers_that_share_nothing_neither_stands(
    read: dict[str, float], shown: bool
) -> None:
    asked = "When was the weir at Aldmoor finished?"
    said = compose.draft("Weirs are wet [1].", asked, DATED, "led", "1887", read)
    assert said.startswith("1887 [1].") is shown
    assert compose.pickable(asked, DATED, read) is shown
    sentence = "The weir at Aldmoor was finished in 1887 [1]."
    told = compose.draft(sentence, asked, DATED, "led", "", read)
    assert (sentence in compose.lead(told)) is shown


def test_of_several_places_of_a_phrase_the_likeliest_counts(scripted: Callable[..., Kit]) -> None:
    asked = "When was the weir finished?"
    quotes = (
        Quoted(1, "a", "a", "a", "The weir at Aldmoor was finished in 1887.", 0, 41),
        Quoted(2, "b", "b", "b", "It was begun in 1880 and finished in 1887 by masons.", 0, 52),
    )
    found = likeliest(asked, quotes, CHOICES)
    assert [one.phrase.text for one in found].count("1887") == 2
    pairs = reading(asked, quotes, CHOICES)
    flat = [n for at in range(len(pairs)) for n in ((0.9, 0.05) if at == 0 else (0.02, 0.05))]
    digest = content_id(*(text for pair in pairs for text in pair))
    told = Asked(asked, entailed=True, phrases=CHOICES)
    events: list[Event] = [told, *quotes, Measured(ENTAILED, digest, tuple(flat))]
    assert read(events)[found[0].phrase.text] == 0.9
    other: list[Event] = [told, *quotes, Measured(ENTAILED, "another program's", tuple(flat))]
    assert read(other) == {}


@pytest.mark.parametrize(
    ("odds", "carried", "shown"),
    [
        (LIKELY, None, True),
        (LIKELY - 0.01, None, False),
        (0.6, 0.01, False),
        (0.1, 0.9, True),
        (0.02, 0.9, False),
        (0.5, 0.5, True),
    ],
)
def test_odds_and_what_was_read_are_weighed_together(
    odds: float, carried: float | None, shown: bool
) -> None:
    guess = Guess(0, Phrase("Clara Voss", 0, 10), odds)
    assert likely(guess, QUESTION, carried) is shown
    assert not likely(guess, "Who was not the engineer of the weir?", carried)
    assert not likely(guess, "When was the weir at Aldmoor finished?", carried)
