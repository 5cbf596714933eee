"""Checking a text on the command line, and keeping a question to a part of the library."""

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from agents.events import Answer, Answered, Asked, Claim, Claimed, Judged, Rephrased, Verdict
from ui.render import answer, step
from ui.summary import summarize
from ui.trace import trace

Vouch = Callable[..., Any]
TEXT = "It opened in 1966.\nIt yields 9 MW."


@pytest.fixture
def verified(fake: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the made-up house answer `verify`."""

    def _verify(house: Any, params: dict[str, Any]) -> Any:
        good = Verdict(Claim("It opened in 1966.", 0, 18, (1,)), "supported", "judge", 0.9, "", 1)
        bad = Verdict(Claim("It yields 9 MW.", 19, 34, (1, 2)), "contradicted", "judge", 0.8, "240")
        shown = Answer(TEXT, "partial", "prose", "1 of 2", fake.quotes(), (good, bad))
        house.events = [
            Asked(params["text"], task="verify", style="prose"),
            *fake.story()[1:8],
            Claimed(0, (good.claim, bad.claim)),
            Judged(0, good),
            Judged(0, bad),
            Answered(shown),
        ]
        return [{"entry": fake.plain(entry)} for entry in fake.entries(house.events)], {
            "run": fake.RUN
        }

    monkeypatch.setattr(fake.FakeHouse, "_verify", _verify, raising=False)


@pytest.mark.usefixtures("verified")
def test_a_text_is_shown_as_claims_with_verdicts_and_quotes(vouch: Vouch) -> None:
    ran = vouch("check", TEXT)
    assert ran.status == 0
    for shown in ("✓ supported", "It opened in 1966.", "✗ contradicted", "240", "[1]", "1 of 2"):
        assert shown in ran.out
    assert "draft" not in ran.out and "searched" in ran.err
    assert ran.house.calls[0][0] == "verify"


@pytest.mark.usefixtures("verified")
def test_a_checked_text_as_json(vouch: Vouch) -> None:
    found = json.loads(vouch("check", TEXT, "--json").out)
    assert found["answer"] == TEXT and found["draft"] is None
    assert [claim["ruling"] for claim in found["claims"]] == ["supported", "contradicted"]


@pytest.mark.usefixtures("verified")
def test_a_text_keeps_its_lines_and_may_be_piped(
    vouch: Vouch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"\n{TEXT}\n"))
    assert vouch("check").house.calls[0][1]["text"] == TEXT
    monkeypatch.setattr(sys, "stdin", io.StringIO(" \n"))
    ran = vouch("check")
    assert ran.status == 1 and not ran.house.calls


@pytest.mark.usefixtures("verified")
@pytest.mark.parametrize("command", ["ask", "check"])
def test_a_part_of_the_library_is_named(command: str, vouch: Vouch) -> None:
    flags = ["--collection", "a", "--collection", "b", "--source", "here/x.md"]
    flags += ["--tag", "old", "--tag", "draft"]
    _, given = vouch(command, "It opened in 1966.", *flags).house.calls[0]
    assert given["collections"] == ["a", "b"]
    assert given["sources"] == [str(Path("here/x.md").resolve())]
    assert given["tags"] == ["old", "draft"]


def test_a_run_tells_the_question_that_was_worked_on(fake: ModuleType) -> None:
    def told(event: Any) -> str:
        shown = step(event)
        return "".join(text for text, _ in shown.spans) if shown else ""

    assert "When did X open?" in told(Rephrased("When did X open?", "rule", 1, 4))
    assert "3 earlier turns" in told(Rephrased("When did X open?", "model", 1, 4))
    assert "left out" not in told(Rephrased("When did X open?", "model", 4, 4))
    assert told(Rephrased("When?", "as asked", 0, 4)) and told(Asked("x", task="verify"))


def test_a_trace_says_what_was_searched_and_what_was_checked(fake: ModuleType) -> None:
    events = fake.story()
    events[0] = Asked(
        TEXT, task="verify", collections=("public",), sources=("/docs",), tags=("old",)
    )
    lines = ["".join(t for t, _ in row.spans) for row in trace(fake.entries(events))]
    assert any("text to check" in row for row in lines)
    assert any("public, /docs" in row for row in lines)
    assert any("with the tag old" in row for row in lines)
    assert answer(summarize(fake.entries(events)))
