"""Rank fusion: scores by the formula, ties by row, the same whatever the order of rankings."""

from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.fuse import fuse

RANKING = st.lists(st.integers(0, 20), unique=True, max_size=10)


def test_scores_are_sums_of_reciprocal_ranks() -> None:
    first, second, third = fuse({"dense": [7, 3], "lexical": [3, 9]})
    assert (first.row, first.found_by) == (3, ("dense", "lexical"))
    assert first.score == 1 / 62 + 1 / 61
    assert (second.row, second.score, second.found_by) == (7, 1 / 61, ("dense",))
    assert (third.row, third.found_by) == (9, ("lexical",))


def test_ties_stand_by_row() -> None:
    assert [item.row for item in fuse({"a": [5, 1], "b": [1, 5]})] == [1, 5]


@settings(deadline=None)
@given(RANKING, RANKING)
def test_every_row_once_and_no_matter_in_which_order(a: list[int], b: list[int]) -> None:
    rows = [item.row for item in fuse({"a": a, "b": b})]
    assert sorted(rows) == sorted(set(a) | set(b))
    assert rows == [item.row for item in fuse({"b": b, "a": a})]
