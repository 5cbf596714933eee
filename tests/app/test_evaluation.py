"""Measures of retrieval against values worked out by hand; plain BM25 against its formula."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.evaluation.measures import (
    complete,
    ndcg,
    recall,
    reciprocal_rank,
    span_iou,
    span_recall,
)
from app.evaluation.plain import PlainBM25, terms
from app.evaluation.sets import Question, QuestionSet, Span, half, places, whole
from retrieval.documents import Document, Passage

RANKS = st.lists(st.integers(1, 12), min_size=1, max_size=4, unique=True)


def test_recall_is_the_share_found() -> None:
    assert [recall([1, 4, 0], k) for k in (1, 3, 4)] == [1 / 3, 1 / 3, 2 / 3]
    assert [complete([2, 5], k) for k in (4, 5)] == [0.0, 1.0]
    assert complete([2, 0], 10) == 0.0


def test_reciprocal_rank_is_that_of_the_first() -> None:
    assert reciprocal_rank([0, 4, 2], 10) == 1 / 2
    assert reciprocal_rank([11, 0], 10) == 0.0


def test_ndcg_is_the_gain_over_the_best_possible() -> None:
    assert ndcg([1], 10) == 1.0
    assert ndcg([3], 10) == pytest.approx(1 / 2)
    gained = 1 / math.log2(2) + 1 / math.log2(5)
    assert ndcg([4, 1], 10) == pytest.approx(gained / (1 + 1 / math.log2(3)))
    assert ndcg([11], 10) == 0.0
    assert ndcg(list(range(1, 13)), 10) == pytest.approx(1.0)


def test_spans_count_by_characters_each_once() -> None:
    gold = [Span("a", 10, 20), Span("b", 0, 10)]
    assert span_recall([Span("a", 0, 15)], gold) == 5 / 20
    assert span_recall([Span("a", 0, 15), Span("a", 12, 30), Span("c", 0, 99)], gold) == 10 / 20
    assert span_recall([Span("b", 0, 10)], [*gold, Span("b", 0, 10)]) == 10 / 20
    assert span_iou([Span("a", 0, 15)], gold) == 5 / (15 + 20 - 5)
    assert span_iou([Span("a", 10, 20), Span("b", 0, 10)], gold) == 1.0
    assert span_recall([], gold) == span_iou([], gold) == 0.0


@given(RANKS)
def test_measures_lie_between_nothing_and_all(ranks: list[int]) -> None:
    ranks = [0 if rank > 11 else rank for rank in ranks]
    for k in (1, 5, 10):
        every = [recall(ranks, k), ndcg(ranks, k), reciprocal_rank(ranks, k), complete(ranks, k)]
        assert all(0 <= value <= 1 + 1e-12 for value in every)
        assert complete(ranks, k) <= recall(ranks, k)
    assert recall(ranks, 1) <= recall(ranks, 5) <= recall(ranks, 10)


def passage(source: str, start: int, end: int) -> Passage:
    return Passage("d", source, "t", "x" * (end - start), start, end)


def test_a_document_takes_one_place_however_many_passages_it_has() -> None:
    ranked = [passage("a", 0, 5), passage("a", 5, 9), passage("b", 0, 4)]
    question = Question("q", "tune", (Span("b", 0, 4), Span("c", 0, 3), Span("a", 0, 9)))
    assert places(ranked, question, "document") == [2, 0, 1]


def test_a_cut_is_found_by_itself_alone() -> None:
    ranked = [passage("a", 0, 5), passage("a", 5, 9), passage("b", 0, 4)]
    question = Question("q", "tune", (Span("b", 0, 4), Span("a", 5, 9), Span("a", 0, 4)))
    assert places(ranked, question, "cut") == [3, 2, 0]


def test_passages_are_cut_as_the_set_says() -> None:
    document = Document("s", "", "one two three")
    given = QuestionSet("n", (document,), (), "cut", (((0, 3), (4, 7)),))
    assert [p.text for p in given.passages()] == ["one", "two"]
    assert [p.text for p in QuestionSet("n", (document,), ()).passages()] == ["one two three"]
    assert whole(document) == Span("s", 0, 13)


def test_halves_are_told_by_the_name() -> None:
    names = [f"article {n}" for n in range(400)]
    assert [half(name) for name in names] == [half(name) for name in names]
    assert 150 < sum(half(name) == "tune" for name in names) < 250
    assert (half("Super_Bowl_50"), half("Normans")) == ("report", "tune")


def test_plain_bm25_scores_by_its_formula() -> None:
    words = PlainBM25(["tide mill", "mill mill stone here", "bread"])
    rarity = math.log(1 + (3 - 2 + 0.5) / (2 + 0.5))
    mean = (2 + 4 + 1) / 3
    first = rarity * 2.2 / (1 + 1.2 * (0.25 + 0.75 * 2 / mean))
    second = rarity * 2 * 2.2 / (2 + 1.2 * (0.25 + 0.75 * 4 / mean))
    assert words.search("Mill!", 9) == [(1, pytest.approx(second)), (0, pytest.approx(first))]
    assert words.search("mill", 1) == [(1, pytest.approx(second))]
    assert words.search("the of zebra", 9) == []


def test_plain_bm25_leaves_words_as_they_are() -> None:
    assert terms("The Mills' max_size, 水车转") == ["mills", "max", "size", "水车", "车转"]
    assert [row for row, _ in PlainBM25(["a tie", "a tie"]).search("tie", 2)] == [0, 1]
