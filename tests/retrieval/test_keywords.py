"""BM25: terms of many scripts, queries that are only text, a stable order."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.keywords import Keywords, build
from retrieval.terms import tokens

TEXTS = [
    "Möngke Khan's 1,000 horses crossed the river.",
    "今天天气很好，我们去公园。",
    "The river bank is near the park.",
    "The river bank is near the park.",
    "",
]


def opened(folder: Path, texts: list[str]) -> Keywords:
    build(folder / "words", ((f"d{n}", text) for n, text in enumerate(texts)))
    return Keywords(folder / "words")


def test_terms_are_folded_words_numbers_characters_and_bigrams() -> None:
    assert tokens("Möngke's 1,000 caf\u00e9s") == ["mongke", "1000", "cafe"]
    assert tokens("天气好 GPT4") == ["天", "气", "好", "天气", "气好", "gpt4"]
    assert tokens("ＡＢＣ") == ["abc"]
    assert tokens("ばら") == ["ば", "ら", "ばら"]
    assert tokens("snake_case!") == ["snake", "case"]


def test_finds_words_numbers_and_chinese(tmp_path: Path) -> None:
    words = opened(tmp_path, TEXTS)
    assert words.count == len(TEXTS)
    assert words.search("mongke 1000", 3)[0][0] == 0
    assert words.search("天气怎么样", 3)[0][0] == 1
    assert words.search("nowhere", 3) == []
    assert words.search("", 3) == words.search("river", 0) == []


def test_equal_scores_stand_in_order_and_k_bounds(tmp_path: Path) -> None:
    words = opened(tmp_path, TEXTS)
    rows = [row for row, _ in words.search("river bank", 5)]
    assert rows == [2, 3, 0]
    assert [row for row, _ in words.search("river bank", 2)] == [2, 3]


def test_common_words_count_only_when_alone(tmp_path: Path) -> None:
    words = opened(tmp_path, ["the the the the what is", "horses"])
    assert [row for row, _ in words.search("what is the horses", 5)] == [1]
    assert [row for row, _ in words.search("what is the", 5)] == [0]


def test_an_index_of_nothing_finds_nothing(tmp_path: Path) -> None:
    assert opened(tmp_path, []).search("river", 5) == []


def test_any_text_is_a_query(tmp_path: Path) -> None:
    words = opened(tmp_path, TEXTS)

    @settings(max_examples=60, deadline=None)
    @given(
        st.text() | st.sampled_from(['"', "a:b", "(", "+river -bank", "[1 TO *]", "\\", "AND OR"])
    )
    def search(query: str) -> None:
        assert all(0 <= row < len(TEXTS) and score >= 0 for row, score in words.search(query, 5))

    search()
