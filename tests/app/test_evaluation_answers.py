"""Whole systems measured on question sets: what counts as right, wrong, absent and lost."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from agents.check.facts import facts
from agents.events import Asked, Claim, Quoted
from agents.models.base import Capabilities
from agents.models.scripted import ScriptedModel
from app.evaluation import answers
from app.evaluation.answer_sets import Reading, ReadingSet, load
from app.evaluation.answers import UNCHECKED, Record, Scored, measured, scored
from app.evaluation.systems import SYSTEMS, Means, Shown
from app.scoring import EmbeddingScorer
from retrieval.documents import Document
from retrieval.embed import HashEmbedder
from retrieval.errors import UserError

PAGE = "The weir at Aldmoor was finished in 1887. Its engineer was Clara Voss."
QUOTE = Quoted(1, "d", "weir", "Weir", PAGE, 0, len(PAGE))
ASKED = Reading("q", "Who was the engineer of the weir?", "report", ("Clara Voss",))
TEXTS = {"d": PAGE}


def shown(text: str, outcome: str = "answered", form: str = "prose", **values: Any) -> Shown:
    return Shown(text, outcome, form, 1.0, quotes=(QUOTE,), **values)


@pytest.mark.parametrize(
    ("text", "gold", "held"),
    [
        ("It was Clara Voss [1].", "clara voss", True),
        ("It was “Clara  Voss”.", "Clara Voss", True),
        ("It was Clara.", "Clara Voss", False),
        ("工程师是沃斯 [1]。", "沃斯", True),
        ("共有 90 个议席。", "90", True),
        ("", "", False),
    ],
)
def test_an_answer_holds_a_gold_string_or_not(text: str, gold: str, held: bool) -> None:
    assert answers.holds(text, gold) is held


def test_of_a_long_gold_answer_most_words_are_enough() -> None:
    gold = "three women wash clothes and sing by a river"
    assert answers.holds("The three women wash clothes and sing.", gold, long=True)
    assert not answers.holds("The women left.", gold, long=True)


def test_f1_is_of_the_first_sentence_and_of_characters_in_chinese() -> None:
    assert answers.f1(answers.first_sentence("Clara Voss [1].\n\n“More.” [2]"), "Clara Voss") == 1.0
    assert answers.f1("the engineer Clara Voss", "Clara Voss") == pytest.approx(0.8)
    assert answers.f1("沃斯女士", "沃斯") == pytest.approx(2 * 2 / 6)
    assert answers.f1("none", "Clara") == 0.0


def test_what_no_cited_document_holds_is_absent() -> None:
    def absent(text: str) -> bool:
        return answers.absent(Claim(text, 0, len(text), (1,)), [QUOTE], TEXTS)

    assert facts("finished in 1887")
    assert not absent("It was finished in 1887 [1].")
    assert absent("It was finished in 1901 [1].")
    assert absent("Its engineer was Otto Lind [1].")


def test_one_answer_scored() -> None:
    draft = "The engineer was Clara Voss [1]. It was finished in 1901 [1]."
    one = scored(shown(draft, draft=draft), ASKED, False, TEXTS)
    assert (one.right, one.wrong, one.claims, one.absent) == (True, False, 2, 1)
    assert (one.correct, one.lost) == (1, 0)
    cut = scored(shown("It was finished in 1887 [1].", draft=draft), ASKED, False, TEXTS)
    assert (cut.right, cut.wrong, cut.correct, cut.lost) == (False, True, 1, 1)
    none = scored(shown("No source.", "declined", "none"), ASKED, False, TEXTS)
    assert none.declined and not none.wrong and not none.claims


def test_quotes_are_no_claims_of_the_model() -> None:
    text = f"“{PAGE}” [1]"
    one = scored(shown(text, form="quotes"), ASKED, False, TEXTS)
    assert one.right and not one.prose and one.claims == 0


def test_without_its_check_the_draft_would_have_been_shown() -> None:
    one = answers.unchecked(shown("Kept [1].", draft="Draft [1].", score=0.5))
    assert (one.text, one.form, one.score) == ("Draft [1].", "prose", 0.5)
    declined = shown("No source.", "declined", "none")
    assert answers.unchecked(declined) is declined


def row(right: bool, score: float, declined: bool = False, answerable: bool = True) -> Scored:
    return Scored(answerable, declined, right, 0.0, False, 0, 0, 0, 0, score, 1.0)


def test_risk_rises_with_coverage_where_confidence_is_worth_something() -> None:
    sound = [row(True, 0.9), row(True, 0.8), row(False, 0.1)]
    turned = [row(True, 0.1), row(True, 0.2), row(False, 0.9)]
    assert answers.aurc(sound) == pytest.approx((0 + 0 + 1 / 3) / 3)
    assert answers.aurc(turned) > answers.aurc(sound)
    assert answers.curve(sound)[-1] == (1.0, pytest.approx(1 / 3))


def test_declining_is_weighed_on_both_sides() -> None:
    rows = [
        row(True, 1),
        row(False, 1, declined=True),
        row(False, 0, True, False),
        row(False, 0, False, False),
    ]
    assert answers.balanced(rows) == 0.5
    assert answers.balanced(rows[:2]) is None


def test_a_share_of_nothing_is_no_number() -> None:
    assert math.isnan(answers.share([row(True, 1)], lambda r: r.absent, lambda r: r.claims))


def means() -> Means:
    embedder = HashEmbedder()
    model = ScriptedModel(lambda messages, sampling: "Clara Voss", name="scripted")
    asked = Asked("?", model=model.name, grammar=Capabilities(8192).grammar)
    return Means(model, EmbeddingScorer(embedder), embedder, asked)


def given() -> ReadingSet:
    documents = (
        Document("weir", "Weir", PAGE),
        Document("fen", "Fen", "Moths fly over the fen in June."),
    )
    return ReadingSet("tiny", documents, (ASKED,))


def test_every_system_is_asked_and_what_is_kept_is_not_asked_again(tmp_path: Path) -> None:
    record = tmp_path / "kept.jsonl"
    first = measured(given(), "report", 5, list(SYSTEMS), means(), Record(record))
    assert set(first.systems) == {
        *SYSTEMS, *(f"{name}{UNCHECKED}" for name in SYSTEMS if name.startswith("Vouch"))
    }  # fmt: skip
    # The model of this test chooses no legal step, so where it browses itself it finds nothing.
    right = {name for name, rows in first.systems.items() if rows[0].right}
    assert set(first.systems) - right == {"Vouch by model", f"Vouch by model{UNCHECKED}"}
    lines = record.read_text("utf-8").splitlines()
    assert len(lines) == len(SYSTEMS)
    again = measured(given(), "report", 5, list(SYSTEMS), means(), Record(record))
    assert again == first and record.read_text("utf-8").splitlines() == lines


@pytest.mark.parametrize("cut", [1, 40, 0])
def test_a_line_that_a_process_died_over_is_asked_again(cut: int, tmp_path: Path) -> None:
    record = tmp_path / "kept.jsonl"
    whole = measured(given(), "report", 5, ["quotes only", "plain RAG"], means(), Record(record))
    lines = record.read_bytes().splitlines(keepends=True)
    record.write_bytes(lines[0] + lines[1][:cut])
    again = Record(record)
    assert len(again.items()) == 1 and record.read_bytes() == lines[0]
    rest = measured(given(), "report", 5, ["quotes only", "plain RAG"], means(), again)
    assert [len(rows) for rows in rest.systems.values()] == [1, 1] and rest.name == whole.name
    assert len(Record(record).items()) == 2


def test_documents_that_are_dealt_to_a_question_are_all_that_it_sees(tmp_path: Path) -> None:
    own = (Document("own", "", "The engineer of the weir was Otto Lind."),)
    reading = Reading("o", ASKED.question, "report", ("Otto Lind",), own)
    dealt = ReadingSet("dealt", (), (ASKED, reading))
    found = measured(dealt, "report", 5, ["quotes only"], means(), Record(tmp_path / "kept"))
    rights = [one.right for one in found.systems["quotes only"]]
    assert sum(rights) == 1


def test_noise_leaves_fewer_documents_that_answer(tmp_path: Path) -> None:
    item = {"id": 1, "query": "q?", "answer": [["12", "twelve"], "dozen"],
            "positive": [f"yes {n}" for n in range(5)],
            "negative": [f"no {n}" for n in range(9)]}  # fmt: skip
    (tmp_path / "rgb").mkdir()
    (tmp_path / "rgb" / "en_fact_A.json").write_text(json.dumps(item) + "\n")
    for name, held in (("rgb-en-0", 5), ("rgb-en-0.4", 3), ("rgb-en-0.8", 1), ("rgb-en-1", 0)):
        (reading,) = load(name, tmp_path).readings
        assert sum(document.text.startswith("yes") for document in reading.own) == held
        assert len(reading.own) == 5 and reading.answerable is (held > 0)
        assert set(reading.golds) <= {"12", "twelve", "dozen"}


def test_a_set_that_is_not_there_or_is_another_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is not in"):
        load("clapnq", tmp_path)
    (tmp_path / "xquad").mkdir()
    (tmp_path / "xquad" / "xquad.en.json").write_text("[]")
    with pytest.raises(UserError, match="no question set"):
        load("xquad-en", tmp_path)
