"""The probe: an able model passes it, a careless one fails, and the score says by how much."""

import re
from collections.abc import Callable, Sequence

import pytest

from agents.kit import Kit
from agents.models.base import Message, Model, Sampling
from agents.models.scripted import ScriptedModel
from agents.probe import PASS, probe

_STOP = {"who", "was", "the", "of", "at", "why", "in", "is"}


def _words(text: str) -> set[str]:
    return {word for word in re.findall(r"[a-z0-9]+", text.lower()) if word not in _STOP}


def able(messages: Sequence[Message], sampling: Sampling) -> str:
    """Reads the transcript as a capable model would: follows the words that it shares."""
    if len(messages) == 1:
        return "1: carried"
    question = _words(messages[1].content.splitlines()[0])
    last = messages[-1].content
    if "Kept as quote" in last:
        return "finish"
    if results := re.findall(r"^\[(\d+)\] (.*)$", last, re.MULTILINE):
        return f"open {max(results, key=lambda r: len(question & _words(r[1])))[0]}"
    if lines := re.findall(r"^(\d+): (.*)$", last, re.MULTILINE):
        wanted = question - _words(last.splitlines()[0])
        return f"quote {max(lines, key=lambda line: len(wanted & _words(line[1])))[0]}"
    return f"search {' '.join(sorted(question))}"


def test_an_able_model_passes(make_kit: Callable[[Model], Kit]) -> None:
    probed = probe(make_kit(ScriptedModel(able)))
    assert probed.able and probed.score == 1.0, probed.missed


@pytest.mark.parametrize("habit", ["search Aldmoor", "open 1", "quote 1", "finish", "Sure!"])
def test_a_model_that_always_writes_the_same_fails(
    habit: str, make_kit: Callable[[Model], Kit]
) -> None:
    probed = probe(make_kit(ScriptedModel(lambda _messages, _sampling: habit)))
    assert not probed.able and probed.score < PASS
    assert len(probed.missed) == probed.cases - probed.right
