"""Which pairs follow from runs, marks and comparisons, and why some are left out."""

from dataclasses import replace

import pytest

from agents import compose
from agents.claims import split
from agents.drafts import Draft
from agents.events import Verdict
from app.feedback.marks import Comparison, Mark
from app.feedback.pairs import REASONS, derive
from app.feedback.selection import INCLUDES, admitted, select_pairs
from app.learning.reward.comparing import compared

CLARA = "The engineer of the weir was Clara Voss [1]."
WRONG = "The weir at Aldmoor has never had an engineer at all [1]."
BOTH = f"{CLARA} {WRONG}"


def mark(run: str, kind: str, at: float = 1.0, **values) -> Mark:
    return Mark(f"{run}-{kind}-{at}-{values.get('by', '')}", run, kind, at=at, **values)


def found(*cases, marks=(), comparisons=()):
    return derive({case.run: case for case in cases}, list(marks), list(comparisons))


def test_one_up_and_one_down_by_one_person_is_a_pair(make_case) -> None:
    good, bad = make_case("good", CLARA, model="a"), make_case("bad", WRONG, model="b")
    marks = [mark("good", "up", tags=("clear",)), mark("bad", "down", 2.0, tags=("wrong",))]
    (pair,) = found(good, bad, marks=marks)
    assert (pair.origin, pair.chosen.text, pair.rejected.text) == ("thumbs", CLARA, WRONG)
    assert (pair.chosen.model, pair.rejected.model, pair.at) == ("a", "b", 2.0)
    assert set(pair.tags) == {"chosen:clear", "rejected:wrong"} and pair.reasons == ()
    assert pair.prompt == good.prompt


def test_thumbs_of_two_people_or_of_two_questions_are_none(make_case) -> None:
    good, bad = make_case("good", CLARA), make_case("bad", WRONG)
    assert found(good, bad, marks=[mark("good", "up", by="a"), mark("bad", "down", by="b")]) == []
    other = make_case("bad", WRONG, question="What is the weir built of?")
    assert found(good, other, marks=[mark("good", "up"), mark("bad", "down")]) == []


def test_the_latest_mark_counts(make_case) -> None:
    good, bad = make_case("good", CLARA), make_case("bad", WRONG)
    marks = [mark("good", "up"), mark("bad", "down"), mark("bad", "none", 3.0)]
    assert found(good, bad, marks=marks) == []
    assert len(found(good, bad, marks=marks[:2])) == 1
    turned = [*marks[:2], mark("good", "down", 4.0), mark("bad", "up", 5.0)]
    assert [pair.chosen.run for pair in found(good, bad, marks=turned)] == ["bad"]


def test_sides_from_other_quotes_are_left_out(make_case, quoted) -> None:
    good = make_case("good", CLARA)
    bad = make_case("bad", WRONG, quotes=(quoted("The weir had no engineer."),))
    marks = [mark("good", "up"), mark("bad", "down")]
    (pair,) = found(good, bad, marks=marks)
    assert pair.reasons == ("other quotes",)


@pytest.mark.parametrize(("overall", "chosen"), [(-2, "left"), (1, "right")])
def test_a_comparison_prefers_a_side(make_case, overall, chosen) -> None:
    cases = make_case("left", CLARA), make_case("right", WRONG)
    one = Comparison("c", "left", "right", "asked", 0, 0, overall, (1,), (1,), by="ann", at=5.0)
    (pair,) = found(*cases, comparisons=[one])
    assert (pair.chosen.run, pair.order, pair.by) == (chosen, chosen, "ann")
    assert pair.score == abs(overall) / 2 and "rejected:unsupported" in pair.tags
    assert pair.reasons == ()


def test_a_tie_is_kept_as_one_and_left_out(make_case) -> None:
    cases = make_case("left", CLARA), make_case("right", WRONG)
    (pair,) = found(*cases, comparisons=[Comparison("c", "left", "right", "asked", 1, 0, 0)])
    assert pair.reasons == ("tie",) and pair.score == 0


def test_the_last_comparison_of_two_runs_counts(make_case) -> None:
    cases = make_case("a", CLARA), make_case("b", WRONG)
    first = Comparison("c1", "a", "b", "asked", 0, 0, -1, at=1.0)
    again = Comparison("c2", "b", "a", "swapped", 0, 0, -2, at=2.0)
    (pair,) = found(*cases, comparisons=[again, first])
    assert pair.chosen.run == "b"


def test_an_edit_is_a_pair_and_left_out(make_case) -> None:
    (pair,) = found(make_case("r", WRONG), marks=[mark("r", "edit", text="Clara Voss did.")])
    assert (pair.origin, pair.chosen.text, pair.rejected.text) == ("edit", "Clara Voss did.", WRONG)
    assert pair.reasons == ("edit",) and pair.chosen.model == ""


