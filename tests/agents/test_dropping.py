"""Dropping: what failed is gone to the letter, what held stays with its citations."""

from collections.abc import Callable

import pytest

from agents.actions import Back, Find, Finish, Open, Scroll, Search
from agents.claims import split
from agents.dropping import drop, is_evidence
from agents.events import Claim, Ruling, Verdict
from agents.limits import repeating

Judge = Callable[[Claim], bool]


def _verdicts(text: str, fails: Judge) -> list[Verdict]:
    rulings: dict[bool, Ruling] = {True: "unsupported", False: "supported"}
    return [Verdict(claim, rulings[fails(claim)], "test", 1.0) for claim in split(text)]


TEXT = "The weir was finished in 1887 [1]. It cost 9000 pounds [2]. Two mills stood there [1]."


def test_a_failed_sentence_goes_and_the_others_stay_as_they_were() -> None:
    kept = drop(TEXT, _verdicts(TEXT, lambda claim: "9000" in claim.text))
    assert kept == "The weir was finished in 1887 [1]. Two mills stood there [1]."


def test_nothing_is_left_if_everything_fails_and_all_if_nothing_does() -> None:
    assert drop(TEXT, _verdicts(TEXT, lambda claim: True)) == ""
    assert drop(TEXT, _verdicts(TEXT, lambda claim: False)) == TEXT


def test_of_a_sentence_that_says_two_things_the_part_that_holds_is_kept_with_its_marks() -> None:
    text = "The weir was finished in 1887 [1], and the builder was paid 9000 pounds [2]."
    claims = split(text)
    assert len(claims) == 2
    kept = drop(text, _verdicts(text, lambda claim: "9000" in claim.text))
    assert "1887" in kept and "[1]" in kept and "9000" not in kept


def test_a_part_that_leaves_its_subject_out_is_kept_with_it() -> None:
    text = "The weir was finished in 1887 [1] and has two gates [2]."
    kept = drop(text, _verdicts(text, lambda claim: "1887" in claim.text))
    assert kept == "The weir has two gates [2]."


TABLE = """The weirs:

| Name | Built | Gates |
|---|---|---|
| Upper | 1901 [1] | 3 [2] |
| Lower | 1887 [1] | 2 [2] |

They are old [1]."""


@pytest.mark.parametrize(
    ("fails", "gone", "left"),
    [
        (("3 [2]",), "3 [2]", "| Upper | 1901 [1] | – |"),
        (("1901 [1]", "3 [2]"), "Upper", "|---|---|---|\n| Lower | 1887 [1] | 2 [2] |"),
    ],
)
def test_a_failed_cell_is_emptied_and_a_row_without_any_other_goes(
    fails: tuple[str, ...], gone: str, left: str
) -> None:
    kept = drop(TABLE, _verdicts(TABLE, lambda claim: claim.text in fails))
    assert left in kept and gone not in kept
    assert kept.startswith("The weirs:\n\n| Name |") and kept.endswith("|\n\nThey are old [1].")


def test_lines_stay_lines() -> None:
    text = "Clara Voss [1].\n\n“The engineer was Clara Voss.” [1]\n“She cost 9000.” [2]"
    kept = drop(text, _verdicts(text, lambda claim: claim.text.startswith("Clara")))
    assert "Clara Voss [1].\n" not in kept
    assert kept.split("\n")[0].startswith("“The engineer")


def test_a_quote_in_marks_with_its_number_is_evidence_and_prose_is_not() -> None:
    text = (
        "Clara Voss [1].\n\n“The engineer was Clara Voss. She drew gates.” [1]\nHe said “no” [1]."
    )
    told = [(claim.text, is_evidence(text, claim)) for claim in split(text)]
    assert [evidence for _, evidence in told].count(True) >= 1
    for said, evidence in told:
        assert evidence == ("drew" in said or "engineer was" in said)


@pytest.mark.parametrize(
    ("actions", "circling"),
    [
        ([Search("a")] * 3, True),
        ([Search("a")] * 2, False),
        ([Open(1), Back()] * 3, True),
        ([Open(1), Back(), Open(2), Back(), Open(1), Back()], False),
        ([Search("a"), Open(1), Back()] * 3, True),
        ([Search("a"), Open(1), Back(), Find("x")] * 3, True),
        ([Search("a"), Open(1), Back()] * 2, False),
        ([Scroll("down")] * 3, False),
        ([Find("x")] * 3, False),
        ([Scroll("down"), Scroll("up")] * 3, True),
        ([], False),
        ([Search("a"), Search("a"), Search("a"), Finish()], False),
    ],
)
def test_circles_are_told_from_moving_on(actions: list[object], circling: bool) -> None:
    assert repeating(actions) is circling  # type: ignore[arg-type]
