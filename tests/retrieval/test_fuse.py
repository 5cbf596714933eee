"""Fusion: scores by the formulas, ties by row, the same whatever the order of rankings."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.fuse import DENSE, blend, fuse

RANKING = st.lists(st.integers(0, 20), unique=True, max_size=10)
SCORES = st.dictionaries(st.integers(0, 20), st.floats(0.01, 1.0), max_size=10)


def test_scores_are_sums_of_reciprocal_ranks() -> None:
    first, second, third = fuse({"dense": [7, 3], "lexical": [3, 9]})
    assert (first.row, first.found_by) == (3, ("dense", "lexical"))
    assert first.score == 1 / 62 + 1 / 61
    assert (second.row, second.score, second.found_by) == (7, 1 / 61, ("dense",))
    assert (third.row, third.found_by) == (9, ("lexical",))


def test_ties_stand_by_row() -> None:
    assert [item.row for item in fuse({"a": [5, 1], "b": [1, 5]})] == [1, 5]
    assert [item.row for item in blend({}, {5: 2.0, 1: 2.0})] == [1, 5]


@settings(deadline=None)
@given(RANKING, RANKING)
def test_every_row_once_and_no_matter_in_which_order(a: list[int], b: list[int]) -> None:
    rows = [item.row for item in fuse({"a": a, "b": b})]
    assert sorted(rows) == sorted(set(a) | set(b))
    assert rows == [item.row for item in fuse({"b": b, "a": a})]


def test_a_blend_weighs_nearness_and_the_share_of_the_best_score() -> None:
    found = blend({7: 0.6, 3: 0.4, 8: 0.2}, {3: 10.0, 9: 5.0})
    scores = {item.row: item.score for item in found}
    assert scores == pytest.approx(
        {3: DENSE * 0.25 + (1 - DENSE), 9: (1 - DENSE) / 2, 7: DENSE * 0.5, 8: 0.0}
    )
    assert [item.row for item in found] == sorted(scores, key=lambda row: -scores[row])
    assert {item.row: item.found_by for item in found} == {
        3: ("dense", "lexical"),
        9: ("lexical",),
        7: ("dense",),
        8: ("dense",),
    }


def test_one_ranking_alone_decides_alone() -> None:
    assert [(i.row, i.score) for i in blend({}, {4: 8.0, 2: 2.0})] == [(4, 1.0), (2, 0.25)]
    assert [(i.row, i.score) for i in blend({4: 0.5}, {})] == [(4, 0.5)]
    assert blend({}, {}) == []


def test_cosines_that_are_all_high_count_no_more_than_others() -> None:
    low, high = {1: 0.5, 2: 0.0}, {1: 0.9, 2: 0.8}
    words = {2: 3.0, 1: 2.4}
    assert blend(low, words)[0].score == pytest.approx(blend(high, words)[0].score)
    assert blend({1: 1.0, 2: 1.0}, words)[0].row == 2


@settings(deadline=None)
@given(SCORES, SCORES)
def test_a_blend_holds_every_row_once_best_first(
    dense: dict[int, float], lexical: dict[int, float]
) -> None:
    found = blend(dense, lexical)
    assert sorted(item.row for item in found) == sorted(dense.keys() | lexical.keys())
    scores = [item.score for item in found]
    assert all(a >= b - 1e-9 for a, b in pairwise(scores))
    assert all(-1e-9 <= score <= 1 + 1e-9 for score in scores)