def test_what_the_check_rewrote_is_a_pair(make_case) -> None:
    (pair,) = found(make_case("r", CLARA, draft=WRONG, rewrites=(CLARA,), at=7.0, by="ann"))
    assert (pair.origin, pair.chosen.text, pair.rejected.text) == ("self-check", CLARA, WRONG)
    assert pair.tags == ("rewritten",) and pair.reasons == () and pair.by == "ann"


def test_what_the_check_dropped_is_tagged(make_case) -> None:
    (pair,) = found(make_case("r", WRONG, draft=BOTH, dropped=True))
    assert pair.tags == ("dropped",) and pair.reasons == ()
    (pair,) = found(make_case("r", CLARA, draft=WRONG, rewrites=(BOTH,), dropped=True))
    assert pair.tags == ("rewritten", "dropped")


def test_what_the_check_left_alone_or_never_saw_is_none(make_case) -> None:
    assert found(make_case("r", CLARA)) == []
    assert found(make_case("r", CLARA, draft=WRONG, check=False)) == []


def test_repairs_by_quotes_are_tagged_and_left_out(make_case, quoted) -> None:
    alone = compose.quotes_answer((quoted(),))
    for made in (
        make_case("r", alone, draft=WRONG, form="quotes"),
        make_case("r", "No source answers this.", draft=WRONG, form="none"),
    ):
        (pair,) = found(made)
        assert "repair:quotes" in pair.tags and "repair:quotes" in pair.reasons


def test_repairs_by_browsing_again_are_tagged_and_left_out(make_case, quoted) -> None:
    made = make_case("r", CLARA, draft=WRONG, rewrites=(CLARA,))
    made = replace(made, drafted_from=(quoted("Something else stood here."),))
    (pair,) = found(made)
    assert pair.tags == ("repair:browse",) and pair.reasons == ("repair:browse",)


def test_a_sentence_put_together_by_the_program_is_left_out(make_case) -> None:
    draft = "Clara Voss was the engineer [1], and she was born in Rome [1]."
    (pair,) = found(make_case("r", "Clara Voss was the engineer [1].", draft=draft, dropped=True))
    assert "rebuilt" in pair.reasons


def test_prose_against_a_short_pick_is_left_out(make_case, quoted) -> None:
    short = compose.assemble("Clara Voss", quoted(), (quoted(),))
    prose = "Clara Voss was the one who drew the gates [1]."
    made = make_case("r", prose, draft=short, rewrites=(prose,), style="short", reply="Clara Voss")
    (pair,) = found(made)
    assert pair.reasons == ("other form",)


def test_two_ways_of_putting_one_question_are_two_prompts(make_case) -> None:
    good = make_case("good", CLARA)
    bad = make_case("bad", WRONG, rewrites=(WRONG,), draft="Otto", style="short")
    one = Comparison("c", "good", "bad", "asked", 0, 0, -2)
    (pair,) = (pair for pair in found(good, bad, comparisons=[one]) if pair.origin == "compare")
    assert "other prompt" in pair.reasons and "other quotes" not in pair.reasons


def test_a_pair_without_verdicts_is_tagged(make_case) -> None:
    made = make_case("r", CLARA, draft=WRONG, rewrites=(CLARA,), ruling="unchecked")
    assert "unchecked" in found(made)[0].tags


def test_an_answer_to_an_older_prompt_is_tagged(make_case) -> None:
    made = make_case("r", CLARA, draft=WRONG, rewrites=(CLARA,), template="write.v0")
    assert "older prompt" in found(made)[0].tags


def test_marks_on_runs_that_are_gone_give_nothing(make_case) -> None:
    marks = [mark("gone", "up"), mark("bad", "down"), mark("gone", "edit", 3.0, text="x")]
    one = Comparison("c", "gone", "bad", "asked", 0, 0, 2)
    assert found(make_case("bad", WRONG), marks=marks, comparisons=[one]) == []


def test_the_same_truth_gives_the_same_pairs_in_any_order(make_case) -> None:
    cases = [make_case(f"r{n}", f"{CLARA} {n} of them [1].", at=float(n)) for n in range(4)]
    marks = [mark(f"r{n}", "up" if n % 2 else "down", 10.0 + n) for n in range(4)]
    first = found(*cases, marks=marks)
    assert len(first) == 4 and first == found(*reversed(cases), marks=reversed(marks))
    assert len({pair.id for pair in first}) == 4


