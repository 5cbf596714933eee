"""Whose words an answer is, and the prompt that is made again from the events."""

import threading
from dataclasses import replace

import pytest

from agents import answering, compose, view
from agents.events import Asked, Drafted, Prompted, Rephrased, Replied
from agents.models.base import Capabilities
from agents.models.scripted import ScriptedModel
from app.assistant import Request
from app.feedback.cases import case, drafted, prompt, shown
from app.feedback.pairs import derive
from app.store.evidence import answered

QUESTION = "Who was the engineer of the weir at Aldmoor?"
QUESTION = "Who was the engineer of the weir at Aldmoor?"
CLARA = "The engineer of the weir was Clara Voss [1]."


def test_a_run_without_an_answer_is_no_case() -> None:
    assert case("r", [Asked("Who?")]) is None


def test_the_prompt_is_the_one_that_the_model_read(bench) -> None:
    browsing = ["search engineer weir Aldmoor", "open 1", "quote 2", "finish"]
    model = ScriptedModel([*browsing, CLARA])
    run = bench.assistant(model)
    told = list(run.ask(Request("Who was the engineer of the weir at Aldmoor?"), threading.Event()))
    events = [entry.event for entry in bench.journal.entries(told[0].run)]
    made = case("r", events)
    assert made is not None and made.prompt.messages == model.prompts[4]


def test_the_stand_alone_question_counts(make_events) -> None:
    events = make_events(CLARA, question="And who built it?")
    events.insert(1, Rephrased("Who built the weir?", "rule", 1, 1))
    made = case("r", events)
    assert made is not None and made.prompt.question == "Who built the weir?"
    assert "And who built it?" not in made.prompt.messages[-1].content


def test_equal_questions_and_quotes_have_one_prompt(make_case, quoted) -> None:
    one, same = make_case("a", CLARA), make_case("b", "Clara Voss did [1].")
    other = make_case("c", CLARA, quotes=(quoted("Clara Voss drew it."),))
    assert one.prompt.id == same.prompt.id != other.prompt.id


@pytest.mark.parametrize("style", ["prose", "short", "led"])
def test_what_the_model_wrote_is_its_own(make_case, style, quoted) -> None:
    quotes = (quoted(),)
    final = {
        "prose": CLARA,
        "short": compose.assemble("Clara Voss", quoted(), quotes),
        "led": compose.led(f"Clara Voss [1]. {CLARA}", quotes),
    }[style]
    said = "Clara Voss" if style == "short" else CLARA
    side = shown(make_case("a", final, style=style, reply=said))
    assert side.words == "model"
    assert side.completion == said
    assert "“" not in side.text


def test_a_phrase_that_a_rule_put_before_the_quotes_is_not_the_model_s(make_case, quoted) -> None:
    final = compose.assemble("Clara Voss", quoted(), (quoted(),))
    assert shown(make_case("a", final, style="led", reply=CLARA)).words == "program"


def test_the_phrase_that_the_model_picked_besides_is_told_from_its_prose(
    make_events, quoted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "LIKELY", 0.05)
    quotes = (quoted(),)
    final = compose.draft(CLARA, "Who was the engineer of the weir?", quotes, "led", "Voss")
    assert final.startswith("Voss [1]. ")
    events = make_events(final, style="led", reply=CLARA)
    at = next(place for place, event in enumerate(events) if isinstance(event, Drafted))
    events[at:at] = [Prompted("write", compose.SHORT, "d", 1), Replied("Voss")]
    made = case("r", events)
    assert made is not None and made.reply == CLARA and made.picked == "Voss"
    assert shown(made).text == CLARA and shown(made).words == "model"


def test_a_pick_that_ends_in_the_prose_is_not_cut_in_two(make_events, quoted) -> None:
    quotes = (quoted(),)
    final = compose.draft("Voss [1].", QUESTION, quotes, "led", "Clara Voss")
    assert final.startswith("Clara Voss [1].")
    events = make_events(final, style="led", reply="Voss [1].")
    at = next(place for place, event in enumerate(events) if isinstance(event, Drafted))
    events[at:at] = [Prompted("write", compose.SHORT, "d", 1), Replied("Clara Voss")]
    made = case("r", events)
    assert made is not None and shown(made).text == "Clara Voss [1]."
    assert shown(made).words == "program"
    cut = [replace(e, finish="length") if e == Replied("Clara Voss") else e for e in events]
    again = case("r", cut)
    assert again is not None and not again.picked


def test_quotes_that_stand_in_are_not(make_case, quoted) -> None:
    alone = compose.quotes_answer((quoted(),))
    for made in (
        make_case("a", alone, draft=CLARA, form="quotes"),
        make_case("b", alone, form="quotes"),
        make_case("c", "No source answers this.", form="none", reply=None),
    ):
        assert shown(made).words == "quotes"
    assert drafted(make_case("d", alone, form="quotes")).words == "quotes"


def test_a_sentence_that_the_program_put_together_is_not(make_case) -> None:
    draft = "Clara Voss was the engineer [1], and she was born in Rome [1]."
    assert shown(make_case("a", "Clara Voss was the engineer [1].", draft=draft)).words == "program"
    both = f"{CLARA} She was born in Rome [1]."
    assert shown(make_case("b", CLARA, draft=both, dropped=True)).words == "model"


def test_a_text_that_nobody_generated_is_a_persons(make_case, make_events) -> None:
    assert shown(make_case("a", CLARA, reply=None)).words == "person"
    events = make_events(CLARA)
    checked = case("b", [Asked(CLARA, task="verify"), *events[1:]])
    assert checked is not None and shown(checked).words == "person"


def test_a_prompt_is_a_function_of_the_events(make_events) -> None:
    events = make_events(CLARA)
    asked, quotes = view.asked(events), view.quotes(events)
    assert prompt(asked, quotes) == prompt(asked, quotes)


@pytest.mark.parametrize("style", ["prose", "led"])
def test_of_several_drafts_the_chosen_one_is_the_model_s_and_the_others_are_kept(
    bench, style
) -> None:
    """The draft that the judges chose is made of the third reply; what it says is no program's."""
    wrong = "The engineer of the weir was Clara Voss, who died in 1950 [1]."
    browsing = ["search engineer weir Aldmoor", "open 1", "quote 2", "finish"]
    adapters = ("write",) if style == "led" else ()
    can = Capabilities(8192, "gbnf", adapters=adapters)
    model = ScriptedModel([*browsing, wrong, wrong, CLARA, "Clara Voss"], capabilities=can)
    asking = bench.assistant(model, able=style == "prose")
    request = Request(QUESTION, policy="model", best_of=3)
    told = list(asking.ask(request, threading.Event()))
    made = answered(bench.database)[0][told[0].run]
    assert made.asked.style == style and made.reply == CLARA
    assert [one.reply for one in made.drafts] == [wrong, CLARA]
    assert drafted(made).words == shown(made).words == "model"
    assert shown(made).completion == CLARA
    (pair,) = derive({made.run: made}, [], [])
    assert (pair.origin, pair.rejected.completion, pair.reasons) == ("ranked", wrong, ("ranked",))
    assert asking.replay(made.run).equal
