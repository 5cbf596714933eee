"""What Vouch itself says stands in the language of the question, in every language it speaks."""

import string
from collections.abc import Callable
from typing import get_args

import pytest

from agents.answers import Conflict
from agents.events import Answer, Answered, Asked, Event, Language, Quoted, Style
from agents.guided import GuidedPolicy
from agents.kit import Kit
from agents.loop import run
from agents.replay import replay
from agents.sayings import _SAYINGS, Saying, language_of, listed, reason, say


def ended(kit: Kit, asked: Asked) -> tuple[list[Event], Answer]:
    events: list[Event] = [asked]
    for _ in run(events, kit, GuidedPolicy()):
        pass
    last = events[-1]
    assert isinstance(last, Answered)
    return events, last.answer


def test_every_sentence_stands_in_every_language() -> None:
    assert set(_SAYINGS) == set(get_args(Language))
    for language in _SAYINGS.values():
        assert set(language) == set(get_args(Saying)) and all(language.values())


@pytest.mark.parametrize("saying", get_args(Saying))
def test_a_sentence_has_the_same_values_in_every_language(saying: Saying) -> None:
    held = [
        {name for _, name, _, _ in string.Formatter().parse(language[saying]) if name}
        for language in _SAYINGS.values()
    ]
    assert held[0] == held[1]
    assert language_of(say("zh", saying, **dict.fromkeys(held[0], "1"))) == "zh"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Who was the engineer?", "en"),
        ("三峡大坝有多高？", "zh"),
        ("Rance潮汐电站是什么时候建成的？", "zh"),
        ("Who was 李白?", "en"),
        ("ダムの高さは何メートルですか", "en"),
        ("", "en"),
        ("1887", "en"),
    ],
)
def test_the_language_is_that_of_the_script(text: str, language: Language) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize("style", ["short", "prose"])
def test_a_declined_question_is_declined_in_its_language(
    style: Style, scripted: Callable[..., Kit]
) -> None:
    for language in get_args(Language):
        asked = Asked("夸克有多大？", language=language, style=style)
        events, answer = ended(scripted("x"), asked)
        assert answer.outcome == "declined" and replay(events).equal
        assert ("No source" in answer.text) == (language == "en")
        assert language_of(answer.because) == language


@pytest.mark.parametrize("check", [True, False])
def test_a_picked_answer_says_so_in_the_language(check: bool, scripted: Callable[..., Kit]) -> None:
    question = "Who was the engineer of the weir at Aldmoor?"
    for language in get_args(Language):
        asked = Asked(question, language=language, check=check)
        events, answer = ended(scripted("Clara Voss"), asked)
        assert answer.quotes and isinstance(answer.quotes[0], Quoted)
        assert answer.because and language_of(answer.because) == language
        assert replay(events).equal


def test_a_conflict_is_told_beside_what_was_said_before(
    scripted: Callable[..., Kit], monkeypatch: pytest.MonkeyPatch
) -> None:
    question = "Who was the engineer of the weir at Aldmoor?"
    odd = Conflict("name", 1, "Clara Voss", 2, "Otto Lind")
    for language in get_args(Language):
        asked = Asked(question, language=language)
        _, alone = ended(scripted("Clara Voss"), asked)
        with monkeypatch.context() as patched:
            patched.setattr("agents.writing.conflicts", lambda *_: (odd,))
            _, answer = ended(scripted("Clara Voss"), asked)
        assert alone.outcome == "answered" and answer.outcome == "partial"
        assert say(language, "at odds") in answer.because and alone.because in answer.because


def test_lists_and_reasons() -> None:
    assert listed("en", ["a", "b"]) == "“a”; “b”" and listed("zh", []) == ""
    assert reason("en", "steps") == "steps" and reason("zh", "steps") != "steps"
    assert reason("zh", "unheard of") == "unheard of"
