"""`vouch show --diff`: the draft, its verdicts, and what each repair changed."""

from agents.events import (
    Answer,
    Answered,
    Asked,
    Claim,
    Drafted,
    Entry,
    Event,
    Judged,
    Revised,
    Verdict,
)
from ui.revision import compared, revision

DRAFT = "The weir is old [1]. Otto built it [1]."
KEPT = "The weir is old [1]."


def told(*events: Event) -> list[str]:
    entries = [Entry("r", n, float(n), event) for n, event in enumerate((Asked("?"), *events))]
    return [line.text for line in revision(entries)]


def verdict(text: str, ruling: str) -> Verdict:
    return Verdict(Claim(text, 0, len(text), (1,)), ruling, "containment", 1.0, "so")  # type: ignore[arg-type]


def test_the_whole_way_from_draft_to_answer_is_told_in_order() -> None:
    lines = told(
        Drafted(DRAFT, 4, 0.25),
        Judged(0, verdict("Otto built it [1].", "unsupported")),
        Revised(3, "drop", KEPT),
        Judged(3, verdict(KEPT, "supported")),
        Answered(Answer(KEPT, "partial", "prose")),
    )
    text = "\n".join(lines)
    assert "best of 4, 25%" in lines[0] and lines[1].strip() == DRAFT
    places = [text.index(part) for part in ("Otto built", "unsupported", "left out", "[- Otto")]
    assert places == sorted(places)
    assert lines[-1] == "shown as it stands there"


def test_an_answer_that_is_no_version_of_the_draft_is_compared_too() -> None:
    lines = told(Drafted(DRAFT), Answered(Answer("“Old.” [1]", "partial", "quotes")))
    assert lines[2] == "shown" and any("[-" in line for line in lines[3:])


def test_without_a_draft_there_is_nothing_to_tell() -> None:
    (line,) = told(Answered(Answer("None.", "declined", "none")))
    assert "no draft" in line


def test_marks_show_what_went_and_what_came() -> None:
    lines = [line.text for line in compared("One two.\nThree.", "One four.\nThree.")]
    assert lines == ["  One[- two-]{+ four+}.", "  Three.", "  2 changes"]


def test_nothing_of_the_text_reaches_the_screen_raw() -> None:
    (line,) = compared("", "\x1b[31mred\x07")
    assert "\x1b" not in line.text and "\x07" not in line.text
