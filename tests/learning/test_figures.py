"""Paired figures of two sides: what they count, their intervals, and shares of nothing."""

import random

import pytest

from app.evaluation.answers import Scored
from app.learning.figures import figures, outcomes, shares


def row(
    right: bool = True, f1: float = 0.5, answerable: bool = True, declined: bool = False,
    claims: int = 2, absent: int = 0,
) -> Scored:  # fmt: skip
    return Scored(answerable, declined, right, f1, True, claims, absent, 0, 0, 0.5, 1.0)


def test_each_figure_counts_what_it_says() -> None:
    first = [row(True, 1.0), row(False, 0.5, absent=1), row(False, 0.0, False, True, 0)]
    second = [row(False, 0.5), row(False, 0.5, declined=True), row(False, 0.9, False, False, 2, 2)]
    found = figures(first, second)
    assert (found["right"].first, found["right"].second, found["right"].n) == (0.5, 0.0, 2)
    assert (found["f1"].first, found["f1"].second) == (0.75, 0.5), "F1 of answerable ones alone"
    assert found["f1"].difference == 0.25
    assert (found["unsupported"].first, found["unsupported"].n) == (0.25, 4)
    assert found["unsupported"].second == pytest.approx(2 / 6)
    assert (found["declining"].first, found["declining"].second) == (1.0, 0.25)
    assert outcomes(first, second) == (2, 0, 1)


def test_the_same_answers_differ_by_nothing() -> None:
    rows = [
        row(bool(at % 3), at / 40, bool(at % 4), not at % 5, at % 3, at % 2) for at in range(40)
    ]
    for one in figures(rows, rows).values():
        assert (one.difference, one.low, one.high) == (0.0, 0.0, 0.0)


def test_an_interval_is_that_of_paired_questions() -> None:
    """A gain of 0.2 on every question is sure, however far questions lie apart from each other."""
    dice = random.Random(3)
    before = [row(f1=dice.random() * 0.8) for _ in range(60)]
    after = [row(f1=one.f1 + 0.2) for one in before]
    gain = figures(after, before)["f1"]
    assert gain.difference == pytest.approx(0.2)
    assert gain.low == pytest.approx(0.2) and gain.high == pytest.approx(0.2)
    mixed = [row(f1=one.f1 + (0.4 if at % 2 else -0.3)) for at, one in enumerate(before)]
    doubtful = figures(mixed, before)["f1"]
    assert doubtful.low < 0 < doubtful.high
    # The textbook error of a mean of n values, about two of which are half an interval.
    assert doubtful.high - doubtful.low == pytest.approx(2 * 1.96 * 0.35 / 60**0.5, rel=0.1)


def test_of_no_claims_none_is_unsupported_and_declining_needs_both_kinds() -> None:
    found = figures([row(claims=0)] * 3, [row(claims=2, absent=1)] * 3)
    assert found["unsupported"].difference == -0.5 and found["unsupported"].n == 0
    assert "declining" not in found and "right" in found
    assert "f1" not in figures([row(answerable=False)], [row(answerable=False)])


def test_shares_of_hits_are_paired_too() -> None:
    one = shares([1, 1, 0, 1], [1, 0, 0, 1])
    assert (one.first, one.second, one.difference, one.n) == (0.75, 0.5, 0.25, 4)
    assert one.low == 0.0 and 0.5 <= one.high <= 1.0


def test_pairs_of_one_question_are_drawn_together() -> None:
    """Ten pairs each about ten questions, on five of which the first side is right in all."""
    groups = [str(at // 10) for at in range(100)]
    first = [float(at // 10 < 5) for at in range(100)]
    apart, together = shares(first, [0.5] * 100), shares(first, [0.5] * 100, groups)
    assert together.n == apart.n == 100 and together.difference == pytest.approx(0.0)
    assert together.high - together.low > 2.5 * (apart.high - apart.low)


def test_declining_is_over_twice_the_rarer_kind() -> None:
    rows = [row() for _ in range(60)] + [row(answerable=False, declined=True)]
    assert figures(rows, rows)["declining"].n == 2