def test_every_reason_is_explained(make_case, quoted) -> None:
    good = make_case("good", CLARA, reply=None)
    bad = make_case("bad", WRONG, quotes=(quoted("Other."),), question="Why?", style="short")
    (pair,) = found(good, bad, comparisons=[Comparison("c", "good", "bad", "asked", 0, 0, 0)])
    assert set(pair.reasons) >= {"tie", "other question", "other quotes", "person"}
    assert set(pair.reasons) <= set(REASONS)


def draft(reply: str, ruling: str, text: str = "") -> Draft:
    claims = split(text or reply)
    return Draft(reply, text or reply, tuple(Verdict(c, ruling, "test", 1.0) for c in claims))


def ranked(case, *drafts: Draft):
    return found(replace(case, drafts=drafts))


def test_the_draft_that_stood_is_preferred_to_those_of_which_a_claim_fails(make_case) -> None:
    other = "Nobody has ever heard of who the engineer was [1]."
    case = make_case("a", CLARA, by="ann", at=3.0)
    drafts = (
        draft(WRONG, "unsupported"),
        draft(CLARA, "supported"),
        draft(other, "contradicted"),
        draft(f"{CLARA} It is old [1].", "supported"),
    )
    pairs = ranked(case, *drafts)
    assert {(p.chosen.text, p.rejected.text) for p in pairs} == {(CLARA, WRONG), (CLARA, other)}
    assert {(p.origin, p.by, p.at, p.reasons) for p in pairs} == {
        ("ranked", "ann", 3.0, ("ranked",))
    }
    assert {p.prompt.id for p in pairs} == {case.prompt.id} and len({p.id for p in pairs}) == 2


def test_drafts_that_judges_ranked_are_mixed_with_what_people_said_only_when_asked(
    make_case,
) -> None:
    cases = make_case("a", CLARA), make_case("left", CLARA), make_case("right", WRONG)
    drafts = (draft("Nobody knows who it was [1].", "unsupported"), draft(CLARA, "supported"))
    said = [Comparison("c", "left", "right", "asked", 0, 0, -2)]
    pairs = found(replace(cases[0], drafts=drafts), *cases[1:], comparisons=said)
    assert sorted(pair.origin for pair in pairs) == ["compare", "ranked"]
    plain = select_pairs(pairs, admitted("trl", ()))
    assert [one.origin for one in plain.examples] == ["compare"]
    assert plain.left_out == {"ranked": 1}
    both = select_pairs(pairs, admitted("trl", ("drafts",))).examples
    assert {one.origin for one in both} == {"compare", "ranked"}
    assert "drafts" not in INCLUDES["webgpt"] and "drafts" not in INCLUDES["kto"]
    assert [one.origin for one in compared(pairs)] == ["compare"], "a reward learns from people"


def test_a_draft_of_which_something_fails_too_is_preferred_to_none(make_case) -> None:
    case, worse = make_case("a", CLARA), draft(WRONG, "contradicted")
    assert ranked(case, draft(CLARA, "unsupported"), worse) == []
    assert ranked(case, draft(CLARA, "unchecked"), worse) == [], "nothing of it is carried"
    assert ranked(case, draft(CLARA, "supported"), draft(WRONG, "unchecked")) == []
    assert ranked(case, draft(CLARA, ""), draft(WRONG, "")) == []


def test_a_chosen_draft_that_did_not_stand_is_preferred_to_none(make_case) -> None:
    case = make_case("a", CLARA, draft=BOTH, dropped=True)
    (pair,) = ranked(case, draft(BOTH, "supported"), draft(WRONG, "contradicted"))
    assert pair.origin == "self-check"


def test_drafts_that_lead_their_quotes_in_are_the_prose_alone(make_case, quoted) -> None:
    quotes = (quoted(),)
    good, bad = (compose.led(text, quotes) for text in (CLARA, WRONG))
    case = make_case("a", good, style="led", reply=CLARA)
    drafts = draft(WRONG, "contradicted", bad), draft(CLARA, "supported", good)
    (pair,) = ranked(case, *drafts)
    assert (pair.chosen.completion, pair.rejected.completion) == (CLARA, WRONG)
    assert pair.chosen.words == pair.rejected.words == "model" and pair.reasons == ("ranked",)


def test_quotes_that_stood_in_for_a_draft_are_no_side_of_an_export(make_case, quoted) -> None:
    alone = compose.quotes_answer((quoted(),))
    case = make_case("a", alone, style="led", reply="Weirs are wet [1].", form="quotes")
    drafts = draft("Weirs are wet [1].", "supported", alone), draft(WRONG, "contradicted")
    (pair,) = ranked(case, *drafts)
    assert set(pair.reasons) == {"repair:quotes", "ranked"}
