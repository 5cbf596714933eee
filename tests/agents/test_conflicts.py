"""Quotes that contradict each other are told as a conflict, and those that agree are not."""

import pytest

from agents.answers import Answer, Conflict, Premise, Quoted
from agents.conflicts import conflicts
from agents.noting import notes


def quote(number: int, text: str, document: str = "", title: str = "") -> Quoted:
    where = document or f"d{number}"
    return Quoted(number, where, where, title, text, 0, len(text))


OPENED = "When was the Harbour Bridge opened?"


@pytest.mark.parametrize(
    ("question", "one", "other", "difference", "said", "instead"),
    [
        (
            OPENED,
            "The Harbour Bridge was opened in March 1932 by the Premier.",
            "After nine years the Harbour Bridge was opened on 4 April 1933.",
            "date", "March 1932", "4 April 1933",
        ),
        (
            "How many workers built the bridge?",
            "About the bridge it is known that 1,400 workers built it.",
            "Built by 2,100 workers, the bridge took eight years.",
            "number", "1,400", "2,100",
        ),
        (
            "Who designed the Harbour Bridge?",
            "The Harbour Bridge was designed by John Bradfield in the year of the flood.",
            "The Harbour Bridge was designed by Ralph Freeman in the year of the flood.",
            "name", "John Bradfield", "Ralph Freeman",
        ),
        (
            "Is the ferry to the island open in winter?",
            "The ferry to the island is open in winter and on all holidays.",
            "The ferry to the island is not open in winter and on all holidays.",
            "negation", "", "not",
        ),
        (
            "第六届立法会有多少个议席？",
            "第六届立法会共有70个议席，由选举产生。",
            "第六届立法会共有170个议席，由选举产生。",
            "number", "70", "170",
        ),
    ],
)  # fmt: skip
def test_two_sources_that_differ_in_what_was_asked(
    question: str, one: str, other: str, difference: str, said: str, instead: str
) -> None:
    (found,) = conflicts(question, [quote(1, one), quote(2, other)])
    assert (found.difference, found.first, found.second) == (difference, 1, 2)
    assert said in found.said
    assert instead in found.other


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        (  # the same day, told to another depth
            OPENED,
            "The Harbour Bridge was opened on 19 March 1932.",
            "In March 1932 the Harbour Bridge was opened.",
        ),
        (  # one source tells more dates
            OPENED,
            "Planned in 1900, the Harbour Bridge was opened in 1932.",
            "The Harbour Bridge was opened in 1932.",
        ),
        (  # another matter
            OPENED,
            "The Harbour Bridge was opened in March 1932.",
            "The tunnel below the bay was dug in 1992.",
        ),
        (  # amounts of different things
            "How many workers built the bridge?",
            "The bridge was built by 1,400 workers.",
            "The bridge took 8 years to be built by its workers.",
        ),
        (  # two deeds, each with its own name
            "Who designed the Harbour Bridge?",
            "The Harbour Bridge was designed by John Bradfield.",
            "The Harbour Bridge was opened by Jack Lang.",
        ),
        (  # the same, with a name that is said before
            "Who designed the Aldmoor bridge?",
            "Anna Berg was ill when the Aldmoor bridge was designed by Anna Berg.",
            "The Aldmoor bridge was opened by Clara Voss.",
        ),
        (  # a name that both know
            "Who won the final?",
            "Simona Halep won the final against Serena Williams.",
            "Serena Williams lost the final to Simona Halep.",
        ),
    ],
)
def test_sources_that_agree_are_no_conflict(question: str, one: str, other: str) -> None:
    assert conflicts(question, [quote(1, one), quote(2, other)]) == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("written by Clara Voss", "was written by Otto Lind"),
        ("written by Clara Voss", "Otto Lind wrote it"),
        ("was created by Clara Voss", "written by Otto Lind"),
    ],
)
def test_a_deed_in_other_words_than_those_of_the_question_is_not_another_one(
    one: str, other: str
) -> None:
    texts = [f"The Glass Lantern, {said}, is a novel." for said in (one, other)]
    quotes = [quote(n, text) for n, text in enumerate(texts, start=1)]
    (found,) = conflicts("Who wrote The Glass Lantern?", quotes)
    assert {found.said, found.other} == {"Clara Voss", "Otto Lind"}


def test_two_sentences_that_touch_in_one_document_are_no_two_sources() -> None:
    first = "The Harbour Bridge was opened in March 1932."
    second = "The Harbour Bridge was opened in April 1933."
    near = [quote(1, first, "d"), Quoted(2, "d", "d", "", second, len(first), len(first + second))]
    assert conflicts(OPENED, near) == ()
    far = [quote(1, first, "d"), Quoted(2, "d", "d", "", second, 900, 900 + len(second))]
    assert len(conflicts(OPENED, far)) == 1


def test_conflicts_and_premises_are_told_in_the_language_of_the_question() -> None:
    answer = Answer(
        "", "answered", "quotes",
        conflicts=(Conflict("date", 1, "1932", 3, "1933"), Conflict("negation", 1, "", 2, "not")),
        premises=(Premise("date", "1942", 1, "1932"),),
    )  # fmt: skip
    premise, conflict, denied = notes(answer, "en")
    assert "“1942”" in premise and "“1932” [1]" in premise
    assert "“1932” [1]" in conflict and "“1933” [3]" in conflict
    assert "“not”" in denied
    assert all("资料" in note for note in notes(answer, "zh"))
    assert notes(Answer("", "answered", "quotes"), "en") == ()
