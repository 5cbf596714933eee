"""What a question takes for granted against its source, and questions that say nothing."""

import pytest

from agents.answers import Quoted
from agents.premises import nonsense, premises

BRIDGE = "The Harbour Bridge was opened by the Premier in 1932 and had cost ten million pounds."


def told(question: str, text: str = BRIDGE) -> list[tuple[str, str, str]]:
    found = premises(question, [Quoted(1, "d", "d", "", text, 0, len(text))])
    return [(one.difference, one.asked, one.said) for one in found]


def test_a_year_that_the_source_has_otherwise() -> None:
    assert told("Which premier opened the Harbour Bridge in 1942?") == [("date", "1942", "1932")]


def test_an_amount_that_the_source_has_otherwise() -> None:
    text = "The great library of the town holds 70,000 books and was founded by monks."
    assert told("Who founded the library of the town that holds 90,000 books?", text) == [
        ("number", "90,000", "70,000")
    ]


def test_a_name_that_the_source_has_otherwise() -> None:
    text = "James Cameron directed the film of the sunken ship over three years."
    question = "How many years did Joss Whedon direct the film of the sunken ship?"
    assert told(question, text) == [("name", "Joss Whedon", "James Cameron")]


@pytest.mark.parametrize(
    "question",
    [
        "Which premier opened the Harbour Bridge in 1932?",
        "When was the Harbour Bridge opened?",
        "Which premier opened the tunnel in 1942?",  # another thing
        "Who painted the Harbour Bridge in 1942?",  # silence is no contradiction
        "大桥是谁在1942年开通的？",
    ],
)
def test_in_doubt_nothing_is_told(question: str) -> None:
    assert told(question) == []


@pytest.mark.parametrize(
    "question",
    ["???", "…", "?! ;)", "。。。", "asdkjh sdfkjh", "hhhhhhh", "qwerzxcv", "哈哈哈哈哈"],
)
def test_nonsense(question: str) -> None:
    assert nonsense(question)


@pytest.mark.parametrize(
    "question",
    [
        "Why?", "HTTP?", "nginx", "Knightsbridge", "catchphrase", "BTRFS", "rhythm", "poverty",
        "What is asdfgh?", "是谁？", "你好", "42", "C++", "Szczecin", "pytorch", "Кто?",
        "Ljubljana",
    ],
)  # fmt: skip
def test_a_word_is_no_nonsense(question: str) -> None:
    assert not nonsense(question)


def test_what_the_library_has_is_a_word() -> None:
    assert nonsense("vbnmx")
    assert not nonsense("vbnmx", ["The part vbnmx is made of steel."])
