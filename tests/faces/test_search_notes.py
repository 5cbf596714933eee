"""What a search tells beside its results: words kept back on one line, each engine on its own."""

from agents.events import Asked, Entry, Found
from agents.looking import KEPT_BACK
from ui.html_steps import steps_html
from ui.html_trace import trace_html
from ui.render import step
from ui.search_notes import engines_said, words_kept
from ui.words import speaker

NOTES = (
    f"{KEPT_BACK}Brockhurst",
    f"{KEPT_BACK}4711",
    f"{KEPT_BACK}4711",
    "brave asks for fewer questions (status 429).",
    "wikipedia found nothing",
)
FOUND = Found("mill", (), NOTES)
ENGINES = "brave asks for fewer questions (status 429); wikipedia found nothing"


def test_words_and_engines_are_told_apart() -> None:
    assert words_kept(NOTES) == "Brockhurst, 4711" and words_kept(NOTES[3:]) == ""
    assert engines_said(NOTES) == ENGINES.split("; ") and engines_said(NOTES[:3]) == []


def test_a_timeline_has_a_row_for_words_and_one_for_engines() -> None:
    for language in ("en", "zh"):
        say = speaker(language)
        rows = steps_html([FOUND], say).split("<li ")[2:]
        kept, warned = rows
        assert "v-step-kept" in kept and say("chat.kept_back", words="Brockhurst, 4711") in kept
        assert "v-step-warn" in warned and say("chat.search_notes", notes=ENGINES) in warned
    assert "v-step-warn" not in steps_html([Found("mill", (), NOTES[:3])], speaker("en"))


def test_a_trace_has_a_line_for_words_and_one_for_each_engine() -> None:
    say = speaker("en")
    entries = [Entry("r", n, 1000.0 + n, event) for n, event in enumerate((Asked("Who?"), FOUND))]
    told = trace_html(entries, say)
    assert f">{say('chat.kept_back', words='Brockhurst, 4711')}<" in told
    for said in ENGINES.split("; "):
        assert f">{said}<" in told


def test_a_terminal_has_them_on_the_line_of_the_search() -> None:
    told = step(FOUND)
    assert told is not None
    assert (
        told.text == f'searched "mill": 0 results; kept from the web: Brockhurst, 4711; {ENGINES}'
    )
