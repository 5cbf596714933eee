"""Terms: words meet their plurals, names of code their parts, Chinese what it does not ask with."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.terms import COMMON, asked, singular, telling, tokens


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("mill", "mills"),
        ("city", "cities"),
        ("movie", "movies"),
        ("tie", "ties"),
        ("match", "matches"),
        ("cache", "caches"),
        ("box", "boxes"),
        ("class", "classes"),
        ("dish", "dishes"),
        ("house", "houses"),
        ("size", "sizes"),
        ("café", "cafés"),
        ("Mill", "mill's"),
    ],
)
def test_the_singular_and_the_plural_are_one_term(one: str, many: str) -> None:
    assert tokens(one) == tokens(many)
    assert len(tokens(one)) == 1


@pytest.mark.parametrize("word", ["glass", "virus", "gas", "is", "año", "x86s", "1990s"])
def test_what_is_no_plural_is_left(word: str) -> None:
    assert singular(word) == word


@pytest.mark.parametrize(
    ("name", "terms"),
    [
        ("parseFile", ["parsefile", "parse", "file"]),
        ("HTTPServer", ["httpserver", "http", "server"]),
        ("max_retries", ["max", "retry"]),
        ("MAX_SIZE", ["max", "size"]),
        ("Utf8Readers", ["utf8readers", "utf8", "reader"]),
        ("Paris", ["pari"]),
        ("NASA", ["nasa"]),
        ("GPT4", ["gpt4"]),
    ],
)
def test_names_of_code_give_their_parts(name: str, terms: list[str]) -> None:
    assert tokens(name) == terms


def test_numbers_and_characters() -> None:
    assert tokens("Möngke's 1,000 ＡＢＣ") == ["mongke", "1000", "abc"]
    assert tokens("天气好") == ["天", "气", "好", "天气", "气好"]
    assert tokens("ΌΡΟΣ") == tokens("όρος")


def test_common_words_are_left_out_unless_there_is_nothing_else() -> None:
    assert telling(tokens("What does the mill do")) == ["mill"]
    assert telling(tokens("what does this")) == ["what", "doe", "thi"]
    assert {"doe", "thi", "what"} <= COMMON


def test_chinese_question_words_are_not_searched_for() -> None:
    assert asked("水车是何时建的？") == [*tokens("水车"), *tokens("建的")]
    assert asked("谁建了水车") == asked("哪里建了水车")
    assert asked("什么是什么") == telling(tokens("什么是什么"))
    assert asked("Who built mills?") == ["built", "mill"]


@settings(deadline=None)
@given(st.text(max_size=60))
def test_a_text_finds_itself(text: str) -> None:
    terms = tokens(text)
    assert all(term and not term.isspace() and " " not in term for term in terms)
    assert set(asked(text)) <= set(terms) | set(tokens(" ".join(text)))
    assert bool(asked(text)) == bool(terms)
    assert tokens(text.upper()) == tokens(text.upper().lower()) or not text.isascii()
