"""Search by words: the order of plain BM25, filters that hide nothing allowed, any text a query."""

import math
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval import words as module
from retrieval.keys import Editions, edition, keys, rising
from retrieval.terms import asked, tokens
from retrieval.words import Words, write

NONE = rising(())
TEXTS = [
    "Möngke Khan's 1,000 horses crossed the river.",
    "今天天气很好，我们去公园。",
    "The river bank is near the park.",
    "The river bank is near the park.",
    "",
]
WORDS = ("river", "bank", "park", "the", "horse", "天气", "今天天", "7")
texts = st.lists(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join), max_size=30)
queries = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join)
often = pytest.mark.parametrize("count", [15, pytest.param(500, marks=pytest.mark.prove)])


def opened(folder: Path, found: Sequence[str], each: int = 1) -> Words:
    """Index texts as documents of `each` passages; the first edition is 1."""
    named = ((int(keys(1 + n // each, each)[n % each]), text) for n, text in enumerate(found))
    write(folder / "words", before=None, added=named, dropped=NONE)
    return Words(folder / "words")


def reference(found: Sequence[str], query: str) -> dict[int, float]:
    """Score texts of fewer than 40 terms by BM25 with k1 = 1.2 and b = 0.75, as Lucene does."""
    bags = [Counter(tokens(text)) for text in found]
    mean = sum(bag.total() for bag in bags) / max(len(bags), 1)
    scores: dict[int, float] = {}
    for term in asked(query):
        often = sum(term in bag for bag in bags)
        rare = math.log(1 + (len(bags) - often + 0.5) / (often + 0.5))
        for row, bag in enumerate(bags):
            if term in bag:
                length = 1.2 * (1 - 0.75 + 0.75 * bag.total() / mean)
                gain = rare * 2.2 * bag[term] / (bag[term] + length)
                scores[row] = scores.get(row, 0.0) + gain
    return scores


def rows(found: Sequence[tuple[int, float]]) -> list[int]:
    return [edition(key) - 1 for key, _ in found]


@often
def test_ranks_as_the_formula_does(count: int) -> None:
    @settings(max_examples=count, deadline=None)
    @given(texts, queries)
    def law(found: list[str], query: str) -> None:
        with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            ranked = opened(Path(folder), found).search(query, len(found))
        expected = reference(found, query)
        assert dict(zip(rows(ranked), [score for _, score in ranked], strict=True)) == {
            row: pytest.approx(score, abs=1e-4) for row, score in expected.items()
        }
        assert ranked == sorted(ranked, key=lambda hit: (-hit[1], hit[0]))

    law()


@often
def test_a_filter_hides_what_is_outside_and_nothing_else(
    count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_SPARE", 1)
    monkeypatch.setattr(module, "_LONGER", 2)

    @settings(max_examples=count, deadline=None)
    @given(texts, queries, st.integers(1, 40), st.sets(st.integers(1, 40)))
    def law(found: list[str], query: str, k: int, allowed: set[int]) -> None:
        inside = rising(allowed)
        with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            words = opened(Path(folder), found)
            everything = words.search(query, len(found))
            expected = [hit for hit in everything if edition(hit[0]) in allowed][:k]
            for narrow in (0, 41):
                monkeypatch.setattr(module, "_NARROW", narrow)
                assert words.search(query, k, inside) == expected

    law()


def test_finds_words_numbers_and_chinese(tmp_path: Path) -> None:
    words = opened(tmp_path, TEXTS)
    assert words.count == len(TEXTS)
    assert rows(words.search("mongke 1000", 3))[0] == 0
    assert rows(words.search("天气怎么样", 3))[0] == 1
    assert rows(words.search("公园", 3)) == [1]
    assert words.search("nowhere", 3) == []
    assert words.search("", 3) == words.search("river", 0) == []


def test_a_key_is_found_as_it_was_given(tmp_path: Path) -> None:
    given_keys = [*keys(1, 3), *keys((1 << 43) - 1, 2)]
    added = [(int(key), "river") for key in given_keys]
    write(tmp_path / "words", before=None, added=reversed(added), dropped=NONE)
    assert [key for key, _ in Words(tmp_path / "words").search("river", 9)] == given_keys


def test_equal_scores_stand_in_order_of_keys_however_many_they_are(tmp_path: Path) -> None:
    many = ["river bank"] * 700
    named = [(int(keys(n, 1)[0]), text) for n, text in enumerate(many, 1)]
    write(tmp_path / "words", before=None, added=reversed(named), dropped=NONE)
    words = Words(tmp_path / "words")
    assert rows(words.search("river", 5)) == [0, 1, 2, 3, 4]
    wide = rising(range(300, 700))
    assert rows(words.search("river", 3, wide)) == [299, 300, 301]


def test_common_words_count_only_when_alone(tmp_path: Path) -> None:
    words = opened(tmp_path, ["the the the the what is", "horses"])
    assert rows(words.search("what is the horses", 5)) == [1]
    assert rows(words.search("what is the", 5)) == [0]


def test_threads_may_search_at_once(tmp_path: Path) -> None:
    words = opened(tmp_path, TEXTS * 50)
    asked = ["river bank", "天气", "horses", "park"] * 25
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda query: words.search(query, 9), asked))
    assert found == [words.search(query, 9) for query in asked]


def test_an_index_of_nothing_finds_nothing(tmp_path: Path) -> None:
    words = opened(tmp_path, [])
    assert words.count == words.dead == 0
    assert words.search("river", 5) == words.search("river", 5, rising([1])) == []


@pytest.mark.parametrize("narrow", [0, 9])
def test_how_rare_a_word_is_does_not_hang_on_the_filter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, narrow: int
) -> None:
    monkeypatch.setattr(module, "_NARROW", narrow)
    words = opened(tmp_path, ["river park", "river", "river", "bank"])
    alone = words.search("river park", 1)
    assert words.search("river park", 4, rising([1])) == alone


def test_a_wide_filter_reaches_what_stands_far_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_NARROW", 0)
    words = opened(tmp_path, ["river"] * 900 + ["bank"] * 60 + ["river and a longer text"] * 2)
    assert rows(words.search("river", 5, rising(range(901, 963)))) == [960, 961]
    assert words.search("river", 5, rising(range(901, 961))) == words.search("river", 5, NONE) == []


def test_passages_of_one_document_are_filtered_together(tmp_path: Path) -> None:
    words = opened(tmp_path, ["river", "river river", "river"] * 2, each=3)
    found = [key for key, _ in words.search("river", 9, rising([2]))]
    assert sorted(found) == keys(2, 3).tolist()


def test_any_text_is_a_query(tmp_path: Path) -> None:
    words = opened(tmp_path, TEXTS)
    odd = ['"', "a:b", "AND (", "+river -bank", "[1 TO *]", "\\", "AND OR NOT", "\x00\x1b[2J\ud800"]

    @settings(max_examples=100, deadline=None)
    @given(st.text() | st.sampled_from(odd), st.none() | st.just(rising([1, 3])))
    def search(query: str, inside: Editions | None) -> None:
        found = words.search(query, 5, inside)
        assert set(rows(found)) <= ({0, 2} if inside is not None else set(range(len(TEXTS))))
        assert all(score >= 0 for _, score in found)

    search()


def test_of_a_very_long_query_the_rarest_words_count(tmp_path: Path) -> None:
    often = [f"w{n}" for n in range(10_000)]
    words = opened(tmp_path, [" ".join(often), *often, "needle"])
    assert rows(words.search(" ".join([*often, "needle", *often]), 1)) == [10_001]
    assert words.search("x" * 100_000, 3) == []
