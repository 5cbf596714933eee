"""The class of an answer by the policy, in the trace, on the page of a run and in JSON."""

from dataclasses import replace
from types import ModuleType

import pytest

from agents.events import Answered, Classified, Entry
from ui import trace
from ui.html_trace import event_html
from ui.summary import as_json, summarize
from ui.words import speaker

BAD = Classified("undesired", "undesired.lecture", "it lectures <b>", "model", ((0, 4),))
GOOD = Classified("refusal", "refusal", "it says why")


@pytest.fixture
def run(fake: ModuleType) -> list[Entry]:
    """A run whose answer was classified twice before it was shown."""
    entries: list[Entry] = fake.entries(fake.story())
    at = next(n for n, entry in enumerate(entries) if isinstance(entry.event, Answered))
    return [*entries[:at], *(replace(entries[at], event=e) for e in (BAD, GOOD)), *entries[at:]]


def test_a_trace_tells_class_rule_and_reason(run: list[Entry]) -> None:
    told = [line.text for line in trace.trace(run) if "class: " in line.text]
    assert "refusal in an undesired style" in told[0]
    assert "undesired.lecture, by the model: it lectures" in told[0]
    assert "refusal in the desired style" in told[1] and "by a rule" in told[1]


@pytest.mark.parametrize(("language", "word"), [("en", "undesired style"), ("zh", "方式不当")])
def test_the_page_of_a_run_tells_it_too_and_escapes(language: str, word: str) -> None:
    told = event_html(BAD, speaker(language))
    assert word in told and "it lectures &lt;b&gt;" in told and "<b>" not in told


def test_json_has_the_classes_in_order(run: list[Entry]) -> None:
    classes = as_json(summarize(run))["classes"]
    assert [one["class"] for one in classes] == ["undesired", "refusal"]
    assert classes[0] == {
        "class": "undesired",
        "rule": "undesired.lecture",
        "by": "model",
        "because": "it lectures <b>",
    }
