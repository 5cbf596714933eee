"""Questions that were learned from are known again in every prompt, and never measured on."""

from pathlib import Path
from typing import Any

import pytest
from own_export import ASKED, QUOTES, export, row

from agents.asked import Style
from agents.compose import write_prompt
from agents.events import Asked
from agents.prompt import browse
from app.evaluation.answer_sets import Reading, ReadingSet
from app.learning import held_out
from app.learning.held_out import asked_in, key, note, noted, own, unlearned
from retrieval.errors import UserError


@pytest.mark.parametrize("style", ["prose", "short"])
def test_the_question_of_a_writing_prompt_is_found(style: Style) -> None:
    assert asked_in(write_prompt(ASKED, QUOTES, style)[-1].content) == ASKED


def test_the_question_of_a_browsing_prompt_is_found() -> None:
    assert asked_in(browse([Asked(ASKED)])[1].content) == ASKED
    assert asked_in(ASKED) == ASKED


def test_one_question_has_one_key_however_it_is_written() -> None:
    assert key(ASKED) == key("who built  the weir at\nAldmoor?") != key("Who built the mill?")


def test_what_was_learned_from_is_left_out(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    note(first, [write_prompt(ASKED, QUOTES, "prose")[-1].content])
    note(second, ["Who built the mill?"], after=first)
    readings = [Reading(q, q, "report", ("x",)) for q in (ASKED, "Who built the mill?", "When?")]
    given = ReadingSet("tiny", (), tuple(readings))
    left = [len(unlearned(given, noted(place)).readings) for place in (first, second)]
    assert left == [2, 1] and noted(tmp_path / "none") == frozenset()
    (first / held_out.QUESTIONS).write_text("{")
    with pytest.raises(UserError, match=r"questions\.json.* cannot be read"):
        noted(first)


def test_what_an_export_keeps_aside_is_asked_over_its_quotes(tmp_path: Path) -> None:
    rows = [row("prose", "Clara Voss built it [1]."), row("short", "Clara Voss")]
    browsing = {**rows[0], "prompt": [{"role": "user", "content": "Question: x\nActions now: y"}]}
    folder = export(tmp_path / "out", [*rows, browsing])
    given = own(folder)
    assert held_out.is_export(folder) and given.long and given.name.startswith("own questions ")
    prose, short = given.asked("report")
    assert (prose.question, prose.golds) == (ASKED, ("Clara Voss built it.",))
    assert [(d.text, d.title) for d in prose.own] == [(q.text, q.title) for q in QUOTES]
    assert short.golds == ("Clara Voss",) and QUOTES[0].text in short.own[0].text


@pytest.mark.parametrize(
    ("kind", "rows", "said"),
    [("kto", [{}], "no export of preferences"), ("trl", [], "is missing"), ("trl", [{}], "read")],
)
def test_an_export_that_does_not_serve_is_one_sentence(
    kind: str, rows: list[dict[str, Any]], said: str, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=said):
        own(export(tmp_path / "out", rows, kind))
