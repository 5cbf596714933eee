"""Conflicts of sources, wrong premises and what came closest, in every face."""

from collections.abc import Sequence
from dataclasses import replace
from types import ModuleType

import pytest

from agents.answers import Conflict, Premise
from agents.events import Answered, Entry
from ui import markdown, render
from ui.html import Shown, answer_html
from ui.slack.blocks import reply
from ui.summary import Summary, as_json, summarize
from ui.words import speaker

CONFLICT = Conflict("name", 1, "Ada <b>", 1, "Eve")
PREMISE = Premise("date", "1942", 1, "1932")


def changed(fake: ModuleType, **values: object) -> tuple[list[Entry], Summary]:
    """A run whose shown answer has these values."""
    entries: list[Entry] = fake.entries(fake.story())
    made = [
        replace(e, event=Answered(replace(e.event.answer, **values)))
        if isinstance(e.event, Answered)
        else e
        for e in entries
    ]
    return made, summarize(made)


def texts(entries: Sequence[Entry], summary: Summary) -> dict[str, str]:
    """The answer as each face has it."""
    shown = Shown(summary, tuple(entry.event for entry in entries), {})
    return {
        "terminal": "\n".join(line.text for line in render.answer(summary)),
        "markdown": markdown.answer(summary),
        "slack": str(reply(summary)),
        "html": answer_html(shown, speaker("en")),
    }


@pytest.mark.parametrize("face", ["terminal", "markdown", "slack", "html"])
def test_conflicts_and_premises_are_told(fake: ModuleType, face: str) -> None:
    run = changed(fake, conflicts=(CONFLICT,), premises=(PREMISE,))
    told = texts(*run)[face]
    assert "The sources differ" in told and "Eve" in told
    assert "1942" in told and "1932" in told
    if face in ("slack", "html"):
        assert "<b>" not in told
    assert "The sources differ" not in texts(*changed(fake))[face]


def test_json_has_them_with_the_probability(fake: ModuleType) -> None:
    _, summary = changed(fake, conflicts=(CONFLICT,), premises=(PREMISE,), sufficiency=0.87)
    told = as_json(summary)
    assert told["conflicts"] == [
        {"difference": "name", "first": 1, "said": "Ada <b>", "second": 1, "other": "Eve"}
    ]
    assert told["premises"] == [{"difference": "date", "asked": "1942", "quote": 1, "said": "1932"}]
    assert told["sufficiency"] == 0.87


@pytest.mark.parametrize("face", ["terminal", "markdown", "slack", "html"])
def test_quotes_of_a_declined_question_came_closest(fake: ModuleType, face: str) -> None:
    because = "the quotes answer the question with a probability of 3 %"
    run = changed(fake, outcome="declined", form="none", because=because, sufficiency=0.03)
    told = texts(*run)[face]
    assert "What came closest" in told
    assert "probability of 3 %" in told
    assert "What came closest" not in texts(*changed(fake))[face]
