"""What a writer should learn to write: clauses that hold the answer, questions as statements."""

import pytest

from agents.statements import restated
from app.learning.writing.targets import clause, held

BRIDGE = "The Harbour Bridge was opened in March 1932 by the Premier, Jack Lang."


def test_the_sentence_that_holds_the_answer() -> None:
    text = f"It is long. {BRIDGE} Lang died later. The bridge has arches since 1932."
    assert held(text, "1932") == BRIDGE
    assert held(text, "1932", text.rindex("1932")) == "The bridge has arches since 1932."
    assert held(text, "1933") == ""


def test_a_long_sentence_ends_at_the_clause_behind_the_answer() -> None:
    long = (
        "In 1968 during the years of unrest, the guards destroyed almost everything in the old "
        "mausoleum, although some of the relics were found again by farmers many years later."
    )
    assert clause(long, "the guards") == long.split(", although")[0]
    assert clause(long, "farmers") == long.rstrip(".")


def test_a_clause_without_a_verb_does_not_stand_alone() -> None:
    long = (
        "Japanese imports, primarily the large and the small Corona, the Corolla, the Datsun and "
        "the Civic, all had four cylinder engines, which were more fuel efficient than any others."
    )
    assert clause(long, "Corolla").endswith("all had four cylinder engines")


def test_what_stands_in_brackets_goes_unless_it_is_the_answer() -> None:
    said = "The limit of 55 mph (about 88 km/h) was set in 1974."
    assert clause(said, "1974") == "The limit of 55 mph was set in 1974"
    assert clause(said, "88 km/h") == said.rstrip(".")


@pytest.mark.parametrize(
    ("question", "answer", "sentence", "said"),
    [
        ("When was the Harbour Bridge opened?", "March 1932", BRIDGE,
         "The Harbour Bridge was opened in March 1932"),
        ("When did the exhibition open?", "1901", "The exhibition opened in 1901.",
         "The exhibition opened in 1901"),
        ("Who opened the bridge?", "Jack Lang", BRIDGE, "Jack Lang opened the bridge"),
        ("What is the capital of Peru?", "Lima", "Lima, the capital, lies at the sea.",
         "The capital of Peru is Lima"),
        ("How did they get in?", "at night", "They came at night.", ""),
        ("Why did the sea rise?", "ice melted", "As ice melted, the sea rose.", ""),
    ],
)  # fmt: skip
def test_a_question_as_a_statement(question: str, answer: str, sentence: str, said: str) -> None:
    assert restated(question, answer, sentence) == said
