"""Claims: what an answer says, where it says it, and which quotes it cites for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.claims import bare, cites, split

CASES = [
    ("Denver Broncos [1].", [("Denver Broncos", (1,))]),
    ("They won [1]. They lost [2].", [("They won", (1,)), ("They lost", (2,))]),
    ("They won. [1] They lost. [2]", [("They won", (1,)), ("They lost", (2,))]),
    ("[1] They won. [2] They lost.", [("They won", (1,)), ("They lost", (2,))]),
    ("They won in 2016 [1, 3].", [("They won in 2016", (1, 3))]),
    ("They won in 2016 [1][2].", [("They won in 2016", (1, 2))]),
    ("They won in 2016 [2-4].", [("They won in 2016", (2, 3, 4))]),
    ("They won in 2016.", [("They won in 2016", ())]),
    (
        "The Broncos won the game, and the Panthers lost the game [1].",
        [("The Broncos won the game", (1,)), ("the Panthers lost the game", (1,))],
    ),
    (
        "The Broncos won [1]; the Panthers went home [2].",
        [("The Broncos won", (1,)), ("the Panthers went home", (2,))],
    ),
    (
        "The capital is Paris, which lies on the Seine [1].",
        [("The capital is Paris", (1,)), ("which lies on the Seine", (1,))],
    ),
    ("- Red was used [1]\n- Blue was used [2]", [("Red was used", (1,)), ("Blue was used", (2,))]),
    ("1. Oxygen [1]\n2. Nitrogen [2]", [("Oxygen", (1,)), ("Nitrogen", (2,))]),
    ("它建于1889年[1]。它高三百米[2]。", [("它建于1889年", (1,)), ("它高三百米", (2,))]),
    ("它建于1889年。【1】", [("它建于1889年", (1,))]),
    (
        "比赛在2016年举行，而且卡罗来纳黑豹队输了[2]。",
        [("比赛在2016年举行", (2,)), ("卡罗来纳黑豹队输了", (2,))],
    ),
]


@pytest.mark.parametrize(("answer", "expected"), CASES)
def test_an_answer_is_split_into_its_claims(
    answer: str, expected: list[tuple[str, tuple[int, ...]]]
) -> None:
    found = [(bare(claim.text).rstrip(".。; "), claim.cites) for claim in split(answer)]
    assert found == expected


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "   \n\n",
        "Here is what I found:",
        "Sure!",
        "What did they win?",
        "他们赢了什么？",
        "# The Broncos",
        "Causes:",
        "The causes are as follows:",
        "[1]",
    ],
)
def test_headings_questions_and_connectives_are_no_claims(answer: str) -> None:
    assert split(answer) == ()


@pytest.mark.parametrize(
    "answer",
    [
        "Paris, Lyon, and Marseille are cities [1].",
        "If it rains, and the wind is strong, they stay [1].",
        "She said that it was late, and the game was over [1].",
        "It is not true that he won, and the game was fair [1].",
        "They saw Rome, Athens, and the city that Xerxes burned [1].",
        'He wrote "it was cold, and we were hungry" there [1].',
    ],
)
def test_a_sentence_that_cannot_be_cut_safely_stays_whole(answer: str) -> None:
    assert [claim.text for claim in split(answer)] == [answer]


def test_a_clause_takes_the_next_marks_and_those_at_the_end() -> None:
    first, second, third = split("It is Paris, which is old [1], and the river flows north [2].")
    assert (first.cites, second.cites, third.cites) == ((1, 2), (1,), (2,))


def test_a_lead_in_that_cites_is_a_claim() -> None:
    assert [claim.cites for claim in split("These are the two winners [1]:")] == [(1,)]


def test_four_digits_in_brackets_are_no_citation() -> None:
    assert cites("as found [1999] and [12]") == (12,)


PIECES = st.sampled_from(
    ["The Broncos won", "it was 1,990.5 km", "他赢了", "[1]", "[2, 3]", "【4】", ", and ", "; ",
     ", which ", ". ", "。", "? ", "\n", "\n- ", "\n\n## ", ": ", "“", '"', "(", " ", "U.S. "]
)  # fmt: skip


@given(st.lists(PIECES, max_size=14).map("".join) | st.text(max_size=60))
def test_offsets_are_exact_ordered_and_disjoint(answer: str) -> None:
    end = 0
    for claim in split(answer):
        assert answer[claim.start : claim.end] == claim.text
        assert end <= claim.start < claim.end
        assert bare(claim.text)
        end = claim.end


@given(st.lists(PIECES, max_size=14).map("".join))
def test_a_claim_cites_only_what_its_answer_cites(answer: str) -> None:
    written = set(cites(answer))
    assert all(set(claim.cites) <= written for claim in split(answer))


def test_quoted_lines_without_full_stops_are_claims_of_their_own() -> None:
    lines = ["“dump(obj, indent=None)” [1]", "“dumps(obj, *, indent=None)” [2]", "“It is so.” [3]"]
    found = split("\n".join(lines))
    assert [claim.text for claim in found] == lines
    assert [claim.cites for claim in found] == [(1,), (2,), (3,)]
