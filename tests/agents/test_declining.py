"""A declined question tells what was searched, and shows what came closest as no answer."""

from agents.asked import Asked
from agents.declining import declined, meaningless
from agents.events import Event, Found, Opened, Quoted
from agents.sufficiency import Sufficiency

QUOTE = Quoted(1, "d", "d.txt", "Bridges", "The tunnel was planned.", 0, 23)


def events(quoted: bool, question: str = "When was the bridge opened?") -> list[Event]:
    language = "zh" if "桥" in question else "en"
    made: list[Event] = [
        Asked(question, strictness=0.4, language=language),  # type: ignore[arg-type]
        Found(question, ()),
        Opened("d", "d.txt", "Bridges", "The tunnel was planned."),
    ]
    return [*made, QUOTE] if quoted else made


def test_the_closest_quotes_are_shown_and_said_to_be_no_answer() -> None:
    answer = declined(events(quoted=True), Sufficiency(0.123))
    assert (answer.outcome, answer.form, answer.quotes) == ("declined", "none", (QUOTE,))
    assert "“When was the bridge opened?”" in answer.text
    assert "Bridges" in answer.text
    assert "no answer" in answer.text
    assert "12 %" in answer.because and "40 %" in answer.because
    assert answer.sufficiency == 0.123
    assert QUOTE.text not in answer.text


def test_without_a_quote_there_is_nothing_close() -> None:
    answer = declined(events(quoted=False), Sufficiency(0.0))
    assert answer.quotes == ()
    assert "closest" not in answer.text
    assert answer.sufficiency is None


def test_it_is_said_in_chinese_too() -> None:
    answer = declined(events(quoted=True, question="大桥何时开通？"), Sufficiency(0.123))
    assert "不是答案" in answer.text
    assert "12 %" in answer.because


def test_nonsense_is_said_to_be_so() -> None:
    answer = meaningless([Asked("???")])
    assert (answer.outcome, answer.quotes) == ("declined", ())
    assert answer.text and answer.because
