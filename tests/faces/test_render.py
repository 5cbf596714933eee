"""What a run looks like: steps, answer, quotes, verdicts and changes."""

import re
from dataclasses import replace
from types import ModuleType

import pytest

from agents.events import (
    Answer,
    Answered,
    Asked,
    Claim,
    Drafted,
    Entry,
    Event,
    Forked,
    Moved,
    Refused,
    Replied,
    Returned,
    Slipped,
    Stopped,
    Used,
    Verdict,
)
from agents.view import disclosed
from ui import markdown, render, trace
from ui.lines import Line
from ui.summary import Summary, as_json, summarize


def text(lines: list[Line]) -> str:
    return "\n".join(line.text for line in lines)


@pytest.fixture
def run(fake: ModuleType) -> list[Entry]:
    found: list[Entry] = fake.entries(fake.story())
    return found


def changed(run: list[Entry], answer: Answer) -> Summary:
    return summarize([*run[:-1], replace(run[-1], event=Answered(answer))])


def test_the_answer_has_every_quote_with_number_and_place(run: list[Entry]) -> None:
    shown = text(render.answer(summarize(run)))
    assert re.findall(r"^\[(\d)\] ", shown, re.MULTILINE) == ["1", "2"]
    assert "characters 0-38" in shown
    assert "page 3" in shown and "Power > Output" in shown and "characters 39-56" in shown
    assert shown.count("/library/rance.md") == 2


@pytest.mark.parametrize("ruling", ["supported", "contradicted", "unsupported", "unchecked"])
def test_each_claim_has_its_verdict_as_sign_and_word(run: list[Entry], ruling: str) -> None:
    verdict = Verdict(Claim("It opened.", 0, 10, (1,)), ruling, "judge", 0.5)  # type: ignore[arg-type]
    shown = render.verdict_line(verdict).text
    assert re.match(rf"[^\w\s] {ruling}\s+It opened\.", shown)


def test_what_the_self_check_took_away_is_told_with_the_reason(
    run: list[Entry], fake: ModuleType
) -> None:
    shown = text(render.answer(summarize(run)))
    gone = [line for line in shown.splitlines() if line.startswith("- ")]
    assert len(gone) == 1
    assert fake.PLANTED in gone[0] and "the name is in no quote" in gone[0]
    assert not [line for line in shown.splitlines() if line.startswith("+ ")]


def test_an_unchanged_draft_is_said_to_stand(run: list[Entry]) -> None:
    summary = summarize(run)
    assert summary.answer is not None
    same = changed(run, replace(summary.answer, text=str(summary.draft)))
    assert "the draft stood" in text(render.answer(same))


def test_an_unchecked_answer_never_looks_checked(run: list[Entry]) -> None:
    asked = replace(run[0], event=Asked("q", check=False))
    summary = summarize([asked, *run[1:]])
    shown = text(render.answer(summary))
    assert "not checked" in shown and "Self-check" not in shown


def test_quotes_for_an_answer_are_marked_as_such(run: list[Entry]) -> None:
    summary = summarize(run)
    assert summary.answer is not None
    quotes = replace(summary.answer, form="quotes", outcome="partial", verdicts=())
    shown = text(render.answer(changed(run, quotes)))
    assert "not the model's own words" in shown
    assert "partial" in shown


def test_a_declined_question_says_why(run: list[Entry]) -> None:
    declined = Answer("No source answers this.", "declined", "none", "nothing on Mars was found")
    shown = text(render.answer(changed(run, declined)))
    assert "nothing on Mars was found" in shown and "Quotes" not in shown


def test_the_trace_numbers_steps_and_events_and_tells_all(run: list[Entry]) -> None:
    shown = text(trace.trace(run))
    assert re.findall(r"^step (\d)", shown, re.MULTILINE) == ["1", "2", "3", "4", "5"]
    numbers = re.findall(r"^ *(\d+) +\+", shown, re.MULTILINE)
    assert numbers == [str(entry.seq) for entry in run]
    assert "+9.00 s" in shown and "read 120 tokens" in shown and "wrote 30" in shown


def test_every_kind_of_event_has_words() -> None:
    others: list[Event] = [
        Forked(Asked("q")),
        Moved(3),
        Returned(),
        Used("calculate", "4"),
        Refused("no such link"),
        Slipped("opne 1", "write open"),
        Stopped("cancelled"),
    ]
    for event in others:
        assert trace.tell(event)[0].text.strip()


def test_a_draft_without_answer_is_not_told(run: list[Entry], fake: ModuleType) -> None:
    cut = run[:14]
    assert isinstance(cut[-1].event, Drafted)
    assert fake.PLANTED not in text(trace.trace(disclosed(cut)))
    assert as_json(summarize(disclosed(cut)))["draft"] is None
    assert len(disclosed(run)) == len(run)


def test_outside_text_cannot_reach_the_terminal(fake: ModuleType) -> None:
    events = fake.story(question=fake.NASTY, title=fake.NASTY)
    shown = text(trace.trace(fake.entries(events)))
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", shown)
    assert "tidal power evil" in shown


def test_markdown_links_cited_web_pages_only(run: list[Entry]) -> None:
    summary = summarize(run)
    assert summary.answer is not None
    first, second = summary.answer.quotes
    web = replace(second, source="https://example.org/rance", title="<i>Rance</i>")
    made = markdown.answer(changed(run, replace(summary.answer, quotes=(first, web))))
    assert made.count("](<") == 1 and "](<https://example.org/rance>)" in made
    assert "<i>" not in made and "/library/rance" in made


def test_seconds_and_tokens_are_sums_over_the_run(run: list[Entry]) -> None:
    found = as_json(summarize(run))
    assert (found["seconds"], found["tokens"], found["steps"]) == (9.0, 150, 4)


def test_tokens_read_anew_are_told_where_a_cache_spared_some(run: list[Entry]) -> None:
    assert "anew" not in render.costs(summarize(run)).text
    at = next(n for n, entry in enumerate(run) if isinstance(entry.event, Replied))
    spared = replace(run[at], event=replace(run[at].event, evaluated=60))
    told = render.costs(summarize([*run[:at], spared, *run[at + 1 :]])).text
    assert "150 tokens (120 read, 60 of them anew, 30 written)" in told


def test_the_policy_is_told_with_its_reason(fake: ModuleType) -> None:
    failed = render.step(Asked("q", policy="guided", style="short"))
    able = render.step(Asked("q", policy="model", style="prose"))
    assert failed is not None and "probe" in failed.text
    assert able is not None and "probe" not in able.text
