"""Copies: the grammar holds the runs of words of the quotes, and a run is found again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.copying import WORD, copy_grammar, locate
from agents.guesses import guesses
from agents.phrases import phrases, words_of

TEXT = 'The champion "Denver Broncos" won 24–10 at U.S. Field,\nfor $1.2 million.'


@given(st.data())
def test_every_run_of_words_is_found_where_it_stands(data: st.DataObject) -> None:
    found = list(WORD.finditer(TEXT))
    first = data.draw(st.integers(0, len(found) - 1))
    last = data.draw(st.integers(first, len(found) - 1))
    run = TEXT[found[first].start() : found[last].end()]
    copy = locate(f"  {run.upper()}.", ["Nothing here", TEXT])
    assert copy is not None
    assert copy.index == 1
    assert TEXT[copy.start : copy.end].casefold() == run.casefold()


@pytest.mark.parametrize("reply", ["", "...", "Bronco", "won Denver", "million dollars"])
def test_what_is_no_run_is_not_found(reply: str) -> None:
    assert locate(reply, [TEXT]) is None


def test_the_grammar_has_one_rule_a_word_and_single_spaces() -> None:
    rules = copy_grammar([TEXT, "Two words"]).splitlines()
    assert len(rules) == 1 + (1 + len(WORD.findall(TEXT))) + (1 + 2)
    assert "\\n" not in "".join(rules)


@given(st.text(alphabet="aB 1,.-\"'()é中", max_size=40))
def test_phrases_are_runs_of_their_text(text: str) -> None:
    for phrase in phrases(text, words_of(text)):
        assert phrase.text in text
        assert phrase.text == phrase.text.strip()


@pytest.mark.parametrize(
    ("question", "best"),
    [
        ("How much was paid at the field?", "$1.2 million"),
        ("Which champion won at the field?", "Denver Broncos"),
    ],
)
def test_the_likeliest_phrase_is_of_the_kind_asked_for(question: str, best: str) -> None:
    ranked = guesses(question, [TEXT])
    assert ranked[0].phrase.text == best
    assert sum(guess.odds for guess in ranked) == pytest.approx(1.0)


def test_no_phrase_is_guessed_for_a_chinese_question() -> None:
    assert guesses("大桥是什么时候开通的？", ["大桥于1932年开通。"]) == []
