"""The next query: the names that a passage adds, and the words that are still lacking."""

import pytest

from retrieval.following import following

ASKED = "Where was the author of Brand born?"


@pytest.mark.parametrize(
    ("query", "title", "sentence", "expected"),
    [
        (ASKED, "Brand (play)", "Brand is a play by Henrik Ibsen.", "Henrik Ibsen author born"),
        (ASKED, "Brand", "Its author was born in Skien.", "Skien"),
        (ASKED, "Brand", "It is a play by José de la Vega.", "José de la Vega author born"),
        (ASKED, "Brand", "It was written, and its author born.", ""),
        ("Who owns mills?", "Mill", "The Mill's owner is Ann Lee.", "Ann Lee owns"),
        ("磨坊建于何时？", "磨坊", "磨坊在海边。", ""),
    ],
)
def test_names_come_first_then_words(query: str, title: str, sentence: str, expected: str) -> None:
    assert following(query, title, sentence) == expected


def test_a_name_stands_once() -> None:
    assert following("When?", "Ann Lee", "Ann Lee met Bo. Bo left.").split().count("Bo") == 1
